-- Published rates beside ours for the same platform and follower band, over all time; the caveat says what speaks against a figure
SELECT
    b.source,
    b.scheme,
    b.platform,
    b.band,
    b.statistic,
    b.numerator,
    b.denominator,
    b.as_of_date,
    b.as_of_precision,
    b.followers_min,
    b.followers_below,
    b.value AS published_value,
    CASE b.statistic
        WHEN 'mean' THEN o.rate_mean
        WHEN 'median' THEN o.rate_median
        WHEN 'max' THEN o.rate_max
    END AS computed_value,
    CASE WHEN b.denominator = 'followers' THEN computed_value / published_value END AS computed_over_published,
    coalesce(o.account_count, 0) AS account_count,
    o.rate_mean AS computed_mean,
    o.rate_median AS computed_median,
    b.caveat
FROM benchmarks AS b
LEFT JOIN (
    -- Each band's accounts once for each numerator, however many statistics are published of it
    SELECT
        band.platform,
        band.followers_min,
        band.followers_below,
        band.numerator,
        count(rate) AS account_count,
        avg(rate) AS rate_mean,
        median(rate) AS rate_median,
        max(rate) AS rate_max
    FROM (SELECT DISTINCT platform, followers_min, followers_below, numerator FROM benchmarks) AS band
    JOIN (
        SELECT platform, followers_count, 'likes' AS numerator, like_rate_by_followers AS rate
        FROM account_engagement
        WHERE time_window = 'all_time'
        UNION ALL
        SELECT platform, followers_count, 'likes_and_comments', engagement_rate_by_followers
        FROM account_engagement
        WHERE time_window = 'all_time'
    ) AS account
        ON account.platform = band.platform
        AND account.numerator = band.numerator
        AND account.followers_count >= band.followers_min
        AND (band.followers_below IS NULL OR account.followers_count < band.followers_below)
    GROUP BY ALL
) AS o
    ON o.platform = b.platform
    AND o.numerator = b.numerator
    AND o.followers_min = b.followers_min
    AND o.followers_below IS NOT DISTINCT FROM b.followers_below
WHERE b.unit = 'ratio'
ORDER BY b.platform, b.as_of_date, b.source, b.statistic, b.followers_min
