SELECT max(loaded_at) FROM load_ledger WHERE rows_loaded > 0
