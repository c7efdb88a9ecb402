SELECT p.platform, p.currency, p.budget::DOUBLE AS budget, p.objective, p.min_rate, p.account_count, p.candidate_count,
       p.spend::DOUBLE AS spend, p.value, p.bound, p.gap, p.expected, p.expected_low, p.expected_high,
       p.unique_reach_count_low AS reach_low, p.unique_reach_count_high AS reach_high, p.rate_mean, p.notes
FROM plans AS p
JOIN top_markets AS m USING (platform, currency)
ORDER BY p.platform, p.currency, p.objective, p.budget, p.min_rate
