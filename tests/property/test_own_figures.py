"""Figures kept from one publication to the next: whatever is delivered, in whatever order, all tables end as built from nothing."""

import csv
import random
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.run import run
from flows.settings import Settings
from marts import own_figures, post_parts
from marts.own_figures import Folders, OwnFigures
from tests.sample import sample_of
from warehouse import atomic_write, changed

DAY = datetime(2026, 3, 1, 9)
PLATFORMS = ("instagram", "tiktok")
Rows = list[dict[str, Any]]


class World:
    """Accounts and posts, of which each delivery tells something new."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = DAY
        self.sizes = {f"{7000 + n}": self.chance.randrange(200, 90_000) for n in range(60)}
        self.posts = [self.post(n) for n in range(400)]

    def post(self, number: int) -> dict[str, Any]:
        owner = self.chance.choice(list(self.sizes))
        published = self.now - timedelta(hours=self.chance.randrange(24 * 120))
        said = self.chance.choice(("", "", "so good #ad", "with @teahouse", "#tea #yoga", "gifted by @teahouse"))
        return {
            "platform": PLATFORMS[int(owner) % 2],
            "post_id": f"p{number}",
            "account_id": owner,
            "published_at": "" if self.chance.random() < 0.05 else f"{published:%Y-%m-%dT%H:%M:%SZ}",
            "caption": said,
            "is_sponsored": self.chance.choice(("", "", "true", "false")),
        }

    def seen(self, post: dict[str, Any]) -> dict[str, Any]:
        """A post with the counts of today; some accounts hide their likes."""
        owner = int(post["account_id"])
        likes = 3 if owner % 11 == 0 else self.chance.randrange(self.sizes[post["account_id"]] // 4)
        counts = {"like_count": likes, "comment_count": self.chance.choice((likes // 30, "")), "view_count": likes * 9}
        followers = self.chance.choice(("", "", self.sizes[post["account_id"]]))
        handle = f"name_{owner}" if self.chance.random() < 0.1 else post["account_id"]
        return post | counts | {"followers_count": followers, "account_id": handle, "observed_at": self.instant()}

    def instant(self) -> str:
        return f"{self.now:%Y-%m-%dT%H:%M:%SZ}"

    def account(self, owner: str) -> dict[str, Any]:
        self.sizes[owner] += self.chance.randrange(-100, 300)
        at = self.chance.choice((self.instant(), self.instant(), ""))
        told = {"platform": PLATFORMS[int(owner) % 2], "account_id": owner, "username": f"name_{owner}"}
        return told | {
            "followers_count": max(self.sizes[owner], 1),
            "niche": "tea" if int(owner) % 3 else "",
            "observed_at": at,
        }

    def new_posts(self) -> Rows:
        made = [self.post(len(self.posts) + n) for n in range(self.chance.randrange(1, 4))]
        self.posts += made
        return [self.seen(post) for post in made]

    def new_counts(self) -> Rows:
        return [self.seen(post) for post in self.chance.sample(self.posts, 3)]

    def moved(self) -> Rows:
        """A post that another account is now told to own."""
        post = self.chance.choice(self.posts)
        others = [owner for owner in self.sizes if int(owner) % 2 == int(post["account_id"]) % 2]
        post["account_id"] = self.chance.choice(others)
        return [self.seen(post)]

    def new_accounts(self) -> Rows:
        owner = f"{7000 + len(self.sizes)}"
        self.sizes[owner] = 5_000
        return [self.account(each) for each in (owner, self.chance.choice(list(self.sizes)))]

    def alone(self) -> Rows:
        """Counts that come without their post."""
        posts = self.chance.sample(self.posts, 2)
        return [
            {
                "platform": post["platform"],
                "post_id": post["post_id"],
                "reach_count": 900,
                "observed_at": self.instant(),
            }
            for post in posts
        ]


# Figures without their account are read where they are declared alone.
DECLARED = """
[[source]]
files = "alone-*.csv"
[[source.load]]
dataset = "post_metrics"
columns.platform = "platform"
columns.post_id = "post_id"
columns.reach_count = "reach_count"
columns.observed_at = "observed_at"
"""
DECLARED_OTHERWISE = DECLARED.replace("columns.reach_count", "columns.view_count")


def write(path: Path, rows: Rows) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)


def delivered(world: World, exports: Path, number: int) -> None:
    """The files of a day: something new, or a file of before that is another now, or none any more."""
    world.now += timedelta(hours=world.chance.choice((1, 1, 24, 24, 24 * 3)))
    kinds = ("posts", "posts", "counts", "moved", "accounts", "alone", "again", "gone", "declared")
    kind = world.chance.choice(kinds)
    if kind == "declared":
        # Files of `alone` are read otherwise, or no more: what they told until now is taken back.
        (exports / "sources.toml").write_text(world.chance.choice((DECLARED, DECLARED_OTHERWISE, "")), encoding="utf-8")
        return None
    earlier = sorted(exports.glob("counts-*.csv"))
    if kind in ("again", "gone") and earlier:
        path = world.chance.choice(earlier)
        return write(path, world.new_counts() if kind == "again" else world.new_counts()[:1])
    rows = {
        "moved": world.moved, "accounts": world.new_accounts, "alone": world.alone, "posts": world.new_posts,
    }.get(kind, world.new_counts)()  # fmt: skip
    return write(exports / f"{kind}-{number}.csv", rows)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether figures of the publication before served, for each publication; small ones keep theirs too, and are copied."""
    monkeypatch.setattr(own_figures, "POSTS_MIN", 0)
    monkeypatch.setattr(changed, "SMALL_BYTES", 0)
    monkeypatch.setattr(post_parts, "PART_POSTS", 37)
    found: list[bool] = []
    begin = OwnFigures.of.__func__  # type: ignore[attr-defined]

    def noted(cls: type[OwnFigures], folders: Folders | None, *rows: Any) -> OwnFigures:
        made = begin(cls, folders, *rows)
        found.append(made.known is not None)
        return made  # type: ignore[no-any-return]

    monkeypatch.setattr(OwnFigures, "of", classmethod(noted))
    return found


