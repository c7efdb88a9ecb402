"""The shrunk rate: printed examples, its limits, and what it is for, on accounts whose true rates are known."""

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import betainc
from scipy.stats import betabinom

from schemas.account_engagement import AccountEngagement
from schemas.columns import polars_schema
from transforms import shrinkage
from transforms.shrinkage import ACCOUNTS_MIN, NICHE_MIN, POOL, sampled, with_shrunk_rates
from transforms.stats.beta_quantiles import beta_quantile

GIVEN = ["platform", "account_id", "time_window", "niche", "followers_count", "engagement_count_mean", "reason"]
KEY = ["platform", "account_id", "time_window"]
SHRUNK = "engagement_rate_shrunk"
NICHES = ["beauty", "fitness", "travel", "tech"]
EFFECTS = np.array([-0.4, 0.0, 0.5, 0.2])
SLOPE, STRENGTH = -0.5, 150.0


def engagement(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """The columns of `account_engagement` that the shrunk rate is made of."""
    usual = {"platform": "instagram", "time_window": "all_time", "niche": "travel", "reason": None}
    schema = {name: polars_schema(AccountEngagement)[name] for name in GIVEN}
    return pl.DataFrame([usual | row for row in rows], schema=schema)


def population(count: int, seed: int, niches: int = len(NICHES)) -> tuple[pl.DataFrame, np.ndarray[Any, Any]]:
    """Accounts of many sizes drawn from the model, and their true rates."""
    random = np.random.default_rng(seed)
    n = np.floor(10 ** random.uniform(1.3, 5.5, count)).astype(np.int64)
    niche = random.integers(0, niches, count)
    m = 1 / (1 + np.exp(-(-1.2 + SLOPE * np.log10(n) + EFFECTS[niche])))
    rates = random.beta(m * STRENGTH, (1 - m) * STRENGTH)
    rows = [
        {"account_id": f"a{place}", "niche": NICHES[niche[place]], "followers_count": int(n[place]),
         "engagement_count_mean": float(k)}
        for place, k in enumerate(random.binomial(n, rates))
    ]  # fmt: skip
    return engagement(rows), rates


def posterior(k: int, n: int, m: float, s: float) -> tuple[float, float, float]:
    """Mean and interval, by the functions the marts are made with."""
    a, b = np.array([m * s + k]), np.array([(1 - m) * s + n - k])
    low, high = (float(beta_quantile(a, b, share)[0]) for share in (0.025, 0.975))
    return float(a[0] / (a[0] + b[0])), low, high


@pytest.mark.parametrize(
    ("k", "n", "m", "s", "printed"),
    [
        (4, 50, 0.04, 200, ("0.048", "0.0251", "0.0777")),
        (5_560, 73_800, 0.04, 200, ("0.075243", "0.07335", "0.07715")),
        (10, 100, 0.08, 100, ("0.090", "0.0545", "0.1333")),
        (10, 100, 0.04, 100, ("0.070", "0.0390", "0.1091")),
    ],
)
def test_posteriors_as_printed(
    k: int, n: int, m: float, s: float, printed: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the whole transform, with the prior put in place of a fitted one."""
    intercept = math.log(m / (1 - m))
    prior = shrinkage.Prior({POOL: intercept}, 0.0, float(s))
    monkeypatch.setattr(shrinkage, "_priors", lambda rows: [("instagram", "all_time", prior)])
    row = engagement([{"account_id": "a", "followers_count": n, "engagement_count_mean": float(k)}])
    found = with_shrunk_rates(row).row(0, named=True)
    figures = [found[name] for name in (SHRUNK, f"{SHRUNK}_low", f"{SHRUNK}_high")]
    assert tuple(f"{x:.{len(text) - 2}f}" for x, text in zip(figures, printed, strict=True)) == printed
    assert figures == pytest.approx(posterior(k, n, m, s), rel=1e-9)
    assert found["engagement_rate_prior"] == pytest.approx(m, rel=1e-9)
    assert (found["prior_strength"], found["is_prior_niche_pooled"], found["shrunk_reason"]) == (s, True, None)


@pytest.mark.parametrize(("n", "weight"), [(50, "0.2000"), (73_800, "0.9973")])
def test_the_weight_of_the_accounts_own_rate_as_printed(n: int, weight: str) -> None:
    assert f"{n / (n + 200):.4f}" == weight
    k = n // 10
    mean, _, _ = posterior(k, n, 0.04, 200)
    assert mean == pytest.approx(n / (n + 200) * k / n + 200 / (n + 200) * 0.04)


def test_no_followers_give_the_prior_and_endless_ones_their_own_rate() -> None:
    assert posterior(0, 0, 0.04, 200)[0] == pytest.approx(0.04)
    mean, low, high = posterior(7 * 10**10, 10**12, 0.04, 200)
    assert (mean, low, high) == pytest.approx((0.07, 0.07, 0.07), rel=1e-4)


def test_the_variance_is_inflated_as_printed() -> None:
    n, m, s = 50, 0.04, 200
    inflated = betabinom.var(n, m * s, (1 - m) * s) / (n * m * (1 - m))
    assert f"{inflated:.4f}" == "1.2438"
    assert inflated == pytest.approx(1 + (n - 1) / (s + 1))


def test_shrunk_rates_lie_between_the_own_rate_and_the_prior_and_hold_their_intervals() -> None:
    found = with_shrunk_rates(population(500, seed=4)[0])
    own = found["engagement_count_mean"] / found["followers_count"]
    prior, shrunk = found["engagement_rate_prior"], found[SHRUNK]
    for r, m, x in zip(own, prior, shrunk, strict=True):
        assert min(r, m) * (1 - 1e-9) <= x <= max(r, m) * (1 + 1e-9)
    a = prior * found["prior_strength"] + found["engagement_count_mean"]
    b = (1 - prior) * found["prior_strength"] + found["followers_count"] - found["engagement_count_mean"]
    for side, share in (("low", 0.025), ("high", 0.975)):
        below = betainc(a.to_numpy(), b.to_numpy(), found[f"{SHRUNK}_{side}"].to_numpy())
        assert np.max(np.abs(below - share)) < 1e-6


def test_the_intervals_hold_the_true_rates_and_the_shrunk_rate_errs_less() -> None:
    rows, rates = population(2_000, seed=2)
    found = with_shrunk_rates(rows)
    inside = (found[f"{SHRUNK}_low"].to_numpy() <= rates) & (rates <= found[f"{SHRUNK}_high"].to_numpy())
    assert 0.935 <= inside.mean() <= 0.965
    raw = (found["engagement_count_mean"] / found["followers_count"]).to_numpy()
    small = found["followers_count"].to_numpy() < 500
    shrunk = found[SHRUNK].to_numpy()
    assert np.mean((shrunk - rates) ** 2) < 0.7 * np.mean((raw - rates) ** 2)
    assert np.mean((shrunk - rates)[small] ** 2) < 0.7 * np.mean((raw - rates)[small] ** 2)


def test_the_prior_is_that_of_the_size_and_niche() -> None:
    """One prior for all would draw small accounts to the rate of large ones."""
    rows, _ = population(4_000, seed=3)
    ((_, _, prior),) = shrinkage._priors(rows)
    assert prior.slope == pytest.approx(SLOPE, abs=0.04)
    assert prior.strength == pytest.approx(STRENGTH, rel=0.1)
    effects = np.array([prior.intercepts[name] for name in NICHES])
    assert effects - effects.mean() == pytest.approx(EFFECTS - EFFECTS.mean(), abs=0.06)
    found = with_shrunk_rates(rows).filter(niche="tech")
    small, large = (found.filter(part)["engagement_rate_prior"].mean() for part in SIZES)
    assert isinstance(small, float)
    assert isinstance(large, float)
    assert small > 3 * large


SIZES = (pl.col("followers_count") < 100, pl.col("followers_count") > 30_000)


def test_shuffled_rows_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrinkage, "ACCOUNTS_MAX", 300)
    rows = pl.concat(
        [population(700, seed=5)[0].with_columns(time_window=pl.lit(w)) for w in ("all_time", "last_90_days")]
    )
    first = with_shrunk_rates(rows)
    assert first.select(GIVEN).equals(rows)
    for seed in range(5):
        again = with_shrunk_rates(rows.sample(fraction=1, shuffle=True, seed=seed))
        assert again.sort(KEY).equals(first.sort(KEY))


def test_the_sample_is_bounded_and_niches_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrinkage, "ACCOUNTS_MAX", 100)
    names = ["large"] * 500 + ["small"] * 12 + [f"rare {number}" for number in range(9)]
    rows = engagement(
        [
            {
                "account_id": f"a{place}",
                "niche": name,
                "followers_count": 1_000,
                "engagement_count_mean": 30.0 + place % 9,
            }
            for place, name in enumerate(names)
        ]
    )
    sizes = dict(sampled(rows).group_by("group").len().iter_rows())
    assert sizes == {"large": 100 - 12 - 9, "small": 12, POOL: 9}
    more = pl.concat([rows, rows.with_columns(pl.col("account_id") + "x", time_window=pl.lit("last_90_days"))])
    assert sampled(more).height == 200


def test_every_niche_sends_as_many_and_ten_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    for bound, wanted in ((100, [12, 29, 29, 29]), (60, [12, 16, 16, 16]), (1, [10] * 4), (500, [12, 30, 50, 90])):
        monkeypatch.setattr(shrinkage, "ACCOUNTS_MAX", bound)
        rows = engagement(
            [
                {
                    "account_id": f"{size} {place}",
                    "niche": f"{size}",
                    "followers_count": 99,
                    "engagement_count_mean": 3.0,
                }
                for size in (12, 30, 50, 90)
                for place in range(size)
            ]
        )
        sizes = sampled(rows).group_by("group").len().sort("group")["len"].to_list()
        assert sizes == wanted


def test_a_small_niche_has_the_pooled_effect() -> None:
    """Together with other small ones where these make ten, else the mean of the niches."""
    rows, _ = population(300, seed=6)
    few = engagement(
        [
            {"account_id": f"few{place}", "niche": "few", "followers_count": 1_000, "engagement_count_mean": 900.0}
            for place in range(NICHE_MIN - 1)
        ]
    )
    alone = with_shrunk_rates(pl.concat([rows, few]))
    assert alone.filter(niche="few")["is_prior_niche_pooled"].all()
    assert not alone.filter(pl.col("niche") != "few")["is_prior_niche_pooled"].any()
    ((_, _, without),) = shrinkage._priors(rows)
    ((_, _, prior),) = shrinkage._priors(pl.concat([rows, few]))
    assert prior == without
    assert prior.intercepts[POOL] == pytest.approx(np.mean([prior.intercepts[name] for name in NICHES]), rel=1e-9)
    other = few.with_columns(pl.col("account_id") + "x", niche=pl.lit("fewer"))
    ((_, _, joined),) = shrinkage._priors(pl.concat([rows, few, other]))
    assert joined.intercepts[POOL] > prior.intercepts[POOL] + 2
    assert with_shrunk_rates(pl.concat([rows, few, other])).filter(niche="fewer")["is_prior_niche_pooled"].all()


def test_reasons() -> None:
    rows = pl.concat(
        [
            population(ACCOUNTS_MIN, seed=7)[0],
            engagement(
                [
                    {"account_id": "quiet", "followers_count": 50, "reason": "no_posts"},
                    {"account_id": "unknown", "engagement_count_mean": 4.0},
                    {"account_id": "left", "followers_count": 0, "engagement_count_mean": 4.0},
                    {"account_id": "viral", "followers_count": 50, "engagement_count_mean": 50.5},
                    {"account_id": "nearly", "followers_count": 50, "engagement_count_mean": 50.4},
                    {"account_id": "lonely", "platform": "x", "followers_count": 50, "engagement_count_mean": 4.0},
                ]
            ),
        ]
    )
    found = {row["account_id"]: row for row in with_shrunk_rates(rows).to_dicts()}
    reasons = {name: row["shrunk_reason"] for name, row in found.items() if row["shrunk_reason"]}
    assert reasons == {
        "quiet": "no_posts", "unknown": "no_followers", "left": "no_followers", "viral": "not_binomial",
        "lonely": "no_prior",
    }  # fmt: skip
    assert all((row[SHRUNK] is None) == (name in reasons) for name, row in found.items())
    assert found["quiet"]["engagement_rate_prior"] == found["nearly"]["engagement_rate_prior"]
    assert found["left"]["engagement_rate_prior"] is found["lonely"]["is_prior_niche_pooled"] is None


@pytest.mark.parametrize("counts", [[0.0] * 30, [50.0] * 30, [0.0, 50.0] * 15, [5.0] * 30], ids=str)
def test_accounts_that_say_little_have_figures_within_bounds(counts: list[float]) -> None:
    rows = [
        {"account_id": f"a{place}", "followers_count": 50 * 10 ** (place % 3), "engagement_count_mean": mean}
        for place, mean in enumerate(counts)
    ]
    found = with_shrunk_rates(engagement(rows))
    columns = [f"{SHRUNK}_low", SHRUNK, f"{SHRUNK}_high"]
    for low, mean, high in found.select(columns).iter_rows():
        assert 0 <= low <= high <= 1
        assert 0 < mean < 1


def test_one_account_too_few_has_no_prior() -> None:
    for count, reasons in ((ACCOUNTS_MIN - 1, {"no_prior"}), (ACCOUNTS_MIN, {None})):
        assert set(with_shrunk_rates(population(count, seed=9)[0])["shrunk_reason"]) == reasons


def test_no_accounts() -> None:
    assert with_shrunk_rates(engagement([])).height == 0
