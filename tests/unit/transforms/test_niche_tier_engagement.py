"""What a cell's figures come to depends on no other window of time."""

import numpy as np
import polars as pl
import pytest

from transforms.niche_tier_engagement import (
    LOGS,
    by_rate,
    to_niche_engagement,
    to_niche_tier_engagement,
    to_tier_engagement,
)

CELL = ["platform", "niche", "scheme", "tier", "time_window"]


def accounts(window: str, largest: float, seed: int) -> pl.DataFrame:
    """Some thousand accounts with several times as many likes as followers, in small cells."""
    chance = np.random.default_rng(seed)
    count = 3_000
    rates = chance.uniform(0.5, largest, count)
    return pl.DataFrame(
        {
            "platform": chance.choice(["instagram", "tiktok", "x"], count),
            "niche": [f"niche {number}" for number in chance.integers(0, 150, count)],
            "time_window": [window] * count,
            "followers_count": chance.integers(1, 2_000_000, count),
            "post_count": chance.integers(1, 9, count),
            "post_known_count": [1] * count,
            "like_rate_by_followers": rates * 0.9,
            "engagement_rate_by_followers": rates,
        }
    )


@pytest.mark.parametrize("largest", [60.0, 4_000.0, 3_000_000.0])
def test_rates_of_another_window_change_no_digit(largest: float) -> None:
    own, other = accounts("last_90_days", 60.0, 5), accounts("all_time", largest, 6)
    for made_of in (to_niche_tier_engagement, to_tier_engagement, to_niche_engagement):
        alone, beside = (made_of(by_rate(rows)).drop(LOGS, strict=False) for rows in (own, pl.concat([other, own])))
        key = [name for name in CELL if name in alone.columns]
        found = beside.filter(pl.col("time_window") == "last_90_days")
        assert found.sort(key, nulls_last=True).equals(alone.sort(key, nulls_last=True))
