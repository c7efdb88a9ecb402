-- Engagement per niche and tier of the default scheme over all time, in percent for reading
SELECT
    e.platform,
    e.niche,
    e.tier,
    e.account_count,
    e.post_count,
    e.followers_count_mean::BIGINT AS followers_count_mean,
    round(100 * e.engagement_rate_by_followers_mean, 2) AS engagement_rate_percent,
    round(100 * e.engagement_rate_by_followers_median, 2) AS engagement_rate_percent_median
FROM niche_tier_engagement AS e
JOIN tier_schemes AS s ON s.scheme = e.scheme AND s.is_default
LEFT JOIN tiers AS t ON t.scheme = e.scheme AND t.tier = e.tier
WHERE e.time_window = 'all_time'
ORDER BY e.platform, e.niche, t.tier_rank
