-- What a mega account that the budget can pay brings, beside the best set of smaller ones for its price.
WITH rates AS (
    SELECT platform, account_id, engagement_rate_shrunk AS rate, followers_count FROM account_engagement WHERE time_window = 'all_time'
),
megas AS (
    SELECT m.*, left(coalesce(m.username, m.account_id), 40) AS mega FROM mega_alternatives AS m
    JOIN top_markets AS t USING (platform, currency)
    WHERE m.answer = 'same_price'
    QUALIFY dense_rank() OVER (PARTITION BY m.platform, m.currency ORDER BY m.price, m.account_id) <= $megas_shown
),
members AS (
    SELECT m.platform, m.account_id, m.currency, m.objective, unnest(string_split(m.account_ids, '; ')) AS member FROM megas AS m
),
of_sets AS (
    SELECT s.platform, s.account_id, s.currency, s.objective, sum(r.rate * r.followers_count) / sum(r.followers_count) AS rate
    FROM members AS s
    JOIN rates AS r ON r.platform = s.platform AND r.account_id = s.member AND r.rate IS NOT NULL
    GROUP BY ALL
),
points AS (
    SELECT m.platform, m.currency, m.objective, m.price, 'one mega account' AS what, m.mega AS accounts, 1 AS account_count, m.value,
           r.rate AS rate_mean
    FROM megas AS m JOIN rates AS r USING (platform, account_id)
    UNION ALL
    SELECT m.platform, m.currency, m.objective, m.price, 'smaller ones for its price', left(m.usernames, 60), m.account_count,
           m.set_value, s.rate
    FROM megas AS m JOIN of_sets AS s USING (platform, account_id, currency, objective)
)
SELECT p.platform, p.currency, b.budget::DOUBLE AS budget, p.objective, p.what, p.accounts, p.account_count, p.price::DOUBLE AS spend,
       p.value, p.rate_mean
FROM points AS p
JOIN (SELECT DISTINCT platform, currency, objective, budget FROM plans) AS b
    ON b.platform = p.platform AND b.currency = p.currency AND b.objective = p.objective AND p.price <= b.budget
WHERE p.value > 0 AND p.rate_mean IS NOT NULL
ORDER BY p.platform, p.currency, p.objective, b.budget, p.price, p.what, p.accounts
