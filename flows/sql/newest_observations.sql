SELECT platform, max(observed_at)
FROM (SELECT platform, observed_at FROM account_snapshots UNION ALL SELECT platform, observed_at FROM posts)
GROUP BY platform
ORDER BY platform
