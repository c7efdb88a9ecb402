-- How sponsored posts do beside organic ones over all accounts of a platform that have both.
SELECT platform, account_count, paid_to_organic_ratio AS ratio, paid_to_organic_ratio_low AS low,
       paid_to_organic_ratio_high AS high
FROM paid_to_organic_pooled
WHERE time_window = 'all_time' AND tier = '(all)' AND paid_to_organic_ratio IS NOT NULL
      AND platform IN (SELECT platform FROM top_niches)
ORDER BY platform
