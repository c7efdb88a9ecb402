"""The main job on generated CSV, beside what people would write instead, in one run and with the same answers.

    python benchmarks/counts.py [--accounts 1000000] [--posts 10000000] [--rounds 1] [--only ours duckdb pandas]

Each contender is a process of its own over the same files; wall, CPU and peak memory are those of the whole process
tree. Figures of one machine say little: read the ratios.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import polars as pl

HERE = Path(__file__).parent
NICHES = ["beauty", "fashion", "fitness", "food", "gaming", "music", "tech", "travel"]
TOLERANCE = 1e-9


def generate(folder: Path, accounts: int, posts: int) -> None:
    """accounts.csv and posts.csv: Pareto-like followers, likes falling with size, 2 % hidden likes; seeded."""
    import numpy as np

    random = np.random.default_rng(20_161_116)
    followers = np.clip(random.lognormal(9, 2, accounts), 50, 3e8).astype(np.int64)
    ids = np.arange(accounts)
    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(
        {
            "platform": np.array(["instagram", "tiktok", "youtube"])[ids % 3],
            "account_id": pl.Series(ids).cast(pl.String).str.zfill(10),
            "username": "user_" + pl.Series(ids).cast(pl.String),
            "niche": np.array(NICHES)[random.integers(0, len(NICHES), accounts)],
            "followers_count": followers,
            "observed_at": ["2026-08-01T00:00:00Z"] * accounts,
        }
    ).write_csv(folder / "accounts.csv")
    with (folder / "posts.csv").open("wb") as out:
        step = 1_000_000
        for start in range(0, posts, step):
            count = min(step, posts - start)
            number = np.arange(start, start + count)
            owner = random.integers(0, accounts, count)
            likes = (followers[owner] ** 0.8 * random.lognormal(-0.5, 0.6, count)).astype(np.int64)
            seconds = random.integers(0, 365 * 86_400, count)
            frame = pl.DataFrame(
                {
                    "platform": np.array(["instagram", "tiktok", "youtube"])[owner % 3],
                    "post_id": (pl.Series(number) + 17_000_000_000_000_000).cast(pl.String),
                    "account_id": pl.Series(owner).cast(pl.String).str.zfill(10),
                    "published_at": pl.Series(seconds * 1_000_000 + 1_754_006_400_000_000).cast(pl.Datetime("us")),
                    "media_type": np.array(["image", "video", "carousel"])[number % 3],
                    "like_count": pl.Series(likes),
                    "comment_count": pl.Series(likes // 40),
                    "view_count": pl.Series(likes * 7),
                    "observed_at": ["2026-08-01T00:00:00Z"] * count,
                }
            )
            hidden = pl.Series(random.random(count) < 0.02)
            frame = frame.with_columns(
                pl.when(~hidden).then("like_count").alias("like_count"),
                pl.col("published_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
            frame.write_csv(out, include_header=start == 0)


def ours(folder: Path, home: Path) -> list[str]:
    return [sys.executable, "-m", "flows.cli", "run", str(folder), "--home", str(home), "--json"]


def peer(name: str, folder: Path, home: Path) -> list[str]:
    return [sys.executable, str(HERE / f"counts_{name}.py"), str(folder), str(home / "answer.duckdb")]


def measure(command: list[str]) -> dict[str, float]:
    """Wall and CPU seconds and peak resident megabytes of a command, by the kernel's own accounting."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return {
        "wall": time.monotonic() - began,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


ANSWER = """
SELECT platform, niche, tier, time_window, account_count::BIGINT AS account_count, post_count::BIGINT AS post_count,
       engagement_rate_by_followers_mean AS rate_mean, engagement_rate_by_followers_median AS rate_median
FROM niche_tier_engagement WHERE scheme = 'article' ORDER BY ALL
"""


def answer(path: Path) -> pl.DataFrame:
    connection = duckdb.connect(str(path), read_only=True)
    try:
        rows: pl.DataFrame = connection.sql(ANSWER).pl()
        return rows
    finally:
        connection.close()


def same(left: pl.DataFrame, right: pl.DataFrame) -> bool:
    keys = ["platform", "niche", "tier", "time_window", "account_count", "post_count"]
    if not left.select(keys).equals(right.select(keys)):
        return False
    rates = ["rate_mean", "rate_median"]
    differences = (left.select(rates) - right.select(rates)).select(pl.max_horizontal(pl.all().abs().max()))
    return float(differences.item() or 0) < TOLERANCE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--posts", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=["ours", "duckdb", "pandas"])
    parser.add_argument("--folder", type=Path, help="keep the generated files here between runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "exports"
        if not (folder / "posts.csv").exists():
            print(f"generating {options.accounts:,} accounts and {options.posts:,} posts", file=sys.stderr)
            generate(folder, options.accounts, options.posts)
        figures: dict[str, list[dict[str, float]]] = {name: [] for name in options.only}
        answers: dict[str, pl.DataFrame] = {}
        for _ in range(options.rounds):
            for name in options.only:
                home = Path(scratch) / name
                shutil.rmtree(home, ignore_errors=True)
                home.mkdir()
                command = ours(folder, home) if name == "ours" else peer(name, folder, home)
                figures[name].append(measure(command))
                answers[name] = answer(home / ("warehouse.duckdb" if name == "ours" else "answer.duckdb"))
                print(f"{name}: {json.dumps({k: round(v, 2) for k, v in figures[name][-1].items()})}", file=sys.stderr)
        report(figures, answers, folder)


def report(figures: dict[str, list[dict[str, float]]], answers: dict[str, pl.DataFrame], folder: Path) -> None:
    """A Markdown table of medians and ratios, and whether the answers agree."""
    size = sum(path.stat().st_size for path in folder.glob("*.csv")) / 1e6
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {size:,.0f} MB of CSV\n")
    print("| contender | wall s | CPU s | peak MB | ours/its wall | ours/its CPU | ours/its memory | same answers |")
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    middle = {
        name: {key: sorted(run[key] for run in runs)[len(runs) // 2] for key in ("wall", "cpu", "peak_mb")}
        for name, runs in figures.items()
    }
    for name, own in middle.items():
        ratios = [
            f"{middle['ours'][key] / own[key]:.2f}" if "ours" in middle else "" for key in ("wall", "cpu", "peak_mb")
        ]
        agree = "" if "ours" not in answers else ("yes" if same(answers["ours"], answers[name]) else "NO")
        print(
            f"| {name} | {own['wall']:.1f} | {own['cpu']:.1f} | {own['peak_mb']:,.0f} | {' | '.join(ratios)} | {agree} |"
        )
    if "ours" in answers and not all(same(answers["ours"], other) for other in answers.values()):
        raise SystemExit("the answers differ")


if __name__ == "__main__":
    main()
