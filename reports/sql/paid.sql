SELECT platform, count(paid_to_organic_ratio) AS account_count, median(paid_to_organic_ratio) AS ratio,
       count(*) FILTER (paid_verdict <> 'few_posts') AS judged, count(*) FILTER (paid_verdict = 'less') AS surely_below,
       count(*) FILTER (paid_verdict = 'more') AS surely_above, sum(sponsored_post_count)::BIGINT AS sponsored,
       count(*) FILTER (sponsored_known_count > 0 AND sponsored_engaged_count = 0) AS unengaged,
       sum(organic_post_count)::BIGINT AS organic, sum(gifted_post_count)::BIGINT AS gifted,
       sum(sponsorship_unknown_count)::BIGINT AS unknown
FROM account_engagement WHERE time_window = 'all_time' GROUP BY platform ORDER BY platform
