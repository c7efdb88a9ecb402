-- What share of the followers themselves ever likes or comments?
-- Person by person, from whole lists; likes over followers counts the same fan at each post, and strangers too.
SELECT
    u.platform,
    a.username,
    u.followers_known_count,
    u.engaged_follower_count,
    round(100 * u.follower_engagement_rate, 1) AS strict_percent,
    round(100 * u.follower_engagement_rate_low, 1) AS low,
    round(100 * u.follower_engagement_rate_high, 1) AS high,
    round(100 * e.engagement_rate_by_followers, 1) AS by_counts_percent,
    round(100 * u.non_follower_liker_share, 1) AS likers_who_do_not_follow_percent
FROM audience AS u
JOIN accounts AS a USING (platform, account_id)
JOIN account_engagement AS e USING (platform, account_id, time_window)
WHERE u.time_window = 'last_90_days' AND u.follower_engagement_rate IS NOT NULL
ORDER BY u.follower_engagement_rate DESC, u.platform, u.account_id
