-- How fresh is each platform, and up to when do the figures go?
-- Figures are as of the newest observation of all, not of today: a platform that lags behind it is stale.
SELECT
    s.platform,
    count(DISTINCT s.account_id) AS accounts_observed,
    max(s.observed_at) AS followers_seen,
    any_value(p.published_at) AS newest_post,
    any_value(l.as_of) AS figures_as_of,
    date_diff('day', followers_seen, figures_as_of) AS days_behind
FROM account_snapshots AS s
LEFT JOIN (SELECT platform, max(published_at) AS published_at FROM posts GROUP BY platform) AS p USING (platform)
CROSS JOIN (SELECT as_of FROM run_log ORDER BY run_sequence DESC LIMIT 1) AS l
GROUP BY s.platform
ORDER BY days_behind DESC, s.platform
