SELECT p.platform, p.currency, p.budget::DOUBLE AS budget, p.objective, p.min_rate, p.reason, p.account_count
FROM plan_left_out AS p
JOIN top_markets AS m USING (platform, currency)
ORDER BY p.platform, p.currency, p.objective, p.budget, p.min_rate, p.account_count DESC, p.reason
