-- The cheapest of each platform and currency: what a budget may pay instead of a set.
SELECT m.platform, m.currency, m.objective, m.answer, left(coalesce(m.username, m.account_id), 40) AS account,
       m.followers_count AS followers, m.price::DOUBLE AS price, m.value, m.value_low, m.value_high, m.reason, m.account_count,
       m.set_price::DOUBLE AS set_price, m.set_value, m.set_value_low, m.set_value_high,
       m.price_ratio, m.value_ratio, m.gap
FROM mega_alternatives AS m
JOIN top_markets AS t USING (platform, currency)
QUALIFY dense_rank() OVER (PARTITION BY m.platform, m.currency ORDER BY m.price, m.account_id) <= $megas_shown
ORDER BY m.platform, m.currency, m.price, m.account_id, m.objective, m.answer
