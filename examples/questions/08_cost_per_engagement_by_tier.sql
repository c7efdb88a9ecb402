-- What does a like or comment cost at each size?
SELECT
    p.platform,
    p.tier,
    p.media_type,
    p.currency,
    p.account_count,
    round(p.price_median) AS price_median,
    round(p.cost_per_engagement_median, 2) AS cost_per_engagement,
    round(p.cost_per_1000_followers_median, 2) AS cost_per_1000_followers
FROM price_summary AS p
JOIN tiers AS t ON t.scheme = 'article' AND t.tier = p.tier
WHERE p.compensation = 'cash' AND p.currency = 'USD' AND p.account_count > 0
ORDER BY p.platform, t.tier_rank, p.media_type
