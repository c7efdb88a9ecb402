SELECT issue, count(*) AS row_count FROM data_quality GROUP BY ALL ORDER BY row_count DESC, issue
