-- Does the like rate fall as accounts grow?
-- Likes grow as followers to the power of the slope: below 1 the rate falls. The interval must lie below 1 to say so.
SELECT
    platform,
    account_count,
    round(slope, 3) AS slope,
    round(slope_low, 3) AS slope_low,
    round(slope_high, 3) AS slope_high,
    slope_high < 1 AS does_the_rate_fall,
    round(100 * predicted_like_rate_1k, 2) AS percent_at_1k,
    round(100 * predicted_like_rate_100k, 2) AS percent_at_100k,
    round(100 * predicted_like_rate_1m, 2) AS percent_at_1m
FROM engagement_regression
WHERE niche = '(all)' AND time_window = 'all_time'
ORDER BY platform
