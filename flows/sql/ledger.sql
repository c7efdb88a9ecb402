SELECT
    file, dataset, verdict, rows_read, rows_loaded, rows_duplicate, rows_rejected, rows_left_out, rows_forgotten,
    cells_rejected, rows_waiting, rows_later, note
FROM load_ledger
ORDER BY ALL
