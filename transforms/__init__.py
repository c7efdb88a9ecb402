"""Pure Polars: frames in, frames out. No files, no clock, no environment, no Prefect."""
