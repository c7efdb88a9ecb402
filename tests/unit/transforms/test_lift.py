"""Likes beside the likes usual at an account's size: without the account itself in a small fit, and why there is none."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.unit.transforms.test_engagement_regression import engagement_of, simulated
from transforms.engagement_regression import engagement_to_regression
from transforms.lift import LEAVE_ONE_OUT_BELOW, with_lift
from transforms.regression_tiers import engagement_to_regression_tiers, log_on_curve, spline_basis

SIX_FOLLOWERS = [500, 2_000, 8_000, 30_000, 200_000, 1_500_000]
SIX_LIKES = [45.0, 110.0, 300.0, 900.0, 3_500.0, 21_000.0]


def lifted(engagement: pl.DataFrame) -> pl.DataFrame:
    empty = pl.when(pl.col("post_count") == 0).then(pl.lit("undated_posts")).alias("reason")
    regression = engagement_to_regression(engagement)
    _, curves = engagement_to_regression_tiers(engagement, regression)
    return with_lift(engagement.with_columns(empty), regression, curves).sort("account_id")


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


def bent(count: int) -> pl.DataFrame:
    """Accounts whose like rate falls as in published tables: steeply below 10,000 followers, and not at all above."""
    random = np.random.default_rng(91)
    followers = np.exp(random.uniform(np.log(300), np.log(5e6), count)).astype(int)
    rate = 0.02 * np.maximum(1, (10_000 / followers) ** 0.6) * random.lognormal(0, 0.5, count)
    return engagement_of(followers.tolist(), (rate * followers).tolist())


def test_the_mean_expected_is_the_mean_and_the_median_the_median() -> None:
    """By the line the mean of accounts at a size would be a third too small: their scatter is of logarithms."""
    found = lifted(simulated(5_000))
    assert found["engagement_lift"].median() == pytest.approx(1, abs=0.05)
    assert found["engagement_lift_mean"].mean() == pytest.approx(1, abs=0.02)
    (factor,) = set((found["expected_like_rate_by_followers_mean"] / found["expected_like_rate_by_followers"]).round(9))
    x, y = (np.log(found[name].to_numpy().astype(float)) for name in ("followers_count", "like_count_mean"))
    slope, intercept = np.polyfit(x, y, 1)
    assert factor == pytest.approx(np.exp(y - intercept - slope * x).mean(), rel=1e-8)
    assert found["expected_like_rate_by_followers_smooth"].null_count() == found.height


def test_where_the_line_misfits_a_curve_takes_its_place() -> None:
    accounts = bent(3_000)
    tiers, _ = engagement_to_regression_tiers(accounts, engagement_to_regression(accounts))
    by_tier = {row["tier"]: row for row in tiers.to_dicts()}
    assert by_tier["nano"]["is_misfit"]
    assert by_tier["mega"]["is_misfit"]
    assert by_tier["nano"]["residual_low"] > 0.1
    assert max(abs(row["smooth_residual_mean"]) for row in by_tier.values()) < 0.05
    found = lifted(accounts)
    large = found.filter(pl.col("followers_count") > 2_000_000)
    assert np.median(large["engagement_lift"].to_numpy()) > 1.2
    assert large["engagement_lift_smooth"].median() == pytest.approx(1, abs=0.1)


def test_the_curve_is_straight_beyond_its_ends_and_the_same_in_both_forms() -> None:
    knots = [1.0, 3.0, 4.5, 8.0]
    x = np.linspace(-3, 14, 69)
    terms = spline_basis(x, knots)
    for term in terms:
        for beyond in (x < 1, x > 8):
            assert np.abs(np.diff(term[beyond], 2)).max() < 1e-9
    columns = dict(zip(["knot_1", "knot_2", "knot_3", "knot_4"], knots, strict=True))
    coefficients = dict(zip([f"coefficient_{n}" for n in range(4)], [0.5, -0.2, 0.3, 0.7], strict=True))
    frame = pl.DataFrame({"x": x}).with_columns(
        pl.lit(value).alias(name) for name, value in (columns | coefficients).items()
    )
    curve = frame.select(log_on_curve(pl.col("x"))).to_series().to_numpy()
    assert curve == pytest.approx(np.array(list(coefficients.values())) @ np.stack(terms), rel=1e-12)
