"""Likes beside the likes usual at an account's size: without the account itself in a small fit, and why there is none."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.unit.transforms.test_engagement_regression import engagement_of, simulated
from transforms.engagement_regression import engagement_to_regression
from transforms.lift import LEAVE_ONE_OUT_BELOW, with_lift

SIX_FOLLOWERS = [500, 2_000, 8_000, 30_000, 200_000, 1_500_000]
SIX_LIKES = [45.0, 110.0, 300.0, 900.0, 3_500.0, 21_000.0]


def lifted(engagement: pl.DataFrame) -> pl.DataFrame:
    empty = pl.when(pl.col("post_count") == 0).then(pl.lit("undated_posts")).alias("reason")
    return with_lift(engagement.with_columns(empty), engagement_to_regression(engagement)).sort("account_id")


def refitted_without_each(engagement: pl.DataFrame) -> list[float]:
    """The rate expected of each account by the line through all the others."""
    x, y = (np.log(engagement[name].to_numpy().astype(float)) for name in ("followers_count", "like_count_mean"))
    expected = []
    for number in range(len(x)):
        others = np.arange(len(x)) != number
        slope, intercept = np.polyfit(x[others], y[others], 1)
        expected.append(float(np.exp(intercept + slope * x[number] - x[number])))
    return expected


@pytest.mark.parametrize(
    "accounts", [engagement_of(SIX_FOLLOWERS, SIX_LIKES), simulated(5), simulated(LEAVE_ONE_OUT_BELOW - 1)]
)
def test_a_small_fit_leaves_the_account_out(accounts: pl.DataFrame) -> None:
    found = lifted(accounts)
    assert set(found["expected_basis"]) == {"regression_leave_one_out"}
    expected = refitted_without_each(accounts.sort("account_id"))
    assert found["expected_like_rate_by_followers"].to_list() == pytest.approx(expected, rel=1e-9)
    observed = found["like_count_mean"] / found["followers_count"]
    assert found["engagement_lift"].to_list() == pytest.approx((observed / pl.Series(expected)).to_list(), rel=1e-9)
    assert found["lift_reason"].null_count() == found.height


def test_the_six_accounts_by_hand() -> None:
    """The third: ln 300 = 5.703782, on the line -1.094826 + .767485 ln 8000 = 5.802713, leverage (1 + .119848)/6.

    Its residual to the line of the other five is -.098930/(1 - .186641) = -.121632, so the lift is exp(-.121632) and
    the rate expected 300/8000/.8855.
    """
    third = lifted(engagement_of(SIX_FOLLOWERS, SIX_LIKES)).row(2, named=True)
    assert (third["followers_count"], third["like_count_mean"]) == (8_000, 300)
    assert f"{third['engagement_lift']:.4f}" == "0.8855"
    assert f"{third['expected_like_rate_by_followers']:.5f}" == "0.04235"


def test_a_large_fit_is_taken_as_it_is() -> None:
    accounts = simulated(LEAVE_ONE_OUT_BELOW)
    found = lifted(accounts)
    assert set(found["expected_basis"]) == {"regression"}
    x, y = (np.log(found[name].to_numpy().astype(float)) for name in ("followers_count", "like_count_mean"))
    slope, intercept = np.polyfit(x, y, 1)
    assert np.log(found["engagement_lift"].to_numpy()) == pytest.approx(y - intercept - slope * x, abs=1e-9)


def test_accounts_outside_of_the_fit_are_measured_by_all_of_it() -> None:
    """No likes at all is a lift of zero; hidden ones are none, though what to expect is known."""
    accounts = pl.concat(
        [engagement_of(SIX_FOLLOWERS, SIX_LIKES), outside("z0", 8_000, 0.0), outside("z1", 8_000, None)]
    )
    found = {row["account_id"]: row for row in lifted(accounts).to_dicts()}
    expected = found["z0"]["expected_like_rate_by_followers"]
    assert expected == pytest.approx(np.exp(-1.094825769526 + 0.767485085595 * np.log(8_000)) / 8_000, rel=1e-9)
    assert cells(found["z0"]) == (expected, "regression", 0.0, None)
    assert cells(found["z1"]) == (expected, "regression", None, "hidden_likes")


def outside(account_id: str, followers: int | None, likes: float | None, posts: int = 1) -> pl.DataFrame:
    row = engagement_of([followers], [likes])
    return row.with_columns(pl.lit(account_id).alias("account_id"), pl.lit(posts, pl.Int32).alias("post_count"))


def cells(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("expected_like_rate_by_followers", "expected_basis", "engagement_lift", "lift_reason")
    return tuple(row[name] for name in names)


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (outside("z", 100, None, posts=0), "undated_posts"),
        (outside("z", 100, None), "hidden_likes"),
        (outside("z", None, 5.0), "no_followers"),
        (outside("z", 0, 5.0), "no_followers"),
        (outside("z", 100, 5.0), "few_accounts"),
    ],
)
def test_there_is_no_lift_without_a_reason(account: pl.DataFrame, reason: str) -> None:
    row = lifted(account).row(0, named=True)
    assert cells(row) == (None, None, None, reason)


def test_there_is_no_lift_where_all_are_of_one_size() -> None:
    found = lifted(engagement_of([100] * 6, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
    assert set(found["lift_reason"]) == {"no_spread"}


def test_a_line_through_nearly_one_size_says_nothing_of_another() -> None:
    sizes = [100_000, 100_100, 100_200, 100_300, 100_400, 100_500, 1_000_000_000]
    row = lifted(engagement_of(sizes, [1.0, 9.0, 81.0, 729.0, 6_561.0, 59_049.0, 10.0])).row(-1, named=True)
    assert cells(row) == (None, None, None, "out_of_range")


def test_the_order_of_the_accounts_changes_no_bit() -> None:
    accounts = simulated(80)
    assert lifted(accounts.sample(fraction=1, shuffle=True, seed=1)).equals(lifted(accounts))
