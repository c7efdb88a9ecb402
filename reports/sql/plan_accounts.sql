SELECT p.platform, p.currency, p.budget::DOUBLE AS budget, p.objective, p.min_rate, p.rank,
       left(coalesce(p.username, p.account_id), 40) AS account, p.niche, p.tier, p.followers_count AS followers,
       left(p.media_type, 40) AS media_type, p.price::DOUBLE AS price, p.quoted_on::VARCHAR AS quoted_on, p.rate,
       p.expected, p.expected_low, p.expected_high, p.added, p.added_high, p.why, p.against
FROM plan_accounts AS p
JOIN top_markets AS m USING (platform, currency)
WHERE p.rank <= $set_shown
ORDER BY p.platform, p.currency, p.objective, p.budget, p.min_rate, p.rank
