"""The figures of the views, worked out by hand from three accounts of one band."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.run import run
from flows.settings import Settings
from schemas.columns import columns_of
from schemas.dimensions import is_dimension
from schemas.metrics import METRICS, metric_of
from schemas.tables import MARTS
from warehouse.published import open_published

# Engagement rates 0.025, 0.01 and 0.05; like rates 0.02, 0.01 and 0.05.
EXPORTS = {
    "accounts.csv": """platform,account_id,niche,followers_count,observed_at
instagram,a,beauty,20000,2026-08-01T00:00:00Z
instagram,b,beauty,30000,2026-08-01T00:00:00Z
instagram,c,beauty,10000,2026-08-01T00:00:00Z
""",
    "posts.csv": """platform,post_id,account_id,like_count,comment_count,published_at
instagram,p1,a,400,100,2026-07-01T00:00:00Z
instagram,p2,b,300,0,2026-07-01T00:00:00Z
instagram,p3,c,500,0,2026-07-01T00:00:00Z
""",
    "claims.csv": """platform,account_id,metric,value,unit,source
instagram,a,engagement_rate_by_followers,0.03,ratio,list
instagram,a,followers_count,21000,count,list
instagram,b,quality_score,7,score,list
instagram,c,like_rate_by_followers,,ratio,list
""",
    "rates.csv": """platform,account_id,media_type,price,currency,compensation,quoted_on
instagram,a,post,300,USD,cash,2026-07-01
instagram,b,post,200,USD,cash,2026-07-01
instagram,c,post,100,USD,cash,2026-07-01
""",
}
# What was refused is no figure of an account.
OF_RUNS = {"rejects_by_reason"}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = tmp_path_factory.mktemp("home")
    write_exports(home / "exports")
    assert run(home / "exports", Settings(home=home)).rows_rejected == 0
    with open_published(home / "warehouse.duckdb") as connection:
        yield connection


def write_exports(folder: Path) -> None:
    folder.mkdir()
    for name, text in EXPORTS.items():
        (folder / name).write_text(text, encoding="utf-8")


def test_the_headline_is_in_percent(warehouse: duckdb.DuckDBPyConnection) -> None:
    """0.085 / 3 = 2.83 %, the middle one 2.5 %."""
    found = warehouse.sql("SELECT * FROM headline_engagement").fetchall()
    assert found == [("instagram", "beauty", "micro", 3, 3, 20_000, 2.83, 2.5)]


def test_claims_stand_beside_our_own_figures(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.sql(
        "SELECT metric, published_value, computed_value, round(difference, 9) FROM published_vs_computed ORDER BY metric"
    ).fetchall()
    assert found == [
        ("engagement_rate_by_followers", 0.03, 0.025, -0.005),
        ("followers_count", 21_000, 20_000, -1_000),
        ("like_rate_by_followers", None, 0.05, None),
        ("quality_score", 7, None, None),
    ]


def test_published_rates_stand_beside_ours_of_the_band(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Markerly's 2.37 % of likes for 10,000 to 100,000 followers beside 0.08 / 3, and no account in the band above."""
    found = warehouse.sql(
        """SELECT published_value, computed_value, computed_over_published, account_count, computed_mean, computed_median
           FROM tier_engagement_vs_published WHERE source = 'Markerly' AND followers_min IN (10_000, 100_000)
           ORDER BY followers_min"""
    ).fetchall()
    assert found == [
        (0.0237, pytest.approx(0.08 / 3), pytest.approx(0.08 / 3 / 0.0237), 3, pytest.approx(0.08 / 3), 0.02),
        (0.017, None, None, 0, None, None),
    ]


def test_every_figure_of_a_view_is_a_metric(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A view takes what names and describes its rows from the marts, under the same name."""
    columns = warehouse.sql(
        "SELECT table_name, column_name FROM duckdb_columns()"
        " WHERE table_name IN (SELECT view_name FROM duckdb_views() WHERE NOT internal)"
    ).fetchall()
    taken = {fact.name for table, model in MARTS.items() for fact in columns_of(model) if is_dimension(table, fact)}
    untold = [(view, name) for view, name in columns if name not in taken and not metric_of(view, name)]
    assert [(view, name) for view, name in untold if view not in OF_RUNS] == []
    told = {tuple(column.split(".")) for metric in METRICS for column in metric.columns}
    assert {(view, name) for view, name in told if view not in MARTS} <= set(columns)
