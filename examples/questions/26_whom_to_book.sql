-- Whom do I book with 5,000 dollars on TikTok, and why?
-- The plan of most likes and comments: what each account costs and adds, and what speaks against it.
SELECT
    a.rank,
    a.username,
    a.price,
    round(a.added) AS engagements,
    round(a.cost_per_added, 2) AS cost_of_each,
    a.against,
    p.gap
FROM plan_accounts AS a
JOIN plans AS p USING (platform, currency, budget, objective, min_rate)
WHERE
    a.platform = 'tiktok' AND a.currency = 'USD' AND a.budget = 5_000
    AND a.objective = 'engagements' AND a.min_rate = 0
ORDER BY a.rank
