-- One mega account or many micros for 250,000 dollars on Instagram?
-- Posts, not accounts: many may have to come from the same few. Followers are counted as often as they follow, so see
-- the question of two accounts before you add them up.
SELECT
    tier,
    media_type,
    account_count AS accounts_with_a_price,
    round(price_median) AS price_median,
    post_count_bought,
    round(followers_bought) AS followers_bought,
    round(engagements_bought) AS engagements_bought
FROM one_mega_or_many_micros
WHERE budget = 250_000 AND platform = 'instagram' AND currency = 'USD'
ORDER BY engagements_bought DESC, tier, media_type
