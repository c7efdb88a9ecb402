"""The exact-bound table, under every scheme."""

import polars as pl
import pytest

from schemas.tiers import SCHEMES
from transforms.tiers import tier_of

SCHEME_NAMES = ("article", "mediakix", "hypeauditor_2018", "later_fohr", "markerly_bands")
BOUNDS = {
    0: ("nano", None, None, "nano", "under_1k"),
    999: ("nano", None, None, "nano", "under_1k"),
    1_000: ("micro", "nano", "nano", "nano", "1k_10k"),
    4_999: ("micro", "nano", "nano", "nano", "1k_10k"),
    5_000: ("micro", "nano", "micro", "nano", "1k_10k"),
    9_999: ("micro", "nano", "micro", "nano", "1k_10k"),
    10_000: ("micro", "micro", "micro", "micro", "10k_100k"),
    19_999: ("micro", "micro", "micro", "micro", "10k_100k"),
    20_000: ("micro", "micro", "mid", "micro", "10k_100k"),
    49_999: ("micro", "micro", "mid", "micro", "10k_100k"),
    50_000: ("micro", "mid", "mid", "micro", "10k_100k"),
    99_999: ("micro", "mid", "mid", "micro", "10k_100k"),
    100_000: ("macro", "mid", "macro", "mid", "100k_1m"),
    499_999: ("macro", "mid", "macro", "mid", "100k_1m"),
    500_000: ("macro", "macro", "macro", "macro", "100k_1m"),
    999_999: ("macro", "macro", "macro", "macro", "100k_1m"),
    1_000_000: ("mega", "mega", "mega", "mega", "1m_10m"),
    9_999_999: ("mega", "mega", "mega", "mega", "1m_10m"),
    10_000_000: ("mega", "mega", "mega", "mega", "over_10m"),
    None: (None, None, None, None, None),
}


@pytest.mark.parametrize("followers", BOUNDS)
def test_tier_at_each_bound(followers: int | None) -> None:
    row = pl.DataFrame({"f": [followers]}, schema={"f": pl.Int64}).select(
        tier_of(pl.col("f"), scheme).alias(scheme.name) for scheme in SCHEMES
    )
    assert row.columns == list(SCHEME_NAMES)
    assert row.row(0) == BOUNDS[followers]
