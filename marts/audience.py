"""From the edges of the lake to the audience marts: buckets laid out, counted one by one, and put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from marts.audience_buckets import count_buckets
from marts.audience_layout import prepare
from marts.audience_people import SUMS, People, read_sums, sum_over_people
from marts.audience_results import Bucket, Layer, is_counted, read_made
from marts.pieces import Share
from schemas.audience_overlap import Bounds
from schemas.columns import polars_schema
from schemas.keys import stable_key
from schemas.tables import MARTS
from transforms import audience_niches, audience_overlap, audience_rates
from transforms.audience_people import OTHERS, TOLD
from transforms.self_pairs import accounts_to_selves
from warehouse.in_files import Frame
from warehouse.lake import edges
from warehouse.lake.ledger import Lake

ACCOUNT = ["platform", "account_id"]
CALLED = [*ACCOUNT, "username"]
AUDIENCE_MARTS = ("audience", "audience_niches", "audience_overlap", "audience_dilution", "audience_dilution_trend")
# How many buckets are counted in one piece, which is a task: tasks cost, tens of them are fine.
BUCKETS_PER_PIECE = 8
# Of buckets that were counted before there is less to count, and it is counted together.
UPDATES_PER_PIECE = 32

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Buckets:
    """Some buckets, which are counted in one piece."""

    buckets: tuple[Bucket, ...]

    @property
    def name(self) -> str:
        return f"count-buckets-{self.buckets[0].number}-to-{self.buckets[-1].number}"

    @property
    def at_once(self) -> int:
        return min(bucket.at_once for bucket in self.buckets)

    def do(self, lake: Path) -> None:
        count_buckets(lake, self.buckets)


@dataclass(frozen=True)
class Options:
    """What marts depend on beside the lake: the secret of its members, null where it has none; bytes of memory allowed; how
    many overlaps are told; whether niches that hashtags suggest are used."""

    secret: str | None
    memory: int
    bounds: Bounds
    use_suggested_niches: bool = False


def no_audience() -> Frames:
    """The audience marts of a lake without follower, like and comment lists."""
    return {name: polars_schema(MARTS[name]).to_frame() for name in AUDIENCE_MARTS}


def has_edges(lake: Lake) -> bool:
    return any(lake.segments(dataset) for dataset in edges.EDGE_SCHEMAS)


def audience_marts(
    lake: Lake,
    marts: Mapping[str, Frame],
    moved: pl.DataFrame,
    as_of: datetime | None,
    options: Options,
    share: Share,
) -> Frames:
    """The marts made of follower, like and comment lists.

    Args:
        lake: Whose lists.
        marts: `accounts`, `account_names`, `posts` and `account_engagement`, as their schemas say.
        moved: Lists that are known by a name, under the key of it: account_key, observed_at and the new_key of the account.
        as_of: The instant of the figures (UTC); later edges are left out.
        options: What they depend on beside.
        share: Has the buckets counted that are not counted yet.

    Returns:
        `audience`, `audience_niches`, `audience_overlap`, `audience_dilution` and `audience_dilution_trend`, as their schemas say.
    """
    accounts = marts["accounts"].lazy().collect()
    names = marts["account_names"].lazy().collect()
    of_one = names.filter(~pl.struct("platform", "username").is_duplicated())
    called = pl.concat([accounts.select(CALLED), of_one.select(CALLED)])
    selves = accounts_to_selves(called, options.secret)
    buckets = prepare(lake, marts["posts"].lazy(), selves, moved, as_of, options.memory)
    share(lake.root, _still_to_count(lake.root, buckets))
    made = put_together(lake, buckets, accounts, as_of, options.bounds)
    engagement = marts["account_engagement"].lazy()
    made["audience"] = audience_rates.with_reasons_of_windows(made["audience"], engagement)
    sweep_cache(lake, buckets)
    return made


def _still_to_count(lake: Path, buckets: Sequence[Bucket]) -> list[Buckets]:
    """The buckets that are still to be counted, a few in each piece."""
    missing = [bucket for bucket in buckets if not is_counted(lake, bucket.result)]
    whole, updates = ([bucket for bucket in missing if bool(bucket.earlier) is wanted] for wanted in (False, True))
    return [
        Buckets(tuple(each[i : i + size]))
        for each, size in ((whole, BUCKETS_PER_PIECE), (updates, UPDATES_PER_PIECE))
        for i in range(0, len(each), size)
    ]


def put_together(
    lake: Lake,
    buckets: Sequence[Bucket],
    accounts: pl.DataFrame,
    as_of: datetime | None,
    bounds: Bounds,
) -> Frames:
    """The audience marts, from the counted buckets."""
    if not buckets:  # every like still waits for its post
        return no_audience()
    counts, deciles = (
        pl.concat(pl.read_parquet(lake.root / f"{bucket.result}-{name}.parquet") for bucket in buckets)
        for name in ("counts", "deciles")
    )
    known_count = pl.col("followers_known_count")
    known = counts.filter(pl.col("time_window") == "all_time").select("account_key", known_count)
    listed = accounts.select(
        stable_key("platform", "account_id").alias("account_key"), *ACCOUNT, "followers_count", "niche"
    )
    followed = listed.join(known, on="account_key", how="inner")
    numbered = audience_overlap.number_accounts(followed.filter(known_count > 0)).with_columns(
        (known_count >= bounds.listed_min).alias("is_told")
    )
    people = People(lake.root, _layers(lake, buckets), buckets[0].slices)
    sums = sum_over_people(people, listed.join(known, on="account_key", how="left"), numbered)
    overlaps = audience_overlap.shared_to_counts(sums.shared[TOLD], sums.shared[OTHERS], numbered, bounds)
    concentration = audience_niches.counts_to_concentration(sums.niches, sums.labelled)
    mart = audience_rates.counts_to_audience(counts, listed, concentration, overlaps, as_of)
    return {
        "audience": mart,
        "audience_dilution": audience_rates.deciles_to_audience_dilution(deciles, listed, mart),
        "audience_dilution_trend": audience_rates.deciles_to_audience_dilution_trend(deciles, listed, mart),
        "audience_niches": audience_niches.counts_to_audience_niches(sums.niches, listed),
        "audience_overlap": audience_overlap.shared_to_audience_overlap(
            sums.shared[TOLD], numbered, 0.5 ** sums.halvings[TOLD], bounds
        ),
    }


def _layers(lake: Lake, buckets: Sequence[Bucket]) -> dict[int, list[Layer]]:
    """Where the followers of each bucket are."""
    made = {bucket.number: read_made(lake.root, bucket.result) for bucket in buckets}
    return {number: own.layers for number, own in made.items() if own}


def sweep_cache(lake: Lake, buckets: Sequence[Bucket]) -> None:
    """Remove results and layouts that the published marts were not made from."""
    edges.sweep_cached_buckets(lake, {name for bucket in buckets for names in bucket.files.values() for name in names})
    wanted = {Path(bucket.result).name for bucket in buckets}
    wanted |= {Path(layer.path).name for own in _layers(lake, buckets).values() for layer in own}
    sums = read_sums(lake.root)
    wanted |= {Path(SUMS).name, Path(sums.path).name} if sums else set()
    for path in (lake.root / "cache" / "audience").glob("*"):
        if path.name.partition("-")[0] not in wanted or "-in-" in path.name:
            path.unlink()
