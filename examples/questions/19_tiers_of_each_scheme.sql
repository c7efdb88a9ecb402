-- What does "micro" mean, and what does it change?
-- The same accounts under five schemes: never compare tiers of two of them.
SELECT
    e.scheme,
    t.followers_min,
    t.followers_below,
    e.account_count,
    round(e.followers_count_median) AS followers_median,
    round(100 * e.engagement_rate_by_followers_mean, 2) AS engagement_rate_percent
FROM tier_engagement AS e
JOIN tiers AS t USING (scheme, tier)
WHERE e.tier = 'micro' AND e.platform = 'instagram' AND e.time_window = 'all_time'
ORDER BY e.scheme
