-- One mega account on Instagram, or many smaller ones?
-- Compared are the likes and comments expected of a post of each.
-- `same_value`: the cheapest smaller accounts that bring as much; `same_price`: those that bring most for its price. `gap` is how
-- far from the best possible the set is at most. Which accounts they are stands in `usernames`.
SELECT
    username AS mega,
    followers_count,
    price,
    round(value) AS engagements_expected,
    answer,
    account_count AS smaller_accounts,
    set_price,
    round(set_value) AS they_bring,
    round(price_ratio, 2) AS price_ratio,
    gap,
    reason
FROM mega_alternatives
WHERE platform = 'instagram' AND currency = 'USD' AND objective = 'engagements'
ORDER BY price, account_id, answer
