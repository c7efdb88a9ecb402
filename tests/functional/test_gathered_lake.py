"""A home with gathered segments: runs, forgetting, retiring and mending as in any other, and as a home that was filled at once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from flows.run import run
from flows.settings import Settings
from schemas.errors import Unpublishable
from tests.functional.test_doctor import blank, cut
from tests.functional.test_forget import KEY, figures, tierwise, traces
from warehouse.lake import gathered
from warehouse.lake.ledger import Lake

DAYS = 7
HEADERS = {
    "accounts": "platform,account_id,username,followers_count,observed_at",
    "posts": "platform,post_id,account_id,like_count,comment_count,published_at",
    "rates": "platform,account_id,price,currency,quoted_at",
}


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered, "FILES", 2)


def deliver(exports: Path, day: int, owners: tuple[str, ...]) -> None:
    exports.mkdir(exist_ok=True)
    lines = {
        "accounts": [f"tiktok,{owner},{owner}.handle,{1000 + day},2026-05-0{day}T08:00:00Z" for owner in owners],
        "posts": [f"tiktok,{owner}-{day},{owner},{day * 7},{day},2026-05-0{day}T09:00:00Z" for owner in owners],
        "rates": [f"tiktok,{owner},{day * 9},EUR,2026-05-0{day}" for owner in owners],
    }
    for name, own in lines.items():
        (exports / f"{name}-{day}.csv").write_text("\n".join([HEADERS[name], *own]) + "\n")


def filled(folder: Path, owners: tuple[str, ...] = ("zq-ann", "zq-ben")) -> tuple[Path, Settings]:
    """A home that was given a delivery a day."""
    exports, settings = folder / "exports", Settings(home=folder / "home", member_key=SecretStr(KEY), draw_report=False)
    for day in range(1, DAYS + 1):
        deliver(exports, day, owners)
        run(exports, settings)
    return exports, settings


def at_once(exports: Path, home: Path) -> str | None:
    return run(exports, Settings(home=home, draw_report=False)).content_hash


def test_the_figures_are_those_of_one_delivery(tmp_path: Path) -> None:
    exports, settings = filled(tmp_path)
    assert any(commit.gathered for commit in Lake.open(settings.lake).commits)
    assert figures(settings.home) == at_once(exports, tmp_path / "other")
    assert tierwise("doctor", "--home", settings.home).exit_code == 0


def test_who_is_forgotten_leaves_no_byte_and_all_counts_agree(tmp_path: Path) -> None:
    exports, settings = filled(tmp_path)
    told = tierwise("forget", "--account", "tiktok:zq-ann", "--home", settings.home)
    assert told.exit_code == 0, told.stderr
    assert traces(settings.home, "zq-ann") == []
    # What the ledger says of deliveries whose segments were gathered is what the gathered ones still hold.
    live = Lake.open(settings.lake).deliveries().values()
    assert [(c.rows_read, c.rows_loaded, c.rows_forgotten) for entry in live for c in entry.counts] == [(2, 1, 1)] * (
        3 * DAYS
    )
    for day in range(1, DAYS + 1):
        deliver(tmp_path / "never", day, ("zq-ben",))
    assert figures(settings.home) == at_once(tmp_path / "never", tmp_path / "other")
    assert tierwise("doctor", "--home", settings.home).exit_code == 0
    assert run(exports, settings).content_hash == figures(settings.home)


def test_a_damaged_one_is_filled_from_the_same_exports(tmp_path: Path) -> None:
    exports, settings = filled(tmp_path)
    before = figures(settings.home)
    cut(next(path for path in sorted((settings.lake / "segments/posts").glob("gathered-*")) if is_live(settings, path)))
    assert tierwise("doctor", "--home", settings.home).exit_code == 1
    assert tierwise("doctor", "--fix", "--home", settings.home).exit_code in (0, 1)
    assert run(exports, settings).content_hash == before
    assert tierwise("doctor", "--home", settings.home).exit_code == 0


@pytest.mark.parametrize("damage", [cut, blank, Path.unlink])
def test_a_damaged_segment_is_named_where_others_are_gathered(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    exports, settings = filled(tmp_path)
    before = figures(settings.home)
    newest = [entry for _, entry in Lake.open(settings.lake).entries() if entry.file == f"posts-{DAYS}.csv"]
    damage(settings.lake / newest[0].segments[0].path)
    deliver(exports, DAYS + 1, ("zq-ann", "zq-ben"))
    with pytest.raises(Unpublishable, match=rf"posts-{DAYS}\.csv: .* (damaged|missing|of its)"):
        run(exports, settings)
    assert figures(settings.home) == before
    assert tierwise("doctor", "--fix", "--home", settings.home).exit_code in (0, 1)
    assert run(exports, settings).content_hash == at_once(exports, tmp_path / "other")


def is_live(settings: Settings, path: Path) -> bool:
    return any(segment.path.endswith(path.name) for segment in Lake.open(settings.lake).segments("posts"))


def test_one_delivery_can_be_taken_out(tmp_path: Path) -> None:
    exports, settings = filled(tmp_path)
    assert tierwise("doctor", "--retire", "posts-3.csv", "--home", settings.home).exit_code == 0
    (exports / "posts-3.csv").rename(tmp_path / "posts-3.csv")
    run(exports, settings)
    assert figures(settings.home) == at_once(exports, tmp_path / "other")
