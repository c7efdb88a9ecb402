-- One mega account or many micros for 250,000 dollars on Instagram?
-- One post of each account, the cheapest first, so a budget cannot buy more than there are. Followers are counted as
-- often as they follow, so see the question of two accounts before you add them up.
SELECT
    tier,
    media_type,
    account_count AS accounts_with_a_price,
    post_count_bought,
    round(cost) AS cost,
    followers_bought,
    round(engagements_bought) AS engagements_bought,
    engagement_unknown_count AS of_unknown_engagement
FROM one_mega_or_many_micros
WHERE budget = 250_000 AND platform = 'instagram' AND currency = 'USD'
ORDER BY engagements_bought DESC, tier, media_type
