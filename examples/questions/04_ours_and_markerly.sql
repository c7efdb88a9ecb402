-- How do our rates compare with the table of Markerly (2016)?
-- The same follower bands and the same numerator; read the caveat before you believe either.
SELECT
    band,
    statistic,
    round(100 * published_value, 2) AS markerly_percent,
    round(100 * computed_value, 2) AS our_percent,
    account_count,
    as_of_date,
    caveat
FROM tier_engagement_vs_published
WHERE source ILIKE 'markerly%' AND platform = 'instagram' AND numerator = 'likes'
ORDER BY followers_min, statistic, as_of_date
