"""Who follows and who likes, person by person, on generated CSV, beside what people would write instead.

    python benchmarks/edges.py [--scale 1] [--rounds 1] [--folder kept] [--only ours duckdb polars] [--pandas]

Each contender is a process of its own over the same files, and all give the same answers. `ours` takes the ids for
pseudonyms, `ours-hmac` makes pseudonyms of them, `ours-from-lake` counts the audience of a filled lake anew, without
its caches. `ours-second` is the run after a second delivery of one percent more follows and likes, of one percent of the
accounts, `ours-second-spread` that of as many of all accounts. `floor` reads the two lists and hashes their ids, nothing else: no contender that hashes can be faster.
pandas gets a tenth of the rows, in a contest of its own. Figures of one machine say little: read the ratios.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.contest import Figures, answer, apart, measure, report

HERE = Path(__file__).parent
FOLLOWS, LIKES, ACCOUNTS, POSTS, MEMBERS = 30_000_000, 60_000_000, 20_000, 400_000, 6_000_000
STEP = 2_000_000
CONTENDERS = [
    "floor", "ours", "ours-from-lake", "ours-second", "ours-second-spread", "duckdb", "polars", "ours-hmac", "duckdb-sha256"
]  # fmt: skip
# Second deliveries, by the share of the accounts they are about.
MORE = ("more-follows.csv", "more-likes.csv")
SECOND = {"ours-second": 0.01, "ours-second-spread": 1.0}
BESIDE = {"duckdb-sha256": "ours-hmac", "ours-hmac": "ours-hmac"}
PSEUDONYMS = '[[source]]\nfiles = "*.csv"\nmembers = "pseudonyms"\n'
PEERS = {
    "floor": ("polars", "floor"),
    "duckdb": ("duckdb",),
    "duckdb-sha256": ("duckdb", "sha256"),
    "polars": ("polars",),
    "pandas": ("pandas",),
}

ANSWER = """
SELECT platform, account_id, followers_known_count::BIGINT AS followers_known_count,
       engaged_follower_count::BIGINT AS engaged_follower_count, follower_engagement_rate,
       listed_like_count::BIGINT AS listed_like_count, likes_coverage_ratio
