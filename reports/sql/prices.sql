SELECT p.platform, left(coalesce(p.media_type, 'any kind'), 40) AS media_type, p.currency, p.tier, t.tier_rank, p.account_count,
       p.price_p25 AS p25, p.price_median AS median, p.price_p75 AS p75, p.share_under_500,
       p.cost_per_engagement_median AS cost_per_engagement, p.range_count, p.zero_price_count
FROM price_summary AS p
JOIN top_kinds AS k
    ON k.platform = p.platform AND k.currency = p.currency AND k.media_type IS NOT DISTINCT FROM p.media_type
JOIN tier_schemes AS s ON s.is_default JOIN tiers AS t ON t.scheme = s.scheme AND t.tier = p.tier
WHERE p.compensation = 'cash' AND p.currency IS NOT NULL AND p.account_count > 0
ORDER BY p.platform, p.currency, media_type, t.tier_rank
