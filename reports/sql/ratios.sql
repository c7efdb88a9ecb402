-- How paid posts of an account do beside its own organic ones: the middle half of the accounts that have both.
SELECT e.platform, coalesce(e.niche, '(all)') AS niche, a.tier, count(*) AS account_count,
       quantile_cont(e.paid_to_organic_ratio, 0.25) AS p25, median(e.paid_to_organic_ratio) AS median,
       quantile_cont(e.paid_to_organic_ratio, 0.75) AS p75,
       count(*) FILTER (e.paid_verdict = 'less') AS surely_below, count(*) FILTER (e.paid_verdict = 'more') AS surely_above
FROM account_engagement AS e JOIN accounts AS a USING (platform, account_id)
JOIN top_niches AS top ON top.platform = e.platform AND top.niche = e.niche
WHERE e.time_window = 'all_time' AND e.paid_to_organic_ratio IS NOT NULL AND a.tier IS NOT NULL
GROUP BY GROUPING SETS ((e.platform, a.tier), (e.platform, e.niche, a.tier))
ORDER BY ALL
