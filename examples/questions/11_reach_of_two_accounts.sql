-- Whom do two accounts reach together, and how many of them twice?
-- For three accounts and more ask `tierwise plan`: pairs do not add up.
SELECT
    a.username,
    b.username AS other_username,
    o.followers_known_count,
    o.other_followers_known_count,
    o.shared_follower_count,
    o.followers_known_count + o.other_followers_known_count - o.shared_follower_count AS unique_reach,
    round(o.overlap_containment, 2) AS share_of_the_smaller,
    o.sampling_rate = 1 AS is_exact
FROM audience_overlap AS o
JOIN accounts AS a ON a.platform = o.platform AND a.account_id = o.account_id
JOIN accounts AS b ON b.platform = o.platform AND b.account_id = o.other_account_id
WHERE o.account_id < o.other_account_id
ORDER BY o.shared_follower_count DESC, o.platform, o.account_id, o.other_account_id
