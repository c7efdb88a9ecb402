"""The mart `account_engagement`, and the marts that sum it up: a window of time after the other where accounts are many.

Whatever is compared or fitted here is of one window. So the rows of the others need not be in memory: those of each are
written to a file, which the table is filled from batch by batch, and other marts read the columns of that they need.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from schemas.time_windows import TIME_WINDOWS
from transforms import (
    engagement_regression,
    lift,
    niche_tier_engagement,
    paid_to_organic_pooled,
    peers,
    regression_tiers,
    shrinkage,
)
from transforms.account_engagement import OfWindows
from transforms.post_windows import Windows
from transforms.sponsorship import SCATTERS
from warehouse.atomic_write import crash_point
from warehouse.in_files import ROW_GROUP, InFiles

# Of so many the rows of all windows take some 150 MB, less than the posts they are made from. The queries that a window takes
# have a price of their own, which runs with few accounts would pay three times.
ACCOUNTS_AT_ONCE = 100_000
NAME = "account_engagement"

Frames = dict[str, pl.DataFrame | InFiles]


def engagement_marts(windows: Windows, accounts: pl.DataFrame, scratch: Path) -> Frames:
    """`account_engagement` and, each by its name, the marts of pooled ratios, cells, tiers and lines that are made from it.

    Args:
        windows: Posts and the windows they count in.
        accounts: The mart `accounts`.
        scratch: Where the rows of a window are kept while the warehouse is built, of many accounts; whoever built it empties it.
    """
    of_windows = OfWindows.of(windows, accounts)
    if accounts.height <= ACCOUNTS_AT_ONCE:
        return {**_marts_of(of_windows, TIME_WINDOWS)}
    made, paths = [], []
    for name in TIME_WINDOWS:
        marts = _marts_of(of_windows, [name])
        paths.append(scratch / f"{NAME}-{name}.parquet")
        crash_point(f"write {paths[-1].name}")
        marts.pop(NAME).write_parquet(paths[-1], compression="lz4", statistics=False, row_group_size=ROW_GROUP)
        made.append(marts)
    together: Frames = {name: pl.concat(marts[name] for marts in made) for name in made[0]}
    return together | {NAME: InFiles(tuple(paths))}


def _marts_of(of_windows: OfWindows, names: Sequence[str]) -> dict[str, pl.DataFrame]:
    """The marts in some windows. The rows of all accounts are many: none are held that are not needed any more."""
    engagement = shrinkage.with_shrunk_rates(peers.with_peers(of_windows.engagement(names)))
    pooled = paid_to_organic_pooled.to_paid_to_organic_pooled(engagement)
    engagement = engagement.drop(SCATTERS)
    regression = engagement_regression.engagement_to_regression(engagement)
    by_tier, curves = regression_tiers.engagement_to_regression_tiers(engagement, regression)
    return {
        "paid_to_organic_pooled": pooled,
        "engagement_regression": regression,
        "engagement_regression_tiers": by_tier,
        **dict(_aggregates(engagement)),
        NAME: lift.with_lift(engagement, regression, curves),
    }


def _aggregates(engagement: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    by_rate = niche_tier_engagement.by_rate(engagement)
    of_cells = niche_tier_engagement.to_niche_tier_engagement(by_rate)
    of_tiers = niche_tier_engagement.to_tier_engagement(by_rate)
    yield "niche_tier_engagement", of_cells.drop(niche_tier_engagement.LOGS)
    yield "tier_engagement", of_tiers.drop(niche_tier_engagement.LOGS)
    yield "tier_contrasts", niche_tier_engagement.to_tier_contrasts(of_cells, of_tiers)
    yield "niche_engagement", niche_tier_engagement.to_niche_engagement(by_rate)
