"""All storage: the landing of export files, the lake, and the published DuckDB file."""