def built_from_nothing(settings: Settings, exports: Path, home: Path) -> str:
    """The hash of the same lake's tables where nothing is published yet, and nothing kept."""
    shutil.copytree(settings.home, home)
    shutil.rmtree(home / "lake" / "cache")
    (home / "warehouse.duckdb").unlink()
    return run(exports, Settings(home=home, draw_report=False)).content_hash


# Worlds, and how many deliveries each sees: one of them two hundred.
WORLDS = [(0, 8), (1, 200), *((seed, 8) for seed in range(2, 40))]


@pytest.mark.parametrize(("seed", "deliveries"), sample_of(WORLDS, every=40))
def test_kept_figures_are_those_built_from_nothing(
    seed: int, deliveries: int, tmp_path: Path, kept: list[bool]
) -> None:
    world, exports = World(seed), tmp_path / "exports"
    exports.mkdir()
    (exports / "sources.toml").write_text(DECLARED, encoding="utf-8")
    write(exports / "accounts.csv", [world.account(owner) for owner in world.sizes])
    write(exports / "posts.csv", [world.seen(post) for post in world.posts])
    settings = Settings(home=tmp_path / "home", draw_report=False)
    assert run(exports, settings).rows_loaded == len(world.sizes) + len(world.posts)
    for number in range(deliveries):
        delivered(world, exports, number)
        found = run(exports, settings)
        if number % (4 if deliveries < 40 else 10) == 3:
            assert built_from_nothing(settings, exports, tmp_path / "fresh") == found.content_hash
            fresh, own = (home / "warehouse.duckdb" for home in (tmp_path / "fresh", settings.home))
            assert own.stat().st_size <= 1.3 * fresh.stat().st_size
            shutil.rmtree(tmp_path / "fresh")
    assert sum(kept) >= deliveries / 2, kept


