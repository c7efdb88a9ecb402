"""What the statistics cost, beside hand-written DuckDB SQL that makes a part of them from the same posts, in one run.

    python benchmarks/estimates.py [--accounts 1000000] [--posts 10000000] [--rounds 1] [--folder FOLDER]

Neither reads exports nor writes a warehouse: both begin with posts of known rates in memory. Ours makes all that is
estimated: windows, shrunk rates and their calibration, peers, fits, lifts, cells with intervals, contrasts, paid beside organic
posts. The peer makes windows and cells (means, medians, quartiles) of the same posts, and has no answer to the rest.
Each is a process of its own; CPU is what its statistics took, peak memory that of the whole process. Read the ratio.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import polars as pl

from benchmarks.contest import apart, same
from benchmarks.counts import NICHES
from benchmarks.counts_duckdb import AGGREGATE, SCHEMES, TIERS, WINDOWS
from marts.account_engagement import engagement_marts
from transforms import account_engagement, rate_calibration, shrinkage
from transforms.post_windows import Windows, with_newest
from transforms.query_keys import HASH

AS_OF = datetime(2026, 8, 1)
PLATFORMS = ["instagram", "tiktok", "youtube"]
KEYS = ["platform", "niche", "tier", "time_window", "account_count"]
ANSWER = [*KEYS, "engagement_rate_by_followers_mean", "engagement_rate_by_followers_median"]


def generate(folder: Path, accounts: int, posts: int) -> None:
    """Parquet of accounts, and of posts with their rates: followers, likes and scatter as in benchmarks/counts.py; a third sponsored."""
    random = np.random.default_rng(20_161_117)
    number, owner = np.arange(accounts), random.integers(0, accounts, posts)
    followers = np.clip(random.lognormal(9, 2, accounts), 50, 3e8).astype(np.int64)
    likes = (followers[owner] ** 0.8 * random.lognormal(-0.5, 0.6, posts)).astype(np.int64)
    ids = pl.Series(number).cast(pl.String).str.zfill(10)
    folder.mkdir(parents=True, exist_ok=True)
    listed = pl.DataFrame({
        "platform": np.array(PLATFORMS)[number % 3], "account_id": ids,
        "niche": np.array(NICHES)[random.integers(0, len(NICHES), accounts)], "followers_count": followers,
    })  # fmt: skip
    listed.write_parquet(folder / "accounts.parquet")
    made = pl.DataFrame({
        "platform": np.array(PLATFORMS)[owner % 3], "account_id": ids.gather(owner),
        "post_id": (pl.Series(np.arange(posts)) + 17_000_000_000_000_000).cast(pl.String),
        "published_at": pl.Series(random.integers(0, 365 * 86_400, posts) * 1_000_000 + 1_754_006_400_000_000).cast(pl.Datetime("us")),
        "followers_count": followers[owner], "like_count": likes, "comment_count": likes // 40,
        "engagement_count": likes + likes // 40, "is_sponsored": random.random(posts) < 1 / 3, "is_gifted": np.zeros(posts, bool),
        "observed_at": [AS_OF] * posts,
    })  # fmt: skip
    rates = [
        (pl.col(f"{of}_count") / pl.col("followers_count")).alias(f"{of}_rate_by_followers")
        for of in ("like", "engagement")
    ]
    made.with_columns(rates).write_parquet(folder / "posts.parquet")


def ours(folder: Path) -> Callable[[], pl.DataFrame]:
    posts = account_engagement.posts_to_measured(pl.scan_parquet(folder / "posts.parquet"), frozenset())
    measured = posts.collect(engine="streaming").sort(HASH)
    accounts = pl.read_parquet(folder / "accounts.parquet")
    return lambda: statistics(measured, accounts, folder).filter(scheme="article").select(ANSWER)


def statistics(measured: pl.DataFrame, accounts: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """All of them, in the order of `marts/build.py`; gives the cells, which the peer has too."""
    windows = Windows.of([with_newest(measured).lazy()], AS_OF)
    made = engagement_marts(windows, accounts, folder)
    engagement = made["account_engagement"].lazy()
    others = shrinkage.platforms_of_others(engagement)
    shrinkage.to_shrunk_rates(engagement, windows, others)
    rate_calibration.to_rate_calibration(engagement, windows, others)
    cells: pl.DataFrame = made["niche_tier_engagement"].lazy().collect()
    return cells


def of_duckdb(folder: Path) -> Callable[[], pl.DataFrame]:
    connection = duckdb.connect(config={"temp_directory": str(folder / "spill")})
    for name in ("accounts", "posts"):
        connection.execute(f"CREATE TABLE {name} AS FROM read_parquet('{folder / name}.parquet')")
    return lambda: _answered(connection)


def _answered(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
    connection.execute(SCHEMES)
    connection.execute(WINDOWS)
    connection.execute(AGGREGATE.format(name="niche_tier_engagement", cell="niche, scheme, tier,", tiers=TIERS))
    connection.execute(AGGREGATE.format(name="tier_engagement", cell="scheme, tier,", tiers=TIERS))
    connection.execute(AGGREGATE.format(name="niche_engagement", cell="niche,", tiers=""))
    rows: pl.DataFrame = connection.sql(
        f"SELECT {', '.join(ANSWER)} FROM niche_tier_engagement WHERE scheme = 'article'"
    ).pl()
    return rows


CONTENDERS = {"ours": ours, "duckdb": of_duckdb}


def contend(name: str, folder: Path, target: Path) -> None:
    """One contender in a process of its own: its figures and its answer."""
    work = CONTENDERS[name](folder)
    began, busy = time.monotonic(), time.process_time()
    answer = work()
    figures = {"wall": time.monotonic() - began, "cpu": time.process_time() - busy}
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer.sort(KEYS, nulls_last=True).write_parquet(target / f"{name}.parquet")
    (target / f"{name}.json").write_text(json.dumps(figures), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--posts", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep the generated files here between runs")
    options = parser.parse_args()
    with TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        if not (folder / "posts.parquet").exists():
            print(f"generating {options.accounts:,} accounts and {options.posts:,} posts", file=sys.stderr)
            apart(generate, folder, options.accounts, options.posts)
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
        for _ in range(options.rounds):
            for name, own in runs.items():
                apart(contend, name, folder, Path(scratch))
                own.append(json.loads((Path(scratch) / f"{name}.json").read_text(encoding="utf-8")))
        mine, theirs = (pl.read_parquet(Path(scratch) / f"{name}.parquet") for name in CONTENDERS)
    print("| contender | wall s | CPU s, each round | peak MB |\n|---|---:|---:|---:|")
    for name, own in runs.items():
        cpu = ", ".join(f"{run['cpu']:.1f}" for run in own)
        print(f"| {name} | {min(run['wall'] for run in own):.1f} | {cpu} | {max(run['peak_mb'] for run in own):,.0f} |")
    least = {name: min(run["cpu"] for run in own) for name, own in runs.items()}
    print(f"\nours/duckdb CPU, the least of each: {least['ours'] / least['duckdb']:.2f}")
    if not same(mine, theirs, KEYS):
        raise SystemExit("the cells of the two differ")


if __name__ == "__main__":
    main()
