-- Which accounts post on a topic beside their main one?
SELECT
    n.niche AS also_on,
    n.basis,
    a.platform,
    coalesce(a.username, a.account_id) AS account,
    a.niche,
    a.followers_count
FROM account_niches AS n
JOIN accounts AS a USING (platform, account_id)
WHERE n.niche = 'vlogging' AND NOT n.is_main
ORDER BY a.followers_count DESC, a.platform, a.account_id
