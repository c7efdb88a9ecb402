-- What a budget buys at each tier, at the median price of a post paid in cash: posts, their followers (counted as often as they follow) and likes plus comments
SELECT
    b.budget,
    p.platform,
    p.currency,
    p.media_type,
    p.tier,
    t.tier_rank,
    p.account_count,
    p.price_median,
    floor(b.budget / p.price_median)::BIGINT AS post_count_bought,
    post_count_bought * p.price_median AS cost,
    post_count_bought * p.followers_count_median AS followers_bought,
    post_count_bought * p.engagement_count_mean_median AS engagements_bought,
    p.cost_per_engagement_median
FROM price_summary AS p
CROSS JOIN (VALUES (500), (1_000), (5_000), (10_000), (25_000), (75_000), (250_000)) AS b(budget)
JOIN tier_schemes AS s ON s.is_default
JOIN tiers AS t ON t.scheme = s.scheme AND t.tier = p.tier
WHERE p.compensation = 'cash' AND p.currency IS NOT NULL AND p.account_count > 0
ORDER BY b.budget, p.platform, p.currency, p.media_type NULLS FIRST, t.tier_rank
