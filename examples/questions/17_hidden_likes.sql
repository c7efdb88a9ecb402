-- How much is not known because likes are hidden?
-- Such a post is in no mean; an account below half has no rate and says so.
SELECT
    platform,
    count(*) AS accounts_with_posts,
    sum(post_count)::BIGINT AS posts,
    round(100 * sum(likes_coverage_ratio * post_count) / sum(post_count), 1) AS likes_known_percent,
    count(*) FILTER (WHERE likes_coverage_ratio < 1) AS accounts_hiding_some,
    count(*) FILTER (WHERE reason = 'hidden_likes') AS accounts_without_a_rate
FROM account_engagement
WHERE time_window = 'all_time' AND post_count > 0
GROUP BY platform
ORDER BY platform
