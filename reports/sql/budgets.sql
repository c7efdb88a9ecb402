-- One post of each account, the cheapest first: what a budget buys at each tier.
WITH quotes AS (
    SELECT platform, account_id, media_type, currency, max(price) AS price
    FROM rates
    WHERE is_newest AND compensation = 'cash' AND currency IS NOT NULL AND price > 0
    GROUP BY ALL
),
priced AS (
    SELECT q.*, a.tier, a.followers_count, e.engagement_count_mean,
           sum(q.price) OVER (PARTITION BY q.platform, q.currency, q.media_type, a.tier
                              ORDER BY q.price, q.account_id ROWS UNBOUNDED PRECEDING) AS spent
    FROM quotes AS q
    JOIN accounts AS a USING (platform, account_id)
    LEFT JOIN account_engagement AS e
        ON e.platform = q.platform AND e.account_id = q.account_id AND e.time_window = 'all_time'
    WHERE a.tier IS NOT NULL
)
SELECT b.budget, p.platform, p.currency, left(coalesce(p.media_type, 'any kind'), 40) AS media_type, p.tier, t.tier_rank,
       count(*) AS account_count, median(p.price::DOUBLE) AS price_median,
       count(*) FILTER (p.spent <= b.budget) AS posts,
       sum(p.engagement_count_mean) FILTER (p.spent <= b.budget)::DOUBLE AS engagements,
       sum(p.followers_count) FILTER (p.spent <= b.budget)::BIGINT AS followers
FROM priced AS p
JOIN top_kinds AS k
    ON k.platform = p.platform AND k.currency = p.currency AND k.media_type IS NOT DISTINCT FROM p.media_type
CROSS JOIN (VALUES (500), (10_000), (75_000)) AS b (budget)
JOIN tier_schemes AS s ON s.is_default
LEFT JOIN tiers AS t ON t.scheme = s.scheme AND t.tier = p.tier
GROUP BY ALL
ORDER BY p.platform, p.currency, media_type, b.budget, t.tier_rank
