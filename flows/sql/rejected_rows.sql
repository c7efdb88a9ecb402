SELECT file, line, record, column_name, value, rule, allowed, fix, kept
FROM rejected_rows
WHERE (file = $file OR file GLOB $file) AND contains(lower(rule), lower($rule))
ORDER BY file, record, dataset, column_name, rule
