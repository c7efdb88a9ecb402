-- Who gained followers faster than is usual for them?
-- A score above 3.5 is rare by chance; a giveaway and bots look the same from here.
SELECT
    s.platform,
    a.username,
    s.observed_at::DATE AS observed_on,
    s.previous_followers_count,
    s.followers_count,
    round(100 * s.follower_growth_rate, 2) AS growth_percent,
    round(s.growth_spike_score, 1) AS spike_score,
    q.issue
FROM account_snapshots AS s
JOIN accounts AS a USING (platform, account_id)
LEFT JOIN data_quality AS q ON q.platform = s.platform AND q.account_id = s.account_id AND q.observed_at = s.observed_at
WHERE s.growth_spike_score > 2
ORDER BY s.growth_spike_score DESC, s.platform, s.account_id
