# /// script
# requires-python = ">=3.11"
# dependencies = ["marimo", "duckdb>=1.5", "polars"]
# ///
"""A marimo notebook on the warehouse: `marimo edit examples/notebook.py`, after `make run`."""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import os

    import duckdb
    import marimo as mo

    return duckdb, mo, os


@app.cell
def _(mo):
    # A run replaces the file, and an open connection keeps the old one. The button opens it anew: before marimo runs a
    # cell again it forgets what the cell made, and with it the connection.
    reconnect = mo.ui.button(label="reconnect")
    reconnect
    return (reconnect,)


@app.cell
def _(duckdb, os, reconnect):
    reconnect
    path = os.path.join(os.environ.get("TIERWISE_HOME", "tierwise"), "warehouse.duckdb")
    warehouse = duckdb.connect(path, read_only=True)
    return (warehouse,)


@app.cell
def _(mo, warehouse):
    _freshness = mo.sql(
        """
        SELECT as_of AS figures_as_of, finished_at AS published_at, rows_loaded, rows_rejected
        FROM run_log
        ORDER BY run_sequence DESC
        LIMIT 1
        """,
        engine=warehouse,
    )
    return


@app.cell
def _(mo, warehouse):
    _niches = mo.sql(
        """
        SELECT platform, niche, tier, account_count, engagement_rate_percent
        FROM headline_engagement
        WHERE account_count >= 3
        ORDER BY engagement_rate_percent DESC, platform, niche, tier
        """,
        engine=warehouse,
    )
    return


@app.cell
def _(mo, warehouse):
    _ranking = mo.sql(
        """
        SELECT
            e.platform, a.username, e.niche, a.tier, e.followers_count,
            e.engagement_rate_shrunk_low, e.engagement_rate_shrunk, e.engagement_rate_shrunk_high, e.engagement_lift
        FROM account_engagement AS e
        JOIN accounts AS a USING (platform, account_id)
        WHERE e.time_window = 'last_90_days' AND e.engagement_rate_shrunk_low IS NOT NULL
        ORDER BY e.engagement_rate_shrunk_low DESC, e.platform, e.account_id
        """,
        engine=warehouse,
    )
    return


@app.cell
def _(mo, warehouse):
    _quality = mo.sql(
        """
        SELECT issue, count(*) AS findings, min(detail) AS for_example
        FROM data_quality
        GROUP BY issue
        ORDER BY findings DESC, issue
        """,
        engine=warehouse,
    )
    return


if __name__ == "__main__":
    app.run()