FROM audience WHERE time_window = 'all_time' ORDER BY ALL
"""


def generate(folder: Path, scale: float) -> None:
    """Accounts sized by Zipf's law, their followers, posts and likes; seeded.

    Four likes of five are by followers, the others by people who follow nobody. Nobody likes a post twice. Follower
    lists hold all but 2 % of followers_count and likes all but 4 % of like_count, so that no rate is withheld.
    """
    import numpy as np

    random = np.random.default_rng(20_161_116)
    follows, likes, accounts, posts, members = (
        max(1, round(full * scale)) for full in (FOLLOWS, LIKES, ACCOUNTS, POSTS, MEMBERS)
    )
    weight = 1 / np.arange(1, accounts + 1) ** 0.9
    size = np.clip(weight / weight.sum() * follows, 20, members // 2).astype(np.int64)
    random.shuffle(size)
    # The followers of an account are every n-th member from some member on, for an n that comes by each member once.
    start, stride = random.integers(0, members, accounts), random.integers(1, members, accounts)
    while (shared := np.gcd(stride, members) > 1).any():
        stride[shared] += 1
    owner = np.concatenate([np.arange(accounts), random.integers(0, accounts, posts - accounts)])
    wanted = size[owner] * (likes / size[owner].sum()) * random.lognormal(-0.125, 0.5, posts)
    liked = np.clip(wanted, 1, size[owner]).astype(np.int64)
    first = random.integers(0, 1 << 40, posts)

    def ids(numbers: Any, base: int) -> pl.Series:
        return (pl.Series(numbers) + base).cast(pl.String)

    def write(path: Path, columns: dict[str, pl.Series], *, more: bool = False) -> None:
        with path.open("ab" if more else "wb") as out:
            frame = pl.DataFrame(columns).select(pl.lit("instagram").alias("platform"), pl.all())
            frame.write_csv(out, include_header=not more)

    def expanded(counts: Any, begin: int) -> tuple[int, Any, Any]:
        """From the row `begin` on, about STEP edges: where to go on, each edge's row and its number within the row."""
        end = begin + max(1, int(np.searchsorted(np.cumsum(counts[begin:]), STEP)))
        some = counts[begin:end]
        rows = np.repeat(np.arange(begin, end), some)
        return end, rows, np.arange(len(rows)) - np.repeat(np.cumsum(some) - some, some)

    folder.mkdir(parents=True, exist_ok=True)
    write(
        folder / "accounts.csv",
        {"account_id": ids(np.arange(accounts), 1_000_000_000), "followers_count": pl.Series(size + size // 50)},
    )
    begin = 0
    while begin < accounts:
        end, account, place = expanded(size, begin)
        member = (start[account] + place * stride[account]) % members
        columns = {"account_id": ids(account, 1_000_000_000), "follower_id": ids(member, 7_000_000_000)}
        write(folder / "follows.csv", columns, more=begin > 0)
        begin = end
    begin = 0
    while begin < posts:
        end, post, place = expanded(liked, begin)
        account, number = owner[post], first[post] + place
        follower = (start[account] + number % size[account] * stride[account]) % members
        member = np.where((place + post) % 5 == 0, members + number % members, follower)
        columns = {"post_id": ids(post, 3_000_000_000), "liker_id": ids(member, 7_000_000_000)}
        write(folder / "likes.csv", columns, more=begin > 0)
        begin = end
    write(
        folder / "posts.csv",  # the last one: where it is, the others are whole
        {
            "post_id": ids(np.arange(posts), 3_000_000_000),
            "account_id": ids(owner, 1_000_000_000),
            "like_count": pl.Series(liked + liked // 25),
            "comment_count": pl.Series(np.zeros(posts, np.int64)),
        },
    )


def deliver_more(folder: Path, scale: float, share: float) -> None:
    """A second delivery: one percent more follows and likes, by anybody, of a share of the accounts."""
    import numpy as np

    random = np.random.default_rng(7)
    posts = pl.read_csv(folder / "posts.csv", columns=["post_id", "account_id"])
    accounts = pl.read_csv(folder / "accounts.csv", columns=["account_id"]).get_column("account_id")
    chosen = accounts.sample(max(1, round(accounts.len() * share)), seed=7)
    theirs = posts.filter(pl.col("account_id").is_in(chosen.implode())).get_column("post_id")
    follows, likes, members = (max(1, round(full * scale)) for full in (FOLLOWS / 100, LIKES / 100, MEMBERS))

    def write(name: str, among: pl.Series, size: int, member: str) -> None:
        columns = {among.name: random.choice(among, size), member: 7_000_000_000 + random.integers(0, members, size)}
        pl.DataFrame({"platform": "instagram", **columns}).write_csv(folder / name)

    write(MORE[0], chosen, follows, "follower_id")
    write(MORE[1], theirs, likes, "liker_id")


def ours(folder: Path, home: Path, *, pseudonyms: bool) -> list[str]:
    """Our command, the declaration of what the ids are written or taken away before."""
    sources = folder / "sources.toml"
    if pseudonyms:
        sources.write_text(PSEUDONYMS, encoding="utf-8")
    else:
        sources.unlink(missing_ok=True)
    return [sys.executable, "-m", "flows.cli", "run", str(folder), "--home", str(home), "--json"]


def peer(name: str, folder: Path, home: Path) -> list[str]:
    script, *way = PEERS[name]
    return [sys.executable, str(HERE / f"edges_{script}.py"), str(folder), str(home / "answer.duckdb"), *way]


def emptied(home: Path) -> Path:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    return home


def without_results(folder: Path, home: Path) -> Path:
    """The home of `ours` with nothing but what was read from the files."""
    if not (home / "lake").exists():
        measure(ours(folder, emptied(home), pseudonyms=True))
    shutil.rmtree(home / "lake" / "cache", ignore_errors=True)
    (home / "warehouse.duckdb").unlink(missing_ok=True)
    return home


def with_first_delivery(folder: Path, filled: Path, home: Path) -> Path:
    """A copy of the home of `ours`."""
    if not (filled / "warehouse.duckdb").exists():
        measure(ours(folder, emptied(filled), pseudonyms=True))
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(filled, home)
    return home


def contest(folder: Path, scale: float, names: list[str], rounds: int) -> None:
    """All contenders over one folder, which is filled first unless it is already, and their table."""
    if not (folder / "posts.csv").exists():
        print(f"generating {FOLLOWS * scale:,.0f} follows and {LIKES * scale:,.0f} likes", file=sys.stderr)
        apart(generate, folder, scale)
    for more in MORE:  # left by a run that was cut short
        (folder / more).unlink(missing_ok=True)
    figures: Figures = {name: [] for name in names}
    answers: dict[str, pl.DataFrame] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(rounds):
            for name in names:
                if name == "ours-from-lake":
                    home = without_results(folder, Path(scratch) / "ours")
                elif name in SECOND:
                    home = with_first_delivery(folder, Path(scratch) / "ours", Path(scratch) / name)
                    apart(deliver_more, folder, scale, SECOND[name])
                else:
                    home = emptied(Path(scratch) / name)
                if name in PEERS:
                    command, database = peer(name, folder, home), home / "answer.duckdb"
                else:
                    command = ours(folder, home, pseudonyms=name != "ours-hmac")
                    database = home / "warehouse.duckdb"
                figures[name].append(measure(command))
                for more in MORE:
                    (folder / more).unlink(missing_ok=True)
                if name != "floor" and name not in SECOND:
                    answers[name] = answer(database, ANSWER)
                if name in SECOND or not name.startswith("ours"):
                    shutil.rmtree(home)
                print(f"{name}: {json.dumps({k: round(v, 2) for k, v in figures[name][-1].items()})}", file=sys.stderr)
    columns = next((frame.columns for frame in answers.values()), [])
    report(figures, answers, columns, folder, BESIDE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is 30M follows and 60M likes")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=CONTENDERS, choices=CONTENDERS)
    parser.add_argument("--pandas", action="store_true", help="pandas too, over a tenth of the rows")
    parser.add_argument("--folder", type=Path, help="keep the generated files here between runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.folder or Path(scratch) / "exports").absolute()
        contest(folder, options.scale, options.only, options.rounds)
        if options.pandas:
            print()
            tenth = folder.with_name(f"{folder.name}-tenth")
            contest(tenth, options.scale / 10, ["ours", "pandas"], options.rounds)


if __name__ == "__main__":
    main()
