-- Figures that exports claim of accounts (those of posts are in published_metrics alone) beside our own of the same name, over all time; ours is null where it cannot be computed
SELECT
    p.platform,
    p.account_id,
    p.metric,
    p.source,
    p.observed_at,
    p.value AS published_value,
    CASE p.metric
        WHEN 'engagement_rate_by_followers' THEN e.engagement_rate_by_followers
        WHEN 'like_rate_by_followers' THEN e.like_rate_by_followers
        WHEN 'followers_count' THEN e.followers_count
    END AS computed_value,
    computed_value - published_value AS difference,
    a.tier,
    a.niche
FROM published_metrics AS p
LEFT JOIN account_engagement AS e
    ON e.platform = p.platform AND e.account_id = p.account_id AND e.time_window = 'all_time'
LEFT JOIN accounts AS a ON a.platform = p.platform AND a.account_id = p.account_id
WHERE p.post_id IS NULL
