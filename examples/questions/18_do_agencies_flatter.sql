-- Does the agency print better figures than its exports give?
SELECT
    v.account_id,
    a.username,
    v.source,
    round(100 * v.published_value, 2) AS claimed_percent,
    round(100 * v.computed_value, 2) AS our_percent,
    round(v.published_value / v.computed_value, 2) AS claimed_over_ours
FROM published_vs_computed AS v
JOIN accounts AS a USING (platform, account_id)
WHERE v.metric = 'engagement_rate_by_followers' AND v.computed_value > 0 AND v.published_value IS NOT NULL
ORDER BY claimed_over_ours DESC, v.platform, v.account_id
