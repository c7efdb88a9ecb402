SELECT a.platform, count(*) AS account_count, max(a.observed_at)::DATE::VARCHAR AS newest_observation
FROM accounts AS a GROUP BY ALL ORDER BY account_count DESC, a.platform LIMIT $platforms_shown
