-- How well held-back posts are foretold, over all tiers and numbers of posts.
SELECT platform, sum(account_count)::BIGINT AS account_count, sum(next_held_count) / sum(account_count) AS held,
       sqrt(sum(account_count * raw_error_log ** 2) / sum(account_count)) AS raw_error,
       sqrt(sum(account_count * shrunk_error_log ** 2) / sum(account_count)) AS shrunk_error
FROM rate_calibration WHERE rate = 'engagement_rate_by_followers' AND platform IN (SELECT platform FROM top_niches)
GROUP BY platform ORDER BY platform
