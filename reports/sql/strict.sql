SELECT u.platform, left(coalesce(a.username, u.account_id), 40) AS account, a.niche, a.tier, u.followers_known_count AS listed,
       u.engaged_follower_count AS engaged, u.follower_engagement_rate_per_post AS rate, u.follower_engagement_rate_12 AS of_12,
       u.follower_engagement_rate AS of_all, u.post_count AS posts, u.audience_hhi AS hhi, u.audience_effective_niches AS effective_niches,
       u.reason
FROM audience AS u JOIN accounts AS a USING (platform, account_id)
WHERE u.time_window = 'all_time' AND u.followers_known_count > 0
ORDER BY u.follower_engagement_rate_per_post IS NULL, u.followers_known_count DESC, u.platform, u.account_id LIMIT $strict_shown
