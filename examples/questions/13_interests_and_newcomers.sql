-- What else do its followers follow, and do the newest of them engage like the oldest?
-- Affinity 2 is twice as common as among all audiences. Tenths are compared by posts published after they joined; a last one far below the first may be bought followers.
SELECT
    a.username,
    a.niche,
    n.niche AS also_follows,
    round(n.affinity, 2) AS affinity,
    round(100 * first.engagement_rate_at_risk, 1) AS first_tenth_percent,
    round(100 * last.engagement_rate_at_risk, 1) AS last_tenth_percent,
    round(t.trend, 3) AS trend,
    round(t.trend_p, 4) AS trend_p
FROM audience_niches AS n
JOIN accounts AS a USING (platform, account_id)
JOIN audience_dilution AS first ON first.platform = n.platform AND first.account_id = n.account_id AND first.join_decile = 1
JOIN audience_dilution AS last ON last.platform = n.platform AND last.account_id = n.account_id AND last.join_decile = 10
LEFT JOIN audience_dilution_trend AS t ON t.platform = n.platform AND t.account_id = n.account_id
QUALIFY row_number() OVER (PARTITION BY n.platform, n.account_id ORDER BY n.affinity DESC, n.niche) = 1
ORDER BY n.affinity DESC, n.platform, n.account_id
