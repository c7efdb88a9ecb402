-- Do micro accounts engage more than macro accounts of the same topic?
-- The ratio of geometric means with its 95 % interval; of twenty topics where they do not differ, one has p below 0.05.
SELECT
    platform,
    niche,
    micro_account_count,
    macro_account_count,
    round(micro_to_macro_rate_ratio, 2) AS times_the_rate,
    round(micro_to_macro_rate_ratio_low, 2) AS low,
    round(micro_to_macro_rate_ratio_high, 2) AS high,
    round(p_value, 4) AS p_value
FROM micro_versus_macro
WHERE scheme = 'article' AND contrast_reason IS NULL
ORDER BY p_value, platform, niche
