"""The shrunk rate: the worked example, its limits, and what it is for, on accounts whose true rates are known."""

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm, t

from transforms.log_rates import per_account
from transforms.query_keys import HASH
from transforms.rate_fits import ACCOUNTS_MIN, NICHE_MIN
from transforms.shrinkage import with_posterior, with_shrunk_rates

NICHES = ["beauty", "fitness", "food", "music", "tech", "travel"]
Floats = np.ndarray[Any, np.dtype[np.float64]]
SCATTER = {"normal": norm(0, 0.6), "t": t(4, 0, 0.6 / math.sqrt(2))}
RATES = [
    "engagement_rate_shrunk", "engagement_rate_shrunk_low", "engagement_rate_shrunk_high", "engagement_rate_next_low",
    "engagement_rate_next_high",
]  # fmt: skip


def accounts_of(counts: list[tuple[str, int, list[int]]], platform: str = "instagram") -> pl.DataFrame:
    """What shrunk rates are made of, for accounts with (niche, followers, engagement of each post)."""
    posts = [
        {HASH: place, "y": math.log((k + 0.5) / followers), "size": math.log(followers)}
        for place, (_, followers, own) in enumerate(counts)
        for k in own
    ]
    schema = {HASH: pl.UInt64, "y": pl.Float64, "size": pl.Float64}
    accounts = pl.DataFrame(
        [
            {"platform": platform, "account_id": f"a{place}", "time_window": "all_time", "niche": niche,
             "followers_count": followers, "reason": None if own else "no_posts", HASH: place}
            for place, (niche, followers, own) in enumerate(counts)
        ],
        schema_overrides={HASH: pl.UInt64, "reason": pl.String},
    )  # fmt: skip
    own = per_account(pl.LazyFrame(posts, schema)).collect()
    return accounts.join(own, on=HASH, how="left", maintain_order="left").drop(HASH)


def simulated(
    kind: str, count: int, seed: int, *, between: float = 0.5, within: float = 1.0
) -> tuple[pl.DataFrame, Floats, Floats]:
    """Accounts of 300 to 8 million followers with 1 to 30 posts; the true means, and the rate of a next post.

    Niche and size have effects. Nobody engages twice with a post, so no rate is above 1.
    """
    random, scatter = np.random.default_rng(seed), SCATTER[kind]
    followers = np.exp(random.uniform(np.log(300), np.log(8e6), count)).astype(int)
    niche = random.integers(0, len(NICHES), count)
    effects = np.array([0.4, -0.3, 0.0, 0.2, -0.5, 0.1])[niche]
    mu = -3 + effects - 0.15 * np.log(followers / 1e4) + between * random.normal(size=count)

    posts = random.integers(1, 31, count)
    owner = np.repeat(np.arange(count), posts + 1)
    rates = np.exp(mu[owner] + within * scatter.rvs(len(owner), random_state=random))
    engaged = random.poisson(np.minimum(rates, 1) * followers[owner])
    of_account = np.split(engaged, np.cumsum(posts + 1)[:-1])
    drawn = [(NICHES[niche[n]], int(followers[n]), own[1:].tolist()) for n, own in enumerate(of_account)]
    following = (np.array([own[0] for own in of_account]) + 0.5) / followers
    away = np.linspace(-12, 12, 4_001)
    share = scatter.pdf(away) / scatter.pdf(away).sum()
    true = np.array([np.minimum(np.exp(m + within * away), 1) @ share for m in mu])
    return accounts_of(drawn), true, following


def test_the_worked_example() -> None:
    """Ten thousand followers, four posts: what is fitted to the others put in by hand."""
    logs = np.log((np.array([500, 300, 900, 400]) + 0.5) / 10_000)
    row = pl.DataFrame(
        {
            "log_count": [4], "log_mean": [logs.mean()], "log_variance": [logs.var(ddof=1)], "size": [math.log(10_000)],
            "expected": [math.log(0.035)], "prior_variance": [0.25], "common_variance": [0.36], "common_freedom": [8.0],
            "freedom_of_all": [1e9], "smear_factor": [math.exp(0.18)],
        }
    )  # fmt: skip
    (found,) = with_posterior(row.lazy()).collect().to_dicts()
    assert found["log_mean"] == pytest.approx(-3.031161, abs=5e-7)
    assert found["log_variance"] == pytest.approx(0.216536, abs=5e-7)
    assert found["post_sd_log"] ** 2 == pytest.approx(0.320873, abs=5e-7)
    assert found["shrunk_weight"] == pytest.approx(0.757075, abs=5e-7)
    assert (found["mu"], found["mu_sd"]) == pytest.approx((-3.109199, 0.246437), abs=5e-7)
    assert (found["next_low"], found["next_high"]) == pytest.approx((0.0114606, 0.1738506), abs=5e-8)
    # By the smearing of all posts, of which an account that scatters less than is common has less.
    less = math.exp(0.18 * (found["post_sd_log"] ** 2 / 0.36 - 1))
    rates = [found[name] / less for name in ("shrunk", "shrunk_low", "shrunk_high")]
    assert rates == pytest.approx([0.0534398, 0.0310672, 0.0919238], abs=5e-8)
    assert found["prior"] == pytest.approx(0.035 * math.exp(0.18), rel=1e-9)


