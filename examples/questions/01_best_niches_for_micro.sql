-- Which niches engage best among micro accounts?
-- Each account counts once, whatever it posts; a niche of fewer than three accounts with a rate says nothing.
SELECT
    e.platform,
    e.niche,
    e.account_count,
    round(100 * e.engagement_rate_by_followers_mean, 2) AS engagement_rate_percent,
    round(100 * e.engagement_rate_by_followers_p25, 2) AS first_quartile,
    round(100 * e.engagement_rate_by_followers_p75, 2) AS third_quartile,
    round(100 * a.engagement_rate_by_followers_mean, 2) AS all_sizes_percent
FROM niche_tier_engagement AS e
JOIN tier_schemes AS s ON s.scheme = e.scheme AND s.is_default
JOIN niche_engagement AS a USING (platform, niche, time_window)
WHERE e.tier = 'micro' AND e.time_window = 'all_time' AND e.account_count >= 3
ORDER BY e.engagement_rate_by_followers_mean DESC, e.platform, e.niche
