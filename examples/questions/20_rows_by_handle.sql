-- Which rows know an account by its handle, and whose are they?
-- The agency's report speaks of handles, other files of ids. A null in resolved_by: the rows stay under the name, and question says why.
SELECT
    r.dataset,
    r.named_as,
    r.account_id,
    r.resolved_by,
    r.question,
    r.row_count,
    n.seen_until::DATE AS last_seen_on
FROM name_resolutions AS r
LEFT JOIN account_names AS n ON n.platform = r.platform AND n.account_id = r.account_id AND n.username = ltrim(r.named_as, '@')
ORDER BY r.dataset, r.named_as, r.account_id
LIMIT 5
