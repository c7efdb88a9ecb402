-- Do small accounts engage more? Micro beside macro accounts of each platform and niche, over all time, with the p value of no difference
SELECT
    platform,
    niche,
    scheme,
    account_count AS micro_account_count,
    account_count_larger AS macro_account_count,
    rate_ratio AS micro_to_macro_rate_ratio,
    rate_ratio_low AS micro_to_macro_rate_ratio_low,
    rate_ratio_high AS micro_to_macro_rate_ratio_high,
    rate_ratio_p AS p_value,
    contrast_reason
FROM tier_contrasts
WHERE tier = 'micro' AND tier_larger = 'macro' AND time_window = 'all_time'
ORDER BY platform, niche, scheme
