SELECT platform, niche, account_count, account_left_out_count, slope, intercept, slope_low, slope_high, r_squared,
       slope_below_one_p, followers_count_min, followers_count_max, slope_q10, intercept_q10, slope_q90, intercept_q90,
       predicted_like_rate_1k, predicted_like_rate_10k, predicted_like_rate_100k, predicted_like_rate_1m, reason
FROM engagement_regression
WHERE time_window = 'all_time' AND ((platform, niche) IN (FROM top_niches) OR (niche = '(all)' AND platform IN (SELECT platform FROM top_niches)))
ORDER BY platform, niche
