-- Do sponsored posts engage less than organic ones?
-- A ratio below 1 says less; where the interval holds 1 nothing is shown. Few posts are fewer than eight of known rate on a side. A verdict
-- without an interval is by an exact test of medians: of posts that are all alike, or without any engagement.
SELECT
    e.platform,
    a.username,
    e.sponsored_post_count,
    e.organic_post_count,
    round(e.paid_to_organic_ratio, 2) AS paid_to_organic,
    round(e.paid_to_organic_ratio_low, 2) AS low,
    round(e.paid_to_organic_ratio_high, 2) AS high,
    e.paid_verdict
FROM account_engagement AS e
JOIN accounts AS a USING (platform, account_id)
WHERE e.time_window = 'all_time' AND e.paid_verdict IS NOT NULL
ORDER BY e.paid_verdict IN ('cannot_tell', 'few_posts'), e.paid_to_organic_ratio, e.platform, e.account_id
