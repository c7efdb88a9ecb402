SELECT file, rule, left(any_value(fix ORDER BY line), 400) AS fix, count(*) AS row_count
FROM rejected_rows GROUP BY ALL ORDER BY row_count DESC, file, rule LIMIT $reasons_shown
