-- Whom should I write to with 500 dollars a post?
-- Ranked by the lower bound of the rate to expect on the next posts, so that one lucky post does not win.
SELECT
    r.platform,
    a.username,
    a.niche,
    a.followers_count,
    r.media_type,
    r.price,
    round(r.cost_per_engagement, 2) AS cost_per_engagement,
    round(100 * e.engagement_rate_shrunk, 2) AS shrunk_rate_percent,
    round(100 * e.engagement_rate_shrunk_low, 2) AS at_least_percent
FROM rates AS r
JOIN accounts AS a USING (platform, account_id)
JOIN account_engagement AS e USING (platform, account_id)
WHERE r.is_newest AND r.compensation = 'cash' AND r.currency = 'USD' AND r.price BETWEEN 1 AND 500
    AND e.time_window = 'last_90_days' AND e.engagement_rate_shrunk_low IS NOT NULL
ORDER BY e.engagement_rate_shrunk_low DESC, r.platform, r.account_id, r.media_type
