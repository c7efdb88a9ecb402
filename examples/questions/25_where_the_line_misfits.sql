-- Where does the line of likes on followers say too little or too much?
-- 0.1 is about 10 % more likes than it leads one to expect; a curve takes its place where a tier misfits.
SELECT
    platform,
    tier,
    account_count,
    round(residual_mean, 2) AS distance,
    round(residual_low, 2) AS low,
    round(residual_high, 2) AS high,
    is_misfit,
    round(smooth_residual_mean, 2) AS distance_from_curve
FROM engagement_regression_tiers
WHERE time_window = 'all_time'
ORDER BY platform, tier
