SELECT source, platform, band, followers_min, statistic, numerator, as_of_date::VARCHAR AS as_of_date, published_value,
       computed_value, account_count, caveat
FROM tier_engagement_vs_published
WHERE statistic = 'mean' AND denominator = 'followers' AND source IN ('Markerly', 'HypeAuditor')
ORDER BY source DESC, platform, followers_min
