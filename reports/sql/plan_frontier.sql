SELECT p.platform, p.currency, p.budget::DOUBLE AS budget, p.objective, p.rate_floor, p.account_count, left(p.usernames, 60) AS accounts,
       p.spend::DOUBLE AS spend, p.value, p.bound, p.gap, p.rate_mean
FROM plan_frontier AS p
JOIN top_markets AS m USING (platform, currency)
WHERE p.account_count > 0 AND p.rate_mean IS NOT NULL
ORDER BY p.platform, p.currency, p.objective, p.budget, p.rate_floor
