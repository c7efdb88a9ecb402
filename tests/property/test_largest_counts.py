"""Counts at their bound: many of them together publish, and give the means and sums that they should."""

from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.run import run
from flows.settings import Settings
from schemas.columns import COUNT_MAX
from tests.oracle import Row
from tests.property.deliveries import NOON, SEEDED, write_csv
from transforms.stats.exact_sums import exact_mean
from warehouse.published import open_published

ACCOUNTS, POSTS = 40, 10
largest_rate = 2.0 * COUNT_MAX
rates = st.lists(st.floats(0, largest_rate), min_size=1, max_size=60)


def test_the_largest_counts_publish_with_the_right_means(tmp_path: Path) -> None:
    """Every post has as many likes and comments as can be, half of the accounts one follower and half as many as can be."""
    exports = tmp_path / "exports"
    accounts: list[Row] = [
        {"platform": "youtube", "account_id": f"a{number}", "niche": "travel",
         "followers_count": COUNT_MAX if number % 2 else 1, "observed_at": NOON}
        for number in range(ACCOUNTS)
    ]  # fmt: skip
    posts: list[Row] = [
        {"platform": "youtube", "post_id": f"{account['account_id']}-{number}", "account_id": account["account_id"],
         "published_at": NOON, "like_count": COUNT_MAX, "comment_count": COUNT_MAX}
        for account in accounts
        for number in range(POSTS)
    ]  # fmt: skip
    write_csv(exports / "accounts.csv", accounts)
    write_csv(exports / "posts.csv", posts)
    summary = run(exports, Settings(home=tmp_path / "home"))
    assert (summary.published, summary.rows_rejected) == (True, 0)
    with open_published(tmp_path / "home" / "warehouse.duckdb") as connection:
        engagement = connection.execute("SELECT DISTINCT engagement_count FROM posts").fetchall()
        means = connection.execute(
            "SELECT DISTINCT followers_count, like_rate_by_followers, engagement_rate_by_followers"
            " FROM account_engagement WHERE time_window = 'all_time' ORDER BY ALL"
        ).fetchall()
        cells = connection.execute(
            "SELECT followers_count_sum, like_rate_by_followers_mean, engagement_rate_by_followers_mean"
            " FROM niche_engagement WHERE time_window = 'all_time'"
        ).fetchall()
    assert engagement == [(2 * COUNT_MAX,)]
    assert means == [(1, float(COUNT_MAX), 2.0 * COUNT_MAX), (COUNT_MAX, 1.0, 2.0)]
    assert cells == [(ACCOUNTS // 2 * (COUNT_MAX + 1), (COUNT_MAX + 1) / 2, float(COUNT_MAX + 1))]


@pytest.mark.parametrize("value", [largest_rate, 1.0, 0.9999999999999999, 1e-8])
def test_the_mean_of_a_million_equal_rates_is_that_rate(value: float) -> None:
    mean = pl.DataFrame({"rate": pl.repeat(value, 1_000_000, eager=True)}).select(exact_mean(pl.col("rate"))).item()
    assert mean == pytest.approx(value, rel=1e-15)


@SEEDED
@given(values=rates)
def test_the_mean_is_that_of_exact_arithmetic_in_every_order(values: list[float]) -> None:
    exact = float(sum(map(Fraction, values)) / len(values))
    for ordered in (values, values[::-1], sorted(values)):
        mean = pl.DataFrame({"rate": ordered}).select(exact_mean(pl.col("rate"))).item()
        assert mean == pytest.approx(exact, rel=1e-15, abs=2.0**-80)
        assert mean == pl.DataFrame({"rate": values}).select(exact_mean(pl.col("rate"))).item()
