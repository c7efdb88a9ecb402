-- Who keeps mentioning northpeak without ever having been paid by anyone?
SELECT
    v.platform,
    v.username,
    v.niche,
    v.followers_count,
    v.mentioning_post_count,
    m.account_post_count,
    round(v.post_share, 2) AS share_of_posts,
    v.last_posted_at::DATE AS last_posted_on
FROM advocates AS v
JOIN brand_mentions AS m USING (platform, account_id, brand)
WHERE v.brand = 'northpeak'
ORDER BY v.mentioning_post_count DESC, v.platform, v.account_id
