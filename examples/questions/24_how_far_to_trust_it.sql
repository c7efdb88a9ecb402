-- How far may the ranking be trusted on this data?
-- One post of each account held back: 0.95 of them should lie in the interval. The smaller the error, the better it is foretold.
SELECT
    c.platform,
    c.rate,
    c.posts_seen,
    sum(c.account_count)::BIGINT AS account_count,
    round(sum(c.next_held_count) / sum(c.account_count), 3) AS held,
    round(sqrt(sum(c.account_count * c.raw_error_log ** 2) / sum(c.account_count)), 3) AS error_of_own_rate,
    round(sqrt(sum(c.account_count * c.expected_error_log ** 2) / sum(c.account_count)), 3) AS error_of_what_is_usual,
    round(sqrt(sum(c.account_count * c.shrunk_error_log ** 2) / sum(c.account_count)), 3) AS error_of_expected_rate,
    (SELECT count(*) FROM shrunk_rates AS s WHERE s.platform = c.platform AND s.rate = c.rate) AS rows_in_shrunk_rates
FROM rate_calibration AS c
GROUP BY c.platform, c.rate, c.posts_seen
ORDER BY c.platform, c.rate, min(c.posts_seen = '13 or more'), c.posts_seen
