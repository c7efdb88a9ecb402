-- Why is somebody not in the plan for 5,000 dollars?
-- Each account of the platform is in the set or counted under the first reason that applies.
SELECT
    reason,
    account_count AS accounts
FROM plan_left_out
WHERE
    platform = 'tiktok' AND currency = 'USD' AND budget = 5_000
    AND objective = 'engagements' AND min_rate = 0.02
ORDER BY accounts DESC, reason
