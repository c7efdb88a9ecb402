"""The main job on generated CSV, beside what people would write instead, in one run and with the same answers.

    python benchmarks/counts.py [--accounts 1000000] [--posts 10000000] [--rounds 1] [--only ours duckdb pandas]

Each contender is a process of its own over the same files; wall, CPU and peak memory are those of the whole process
tree. Figures of one machine say little: read the ratios.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import polars as pl

from benchmarks.contest import Figures, answer, apart, measure, report

HERE = Path(__file__).parent
NICHES = ["beauty", "fashion", "fitness", "food", "gaming", "music", "tech", "travel"]


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


ANSWER = """
SELECT platform, niche, tier, time_window, account_count::BIGINT AS account_count, post_count::BIGINT AS post_count,
       engagement_rate_by_followers_mean AS rate_mean, engagement_rate_by_followers_median AS rate_median
FROM niche_tier_engagement WHERE scheme = 'article' ORDER BY ALL
"""
KEYS = ["platform", "niche", "tier", "time_window", "account_count", "post_count"]


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
            apart(generate, folder, options.accounts, options.posts)
        figures: Figures = {name: [] for name in options.only}
        answers: dict[str, pl.DataFrame] = {}
        for _ in range(options.rounds):
            for name in options.only:
                home = Path(scratch) / name
                shutil.rmtree(home, ignore_errors=True)
                home.mkdir()
                command = ours(folder, home) if name == "ours" else peer(name, folder, home)
                figures[name].append(measure(command))
                answers[name] = answer(home / ("warehouse.duckdb" if name == "ours" else "answer.duckdb"), ANSWER)
                print(f"{name}: {json.dumps({k: round(v, 2) for k, v in figures[name][-1].items()})}", file=sys.stderr)
        report(figures, answers, KEYS, folder)


if __name__ == "__main__":
    main()
