-- Accounts never sponsored and never given goods, as far as all their posts tell, that mention a brand in three posts or more, most posts first
SELECT
    m.platform,
    m.account_id,
    a.username,
    m.brand,
    m.organic_post_count AS mentioning_post_count,
    m.post_share,
    m.first_posted_at,
    m.last_posted_at,
    a.followers_count,
    a.tier,
    a.niche
FROM brand_mentions AS m
JOIN account_engagement AS e
    ON e.platform = m.platform AND e.account_id = m.account_id AND e.time_window = 'all_time'
JOIN accounts AS a ON a.platform = m.platform AND a.account_id = m.account_id
WHERE m.organic_post_count >= 3 AND e.is_never_sponsored AND e.gifted_post_count = 0
ORDER BY m.organic_post_count DESC, m.account_id, m.platform, m.brand
