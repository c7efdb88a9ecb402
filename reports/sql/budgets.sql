SELECT b.budget, b.platform, b.currency, left(coalesce(b.media_type, 'any kind'), 40) AS media_type, b.tier, b.tier_rank,
       b.account_count, b.price_median, b.post_count_bought AS posts, b.engagements_bought AS engagements,
       b.followers_bought AS followers
FROM one_mega_or_many_micros AS b
JOIN top_kinds AS k
    ON k.platform = b.platform AND k.currency = b.currency AND k.media_type IS NOT DISTINCT FROM b.media_type
WHERE b.budget IN (500, 10000, 75000) AND b.tier IS NOT NULL
ORDER BY b.platform, b.currency, media_type, b.budget, b.tier_rank