def test_posts_that_are_all_alike_have_their_rate_in_the_interval() -> None:
    """Where accounts scatter unlike each other, fifty posts of 5 % each are of an account of 5 %."""
    random = np.random.default_rng(7)
    scatter = np.geomspace(0.2, 2, 60)
    others = [("food", 10_000, (500 * np.exp(random.normal(0, each, 4))).astype(int).tolist()) for each in scatter]
    found = with_shrunk_rates(accounts_of([*others, ("food", 10_000, [500] * 50)]))
    last = found.row(-1, named=True)
    assert last[f"{RATES[0]}_low"] <= 0.05 <= last[f"{RATES[0]}_high"] <= 0.055


@pytest.mark.parametrize("kind", SCATTER)
def test_intervals_hold_the_true_mean_and_the_next_post(kind: str) -> None:
    rows, true, following = simulated(kind, 4_000, seed=19)
    found, count = with_shrunk_rates(rows), rows["log_count"].to_numpy()
    for low, high, wanted in (
        (f"{RATES[0]}_low", f"{RATES[0]}_high", true),
        ("engagement_rate_next_low", "engagement_rate_next_high", following),
    ):
        held = (found[low].to_numpy() <= wanted) & (wanted <= found[high].to_numpy())
        assert 0.93 <= held.mean() <= 0.97
        for least, most in ((1, 1), (2, 3), (4, 6), (7, 12), (13, 20), (21, 30)):
            assert 0.90 <= held[(count >= least) & (count <= most)].mean() <= 0.99, (least, most)


def test_few_accounts_have_intervals_that_hold_too() -> None:
    """What twenty accounts lead to expect is itself uncertain."""
    held: list[float] = []
    for seed in range(40):
        rows, true, _ = simulated("normal", ACCOUNTS_MIN + 5, seed=100 + seed)
        found = with_shrunk_rates(rows)
        held += ((found[RATES[1]].to_numpy() <= true) & (true <= found[RATES[2]].to_numpy())).tolist()
    assert 0.92 <= np.mean(held) <= 0.98


def test_without_scatter_between_accounts_all_are_on_the_line() -> None:
    rows, true, _ = simulated("normal", 2_000, seed=20, between=0.0)
    found = with_shrunk_rates(rows)
    assert found["shrunk_weight"].to_numpy().mean() < 0.1
    assert np.abs(np.log(found[RATES[0]].to_numpy() / true)).max() < 0.2


def test_without_scatter_of_posts_the_rate_is_the_accounts_own() -> None:
    random = np.random.default_rng(21)
    rows = accounts_of(
        [("food", int(f), [int(f * rate)] * 3) for f, rate in zip(
            random.integers(9_000, 99_000, 60), random.uniform(0.01, 0.09, 60), strict=True)]
    )  # fmt: skip
    found = with_shrunk_rates(rows)
    assert (found["shrunk_weight"] == 1).all()
    assert found[RATES[0]].to_numpy() == pytest.approx(np.exp(rows["log_mean"].to_numpy()), rel=1e-9)
    assert (found[RATES[1]] == found[RATES[2]]).all()


def test_posts_without_any_engagement_lie_in_the_interval_of_a_next_post() -> None:
    random = np.random.default_rng(22)
    rows = accounts_of([("food", 400, random.poisson(0.7, 4).tolist()) for _ in range(80)])
    assert (with_shrunk_rates(rows)["engagement_rate_next_low"] == 0).all()


@pytest.mark.parametrize("zeros", [1, 3, 8, 15])
def test_an_account_whose_hidden_likes_came_as_zeros_moves_nobody_else(zeros: int) -> None:
    """Half of its posts have many likes and half none: one exponent of its residuals is more than those of a hundred others."""
    random = np.random.default_rng(24)
    usual = [
        ("food", followers, random.poisson(0.04 * followers * np.exp(0.4 * random.normal(size=10))).tolist())
        for followers in np.exp(random.uniform(np.log(2_000), np.log(80_000), 120)).astype(int).tolist()
    ]
    alone = with_shrunk_rates(accounts_of(usual))
    odd = ("food", 900_000, [40_000] * (16 - zeros) + [0] * zeros)
    beside = with_shrunk_rates(accounts_of([*usual, odd]))[:-1]
    ratio = (beside["engagement_rate_shrunk"] / alone["engagement_rate_shrunk"]).to_numpy()
    assert np.median(ratio) == pytest.approx(1, abs=0.02)
    assert ratio.mean() == pytest.approx(1, abs=0.03)


