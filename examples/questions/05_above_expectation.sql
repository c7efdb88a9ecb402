-- Who does better than accounts of the same size, and than their peers?
-- Lift compares likes with what is usual at that size on the platform; peers share platform, niche and tier.
SELECT
    e.platform,
    a.username,
    e.niche,
    a.tier,
    e.followers_count,
    round(e.engagement_lift, 2) AS lift,
    e.expected_basis,
    round(100 * e.engagement_rate_by_followers, 2) AS engagement_rate_percent,
    coalesce(round(e.peer_percentile, 2)::VARCHAR, e.peer_reason) AS peer_percentile
FROM account_engagement AS e
JOIN accounts AS a USING (platform, account_id)
WHERE e.time_window = 'all_time' AND e.engagement_lift > 1.5 AND e.post_known_count >= 6
ORDER BY e.engagement_lift DESC, e.platform, e.account_id
