-- Whom should I book with 2,500 dollars, if every account must have a rate of 2 % or more?
-- What each adds, why it is in the set, and what speaks against it. `plans` has what the set brings and what no set exceeds,
-- `plan_left_out` who is not in it and why; `tierwise plan` answers for other budgets, topics and sizes.
SELECT
    rank,
    coalesce(username, account_id) AS account,
    price,
    round(added) AS engagements_added,
    why,
    against
FROM plan_accounts
WHERE platform = 'instagram' AND currency = 'USD' AND budget = 2_500 AND objective = 'engagements' AND min_rate = 0.02
ORDER BY rank