def test_the_prior_is_that_of_the_size_and_niche() -> None:
    """One prior for all would draw small accounts to the rate of large ones. An account without posts has one too."""
    rows, _, _ = simulated("normal", 4_000, seed=23)
    prior = with_shrunk_rates(rows)["engagement_rate_prior"].to_numpy()
    followers = rows["followers_count"].to_numpy()
    slope, _ = np.polyfit(np.log(followers), np.log(prior), 1)
    assert slope == pytest.approx(-0.15, abs=0.02)
    of_niche = {name: np.log(prior[(rows["niche"] == name).to_numpy()]).mean() for name in NICHES}
    assert of_niche["beauty"] - of_niche["tech"] == pytest.approx(0.9, abs=0.15)
    silent = with_shrunk_rates(pl.concat([rows, accounts_of([("beauty", 10_000, [])])], how="vertical_relaxed"))
    (last,) = silent.tail(1).to_dicts()
    assert last["shrunk_reason"] == "no_posts"
    assert last[RATES[0]] is None
    assert last["engagement_rate_prior"] == pytest.approx(math.exp(-3 + 0.4 + 0.36 / 2), rel=0.1)


def test_shuffled_rows_give_the_same_bits() -> None:
    rows, _, _ = simulated("normal", 300, seed=24)
    first = with_shrunk_rates(rows)
    for seed in range(5):
        again = with_shrunk_rates(rows.sample(fraction=1, shuffle=True, seed=seed))
        assert again.sort("account_id").equals(first.sort("account_id"))


def niches_pooled(rows: pl.DataFrame) -> dict[str, bool]:
    return dict(with_shrunk_rates(rows).select("niche", "is_prior_niche_pooled").unique().iter_rows())


def test_a_small_niche_has_the_pooled_effect() -> None:
    """Together with other small ones where these make ten, else the mean of the niches."""
    rows, _, _ = simulated("normal", 300, seed=25)
    few = accounts_of([("few", 1_000, [900, 800, 950])] * (NICHE_MIN - 1))
    other = few.with_columns(niche=pl.lit("fewer"))
    assert niches_pooled(pl.concat([rows, few])) == dict.fromkeys(NICHES, False) | {"few": True}
    alone, joined = (
        with_shrunk_rates(pl.concat(parts)).filter(niche="few")["engagement_rate_prior"].item(0)
        for parts in ([rows, few], [rows, few, other])
    )
    usual = with_shrunk_rates(rows).filter(pl.col("followers_count").is_between(500, 2_000))["engagement_rate_prior"]
    bounds = usual.to_numpy()
    assert bounds.min() < alone < bounds.max() < 0.5 < joined


def test_reasons() -> None:
    rows, _, _ = simulated("normal", ACCOUNTS_MIN, seed=26)
    once = accounts_of([("food", 900 + n, [30 + n]) for n in range(40)], "x")
    lonely = accounts_of([("food", 900, [30, 40])] * (ACCOUNTS_MIN - 1), "tiktok")
    hidden = accounts_of([("food", 900, [30])]).with_columns(reason=pl.lit("hidden_likes"))
    found = with_shrunk_rates(pl.concat([rows, once, lonely, hidden], how="vertical_relaxed"))
    reasons = dict(found.group_by("platform").agg(pl.col("shrunk_reason").unique().sort()).iter_rows())
    assert reasons == {
        "instagram": [None, "hidden_likes"], "x": ["scatter_unknown"], "tiktok": ["no_prior"],
    }  # fmt: skip
    missing = found.filter(pl.col("shrunk_reason").is_not_null())
    assert missing.select(*RATES, "shrunk_weight", "post_sd_log").null_count().row(0) == (missing.height,) * 7
    assert found.filter(pl.col("shrunk_reason").is_null()).select(RATES).null_count().row(0) == (0,) * 5


@pytest.mark.parametrize(
    "counts",
    [[[0, 0]] * 30, [[5, 5]] * 30, [[0, 10**12]] * 30, [[1], [10**12] * 2] * 15, [[3]] * 29 + [[0, 10**12]]],
    ids=str,
)
def test_accounts_that_say_little_have_figures_within_bounds(counts: list[list[int]]) -> None:
    rows = accounts_of([("food", 1 + 10 ** (place % 12), own) for place, own in enumerate(counts)])
    found = with_shrunk_rates(rows).select(RATES)
    for mean, low, high, next_low, next_high in found.iter_rows():
        assert 0 <= low <= mean <= high <= 1e13
        assert 0 <= next_low <= next_high <= 1e13


def test_no_accounts() -> None:
    rows = accounts_of([("food", 9, [1])]).clear()
    assert with_shrunk_rates(rows).height == 0
    assert with_shrunk_rates(rows).columns[-1] == "shrunk_reason"
