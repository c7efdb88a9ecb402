SELECT e.platform, e.niche, a.tier, e.followers_count AS followers, e.like_count_mean AS likes, e.post_known_count AS posts
FROM account_engagement AS e
JOIN accounts AS a USING (platform, account_id)
JOIN top_niches AS top ON top.platform = e.platform AND top.niche = e.niche
WHERE e.time_window = 'all_time' AND e.followers_count > 0 AND e.like_count_mean > 0
QUALIFY row_number() OVER (PARTITION BY e.platform ORDER BY md5(e.account_id), e.account_id) <= $points_shown
ORDER BY ALL
