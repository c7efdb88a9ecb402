-- What a budget buys at each tier, one post of each account, the cheapest first and paid in cash: which accounts, their followers (counted as often as they follow) and the likes plus comments their posts get on average
WITH quotes AS (
    SELECT
        platform,
        account_id,
        media_type,
        currency,
        max(price) AS price,
        max(cost_per_engagement) AS cost_per_engagement
    FROM rates
    WHERE is_newest AND compensation = 'cash' AND currency IS NOT NULL AND price > 0
    GROUP BY ALL
),
priced AS (
    SELECT
        q.*,
        a.tier,
        a.followers_count,
        e.engagement_count_mean,
        sum(q.price) OVER (
            PARTITION BY q.platform, q.currency, q.media_type, a.tier
            ORDER BY q.price, q.account_id
            ROWS UNBOUNDED PRECEDING
        ) AS spent
    FROM quotes AS q
    LEFT JOIN accounts AS a USING (platform, account_id)
    LEFT JOIN account_engagement AS e
        ON e.platform = q.platform AND e.account_id = q.account_id AND e.time_window = 'all_time'
)
SELECT
    b.budget,
    p.platform,
    p.currency,
    p.media_type,
    p.tier,
    t.tier_rank,
    count(*) AS account_count,
    median(p.price::DOUBLE) AS price_median,
    count(*) FILTER (p.spent <= b.budget) AS post_count_bought,
    coalesce(sum(p.price) FILTER (p.spent <= b.budget), 0)::DOUBLE AS cost,
    CASE
        WHEN post_count_bought = 0 THEN 0
        ELSE sum(p.followers_count) FILTER (p.spent <= b.budget)
    END::BIGINT AS followers_bought,
    CASE
        WHEN post_count_bought = 0 THEN 0
        ELSE sum(p.engagement_count_mean) FILTER (p.spent <= b.budget)
    END::DOUBLE AS engagements_bought,
    count(*) FILTER (p.spent <= b.budget AND p.engagement_count_mean IS NULL) AS engagement_unknown_count,
    coalesce(list(p.account_id ORDER BY p.price, p.account_id) FILTER (p.spent <= b.budget), []) AS account_ids,
    median(p.cost_per_engagement) AS cost_per_engagement_median
FROM priced AS p
CROSS JOIN (VALUES (500), (1_000), (5_000), (10_000), (25_000), (75_000), (250_000)) AS b(budget)
JOIN tier_schemes AS s ON s.is_default
LEFT JOIN tiers AS t ON t.scheme = s.scheme AND t.tier = p.tier
GROUP BY b.budget, p.platform, p.currency, p.media_type, p.tier, t.tier_rank
ORDER BY b.budget, p.platform, p.currency, p.media_type NULLS FIRST, t.tier_rank NULLS LAST
