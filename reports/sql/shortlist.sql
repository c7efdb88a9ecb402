-- Amounts in two currencies are neither smaller nor larger than each other: what an account quotes in the currency of most
-- accounts of its platform counts, and where it quotes nothing in it, in the next one. Within a currency it is as in plans.
WITH quotes AS (
    SELECT platform, account_id, media_type, currency, max(quoted_on) AS quoted_on, bool_or(is_disputed) AS is_disputed,
           max(coalesce(price, ceil((price_min + price_max) * 50) / 100, price_max)) AS price
    FROM rates
    WHERE is_newest AND compensation = 'cash' AND currency IS NOT NULL AND coalesce(price, price_max) IS NOT NULL
    GROUP BY platform, account_id, media_type, currency
    HAVING max(coalesce(price, price_max)) > 0
), currencies AS (
    SELECT platform, currency,
           row_number() OVER (
               PARTITION BY platform ORDER BY count(DISTINCT account_id) DESC, count(*) DESC, currency
           ) AS currency_place
    FROM quotes
    GROUP BY platform, currency
)
-- Where there are too many, each cell keeps its best: the best of all first would leave small tiers alone on the list.
-- Ranked by the lower bound of the mean to expect: one lucky post does not put an account on top.
SELECT e.platform, e.niche, a.tier, left(coalesce(a.username, e.account_id), 40) AS account, a.creator,
       e.followers_count AS followers,
       e.engagement_rate_shrunk AS rate, e.engagement_rate_shrunk_low AS rate_low, e.engagement_rate_shrunk_high AS rate_high,
       e.engagement_rate_next_low AS next_low, e.engagement_rate_next_high AS next_high,
       e.post_known_count AS posts, e.peer_percentile, e.peer_count, e.engagement_lift AS lift, e.engagement_rate_prior AS prior,
       q.price, q.currency, q.price / nullif(e.engagement_count_mean, 0) AS cost_per_engagement, q.quoted_on,
       e.is_never_sponsored, e.post_known_count, e.paid_verdict, e.sponsored_known_count, e.sponsored_engaged_count, q.is_disputed,
       coalesce(d.issues, []) AS issues, r.as_of,
       row_number() OVER (PARTITION BY e.platform, e.niche, a.tier ORDER BY e.engagement_rate_shrunk_low DESC, e.account_id) AS place
FROM account_engagement AS e
JOIN accounts AS a USING (platform, account_id)
LEFT JOIN (
    SELECT platform, account_id, price, currency, quoted_on, is_disputed FROM quotes
    JOIN currencies USING (platform, currency)
    QUALIFY row_number() OVER (PARTITION BY platform, account_id ORDER BY currency_place, price, media_type) = 1
) AS q USING (platform, account_id)
LEFT JOIN (
    SELECT platform, account_id, list(struct_pack(issue, column_name, row_count) ORDER BY issue, column_name) AS issues
    FROM (SELECT platform, account_id, issue, column_name, count(*) AS row_count FROM data_quality GROUP BY ALL)
    GROUP BY ALL
) AS d USING (platform, account_id)
LEFT JOIN (
    SELECT max(as_of)::DATE AS as_of FROM run_log WHERE run_sequence = (SELECT max(run_sequence) FROM run_log)
) AS r ON true
JOIN top_niches AS top ON top.platform = e.platform AND top.niche = e.niche
WHERE e.time_window = 'all_time' AND e.engagement_rate_shrunk_low IS NOT NULL AND a.tier IS NOT NULL
QUALIFY place <= $each_cell
ORDER BY place, e.engagement_rate_shrunk_low DESC, e.platform, e.account_id
LIMIT $all_cells
