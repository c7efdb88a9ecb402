-- More reach or more engagement for the same 5,000 dollars?
-- Plans of which no other one exceeds both: the higher the least rate of each account, the fewer people.
SELECT
    rate_floor,
    round(rate_mean, 4) AS rate_mean,
    value AS people,
    spend,
    account_count AS accounts
FROM plan_frontier
WHERE platform = 'tiktok' AND currency = 'USD' AND budget = 5_000 AND objective = 'reach'
ORDER BY rate_floor
