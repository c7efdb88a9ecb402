"""Late followers beside early ones: who are equally eager, and who are not."""

from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest

from transforms.audience_counts import edges_to_counted, shares_to_engaged_of_12
from transforms.audience_dilution import deciles_to_trend, with_rates_at_risk
from warehouse.lake.edges import EDGE_SCHEMAS

START = datetime(2026, 1, 1)
NOBODY = pl.DataFrame(schema={"account_key": pl.UInt64, "pair": pl.UInt64})
POSTS: dict[str, Any] = {
    "post_key": pl.UInt64, "account_key": pl.UInt64, "published_at": pl.Datetime("us"), "like_count": pl.Int64,
    "comment_count": pl.Int64, "windows": pl.UInt8,
}  # fmt: skip


def population(seed: int, *, fading: float) -> pl.DataFrame:
    """The tenths of 3,000 followers who joined over a year of 60 posts and like one in ten of those that come after.

    Some like far more than others. `fading` is by how much the last follower likes fewer than the first.
    """
    random = np.random.default_rng(seed)
    joined, published = np.sort(random.uniform(0, 365, 3_000)), random.uniform(0, 365, 60)
    eager = 0.1 * random.gamma(2, 0.5, 3_000) * (1 - fading * joined / 365)
    likes = [
        (post, member, START + timedelta(days=published[post]))
        for member in range(3_000)
        for post in np.flatnonzero((published > joined[member]) & (random.random(60) < eager[member])).tolist()
    ]
    follows = [(1, member, START + timedelta(days=day), None, None) for member, day in enumerate(joined)]
    edges: dict[str, list[Any]] = {"follows": follows, "likes": likes, "comments": []}
    posts = [(post, 1, START + timedelta(days=day), None, None, 1) for post, day in enumerate(published)]
    frames = {name: pl.LazyFrame(rows, EDGE_SCHEMAS[name], orient="row") for name, rows in edges.items()}
    return edges_to_counted(frames, pl.DataFrame(posts, POSTS, orient="row"), NOBODY, None).deciles


def test_equally_eager_followers_are_flat_within_their_intervals() -> None:
    """By engagement with any post they would seem to fade away."""
    held, flat = [], []
    for seed in range(8):
        deciles = population(seed, fading=0.0)
        rates = with_rates_at_risk(deciles).sort("join_decile")
        held += (
            (rates["engagement_rate_at_risk_low"] <= 0.1) & (rates["engagement_rate_at_risk_high"] >= 0.1)
        ).to_list()
        (trend,) = deciles_to_trend(deciles).to_dicts()
        flat.append(trend["trend_low"] < 0 < trend["trend_high"])
        assert (trend["trend_p"] > 0.05) == flat[-1]
        any_post = rates["engaged_follower_count"] / rates["followers_known_count"]
        assert any_post[0] > 0.9
        assert any_post[9] < 0.4
    assert np.mean(held) >= 0.9
    assert sum(flat) >= 7


def test_followers_who_fade_are_found() -> None:
    (trend,) = deciles_to_trend(population(30, fading=0.8)).to_dicts()
    assert trend["trend_high"] < 0
    assert trend["trend_p"] < 1e-6


def test_the_share_of_twelve_posts_as_worked_out() -> None:
    """Of twenty posts ten people engaged with one, four with five, two with all, of a hundred followers."""
    key = {"account_key": [1], "time_window": ["all_time"]}
    shares = pl.DataFrame(
        {"account_key": [1] * 3, "time_window": ["all_time"] * 3, "posts": [1, 5, 20], "followers": [10, 4, 2]}
    )
    (row,) = shares_to_engaged_of_12(shares, pl.DataFrame(key | {"post_count": [20]})).to_dicts()
    assert row["engaged_follower_count_of_12"] == pytest.approx(11.985552, abs=5e-7)
    assert shares_to_engaged_of_12(shares, pl.DataFrame(key | {"post_count": [11]})).is_empty()


@pytest.mark.parametrize("seed", range(6))
def test_the_share_of_twelve_posts_is_that_of_all_draws(seed: int) -> None:
    """Every choice of twelve among the posts of a random graph looked at one by one."""
    random = np.random.default_rng(seed)
    posts, followers = int(random.integers(12, 16)), 30
    engaged = random.random((followers, posts)) < random.random((followers, 1)) ** 2
    likes = [(post, member, START) for member, post in np.argwhere(engaged).tolist()]
    comments = [(post, member, START, number) for number, (post, member, _) in enumerate(likes[::3])]
    rows: dict[str, list[Any]] = {
        "follows": [(1, member, None, None, None) for member in range(followers)],
        "likes": likes,
        "comments": comments,
    }
    frames = {name: pl.LazyFrame(own, EDGE_SCHEMAS[name], orient="row") for name, own in rows.items()}
    table = pl.DataFrame([(post, 1, None, None, None, 1) for post in range(posts)], POSTS, orient="row")
    found = edges_to_counted(frames, table, NOBODY, None).counts.filter(time_window="all_time")
    draws = [engaged[:, list(chosen)].any(axis=1).sum() for chosen in combinations(range(posts), 12)]
    assert found["engaged_follower_count_of_12"].item() == pytest.approx(np.mean(draws), rel=1e-12)
    assert found["engaged_follower_post_count"].item() == engaged.sum()
