-- What was rejected, by file and rule, and how to fix it; where kept, a cell of rows that were loaded
-- reject_count: How many records or cells break the rule [count]
-- first_line: The first line with one; null where lines are not known [count]
-- example: What stood there [text]
SELECT
    file,
    dataset,
    column_name,
    rule,
    kept,
    count(*) AS reject_count,
    min(line) AS first_line,
    any_value(value ORDER BY line, record) AS example,
    any_value(fix ORDER BY line, record) AS fix
FROM rejected_rows
GROUP BY ALL
ORDER BY reject_count DESC, file, rule
