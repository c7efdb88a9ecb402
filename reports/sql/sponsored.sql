SELECT p.platform, coalesce(a.niche, '(all)') AS niche, a.tier,
       CASE WHEN p.is_sponsored THEN 'sponsored' ELSE 'organic' END AS side,
       count(*) AS post_count, median(p.engagement_rate_by_followers) AS rate
FROM posts AS p JOIN accounts AS a USING (platform, account_id) JOIN top_niches AS top USING (platform, niche)
WHERE p.compensation IN ('paid', 'none') AND p.engagement_rate_by_followers IS NOT NULL AND a.tier IS NOT NULL
GROUP BY GROUPING SETS ((p.platform, a.tier, p.is_sponsored), (p.platform, a.niche, a.tier, p.is_sponsored))
ORDER BY ALL
