-- How many accounts ask less than 500 for a post?
SELECT
    platform,
    tier,
    media_type,
    currency,
    account_count,
    round(100 * share_under_500) AS percent_under_500,
    round(price_lowest) AS lowest,
    round(price_highest) AS highest
FROM price_summary
WHERE compensation = 'cash' AND share_under_500 IS NOT NULL
ORDER BY platform, share_under_500 DESC, tier, media_type, currency
