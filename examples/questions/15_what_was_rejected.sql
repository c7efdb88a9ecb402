-- What was rejected, and how is it fixed?
SELECT
    r.file,
    r.column_name,
    r.reject_count,
    l.rows_read,
    r.first_line,
    r.example,
    r.fix
FROM rejects_by_reason AS r
JOIN load_ledger AS l USING (file, dataset)
ORDER BY r.reject_count DESC, r.file, r.first_line
