SELECT n.platform, n.niche, n.account_listed_count AS account_count, n.followers_count_mean AS mean,
       n.followers_count_median AS median
FROM niche_engagement AS n JOIN top_niches USING (platform, niche)
WHERE n.time_window = 'all_time' AND n.followers_count_mean IS NOT NULL
ORDER BY n.platform, mean DESC, n.niche
