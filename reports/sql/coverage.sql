SELECT
    (SELECT max(as_of)::VARCHAR FROM run_log WHERE run_sequence = (SELECT max(run_sequence) FROM run_log)) AS as_of,
    (SELECT count(*) FROM accounts) AS account_count,
    (SELECT count(*) FROM posts) AS post_count,
    (SELECT count(like_count) FROM posts) AS posts_with_likes,
    (SELECT count(engagement_rate_by_followers) FROM posts) AS posts_with_rate,
    (SELECT count(*) FROM account_engagement
     WHERE time_window = 'all_time' AND engagement_rate_by_followers IS NOT NULL) AS accounts_with_rate,
    (SELECT count(DISTINCT file) FROM load_ledger WHERE verdict = 'loaded') AS files_loaded,
    (SELECT count(DISTINCT file) FROM load_ledger WHERE verdict = 'quarantined') AS files_quarantined,
    (SELECT coalesce(sum(rows_read), 0)::BIGINT FROM load_ledger) AS rows_read,
    (SELECT coalesce(sum(rows_loaded), 0)::BIGINT FROM load_ledger) AS rows_loaded,
    (SELECT coalesce(sum(rows_duplicate), 0)::BIGINT FROM load_ledger) AS rows_duplicate,
    (SELECT coalesce(sum(rows_rejected), 0)::BIGINT FROM load_ledger) AS rows_rejected,
    (SELECT coalesce(sum(rows_left_out), 0)::BIGINT FROM load_ledger) AS rows_left_out,
    (SELECT coalesce(sum(rows_forgotten), 0)::BIGINT FROM load_ledger) AS rows_forgotten,
    (SELECT count(*) FROM data_quality) AS suspicion_count
