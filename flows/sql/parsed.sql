-- A query as DuckDB's parser understands it.
SELECT json_serialize_sql(?)
