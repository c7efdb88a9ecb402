-- What does being paid do to accounts of one size, all of them together?
-- Few posts of one account tell nothing; many accounts with few posts do. One further account lies between the last two.
SELECT
    platform,
    tier,
    account_count,
    round(paid_to_organic_ratio, 2) AS paid_to_organic,
    round(paid_to_organic_ratio_low, 2) AS low,
    round(paid_to_organic_ratio_high, 2) AS high,
    round(paid_to_organic_ratio_next_low, 2) AS next_low,
    round(paid_to_organic_ratio_next_high, 2) AS next_high
FROM paid_to_organic_pooled
WHERE time_window = 'all_time' AND pooled_reason IS NULL
ORDER BY platform, tier <> '(all)', tier
