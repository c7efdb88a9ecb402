-- Which people reach most over all networks, how do they do on each, and what is the cheapest post there?
-- Followers of several networks are added up: at most so many people.
SELECT
    c.creator,
    c.followers_count_upper_bound AS followers_at_most,
    p.platform,
    p.followers_count_upper_bound AS followers_there,
    round(100 * p.engagement_rate_by_followers_mean, 2) AS engagement_rate_percent,
    q.cheapest_price,
    q.currency
FROM creators AS c
JOIN creator_platforms AS p USING (creator)
LEFT JOIN creator_quotes AS q USING (creator, platform)
WHERE c.platform_count > 1
ORDER BY c.followers_count_upper_bound DESC, c.creator, p.platform, q.currency
