WITH came AS (SELECT file, max(run_sequence) AS newest FROM load_ledger GROUP BY file)
SELECT
    rule, column_name, dataset, kept,
    count(DISTINCT (file, record)) FILTER (record IS NOT NULL) AS row_count,
    count(DISTINCT file) AS file_count,
    max_by(file, (newest, file)) AS newest_file,
    max_by(fix, (newest, file, -record)) AS fix
FROM rejected_rows LEFT JOIN came USING (file)
GROUP BY rule, column_name, dataset, kept
ORDER BY row_count DESC, file_count DESC, max(newest) DESC, rule, column_name, dataset, kept