def small_home(tmp_path: Path) -> tuple[World, Path, Settings]:
    world, exports = World(7), tmp_path / "exports"
    exports.mkdir()
    write(exports / "accounts.csv", [world.account(owner) for owner in world.sizes])
    write(exports / "posts.csv", [world.seen(post) for post in world.posts])
    settings = Settings(home=tmp_path / "home", draw_report=False)
    assert run(exports, settings).rows_loaded == len(world.sizes) + len(world.posts)
    return world, exports, settings


@pytest.mark.parametrize("part", sample_of((37, 1, 7, 400, 399), every=2))
def test_posts_in_parts_make_the_same_tables_as_all_at_once(
    part: int, tmp_path: Path, kept: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post_parts, "PART_POSTS", part)
    world, exports, settings = small_home(tmp_path)
    busiest = {"account_id": "7000", "published_at": "", "platform": PLATFORMS[0]}
    of_one = [world.post(1000 + number) | busiest for number in range(300)]
    for day, posts in enumerate([world.posts, [*world.posts[:5], *of_one]]):
        write(exports / "posts.csv", [world.seen(post) for post in posts])
        found = run(exports, settings)
        with monkeypatch.context() as patched:
            patched.setattr(post_parts, "PART_POSTS", 10**9)
            assert built_from_nothing(settings, exports, tmp_path / f"whole-{day}") == found.content_hash
        assert [*settings.home.rglob("*.arrow")] == []


FILES = ("fingerprints", "counts", "engagement-all_time", "comments", "crowded")
HARMS = [(name, harm) for harm in ("cut", "gone", "blank") for name in FILES]
MOMENTS = ("keep figures", "copy", "rename warehouse.duckdb", "renamed warehouse.duckdb")


@pytest.mark.parametrize(("name", "harm"), sample_of(HARMS, every=6))
def test_a_damaged_file_of_kept_figures_is_none(name: str, harm: str, tmp_path: Path, kept: list[bool]) -> None:
    world, exports, settings = small_home(tmp_path)
    (path,) = (settings.lake / "cache" / "figures").glob(f"*/{name}.parquet")
    match harm:
        case "gone":
            path.unlink()
        case "cut":
            path.write_bytes(path.read_bytes()[:-9])
        case _:
            path.write_bytes(b"")
    write(exports / "more.csv", world.new_posts())
    found = run(exports, settings)
    assert kept[-1] is False
    assert built_from_nothing(settings, exports, tmp_path / "fresh") == found.content_hash


@pytest.mark.parametrize("moment", sample_of(MOMENTS, every=2))
def test_a_run_that_ends_at_any_moment_leaves_figures_that_serve(
    moment: str, tmp_path: Path, kept: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, exports, settings = small_home(tmp_path)
    write(exports / "more.csv", world.new_posts())

    def killed(name: str) -> None:
        if name == moment:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        for module in (own_figures, changed, atomic_write):
            patched.setattr(module, "crash_point", killed)
        with pytest.raises(KeyboardInterrupt):
            run(exports, settings)
    write(exports / "again.csv", world.new_counts())
    found = run(exports, settings)
    assert kept[-1] is True
    assert built_from_nothing(settings, exports, tmp_path / "fresh") == found.content_hash
    assert [path.name for path in (settings.lake / "cache" / "figures").glob(".*")] == []


def test_figures_that_were_given_up_are_not_kept(
    tmp_path: Path, kept: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, exports, settings = small_home(tmp_path)
    for path in (settings.lake / "cache" / "figures").glob("*/comments.parquet"):
        path.unlink()
    monkeypatch.setattr(own_figures, "POSTS_MIN", 10**9)
    write(exports / "more.csv", world.new_posts())
    run(exports, settings)
    # It was begun with what is known of the others, and then all were worked out, too few to be kept.
    assert kept[-2:] == [True, False]
    assert [*(settings.lake / "cache" / "figures").iterdir()] == []
