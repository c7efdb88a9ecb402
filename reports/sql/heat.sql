SELECT e.platform, e.niche, e.tier, t.tier_rank, e.account_count, e.post_known_count,
       e.engagement_rate_by_followers_mean AS rate, e.engagement_rate_by_followers_median AS median,
       e.engagement_rate_by_followers_mean_low AS mean_low, e.engagement_rate_by_followers_mean_high AS mean_high,
       e.engagement_rate_by_followers_p25 AS p25, e.engagement_rate_by_followers_p75 AS p75
FROM niche_tier_engagement AS e
JOIN tier_schemes AS s ON s.scheme = e.scheme AND s.is_default
JOIN tiers AS t ON t.scheme = e.scheme AND t.tier = e.tier
JOIN top_niches USING (platform, niche)
WHERE e.time_window = 'all_time'
ORDER BY e.platform, e.niche, t.tier_rank
