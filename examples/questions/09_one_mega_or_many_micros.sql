-- One mega account or many smaller ones?
-- For each account of a million followers or more: the cheapest smaller accounts that bring as many likes and comments, and
-- those that bring most for its price. No set costs less than `price_bound`, or brings more than `value_bound`.
SELECT
    username AS mega,
    answer,
    price AS mega_price,
    round(value) AS mega_engagements,
    account_count AS accounts,
    set_price,
    round(set_value) AS set_engagements,
    price_bound,
    round(value_bound) AS value_bound,
    reason
FROM mega_alternatives
WHERE platform = 'instagram' AND currency = 'USD' AND objective = 'engagements' AND value IS NOT NULL
ORDER BY price_ratio NULLS LAST, account_id, answer
