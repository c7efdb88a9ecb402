-- Do sponsored posts engage less than organic ones?
-- A ratio below 1 says less; where the interval holds 1 nothing is shown. Three posts of known rate on each side.
SELECT
    e.platform,
    a.username,
    e.sponsored_post_count,
    e.organic_post_count,
    round(e.paid_to_organic_ratio, 2) AS paid_to_organic,
    round(e.paid_to_organic_ratio_low, 2) AS low,
    round(e.paid_to_organic_ratio_high, 2) AS high,
    CASE WHEN high < 1 THEN 'less' WHEN low > 1 THEN 'more' ELSE 'cannot tell' END AS verdict
FROM account_engagement AS e
JOIN accounts AS a USING (platform, account_id)
WHERE e.time_window = 'all_time' AND e.paid_to_organic_ratio IS NOT NULL
ORDER BY verdict = 'cannot tell', e.paid_to_organic_ratio, e.platform, e.account_id
