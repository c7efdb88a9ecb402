"""A run killed while rows wait in the scratch folder, posts in parts or the engagement of a window, leaves nothing that counts."""

import shutil
import signal
from pathlib import Path

from flows.run import run
from flows.settings import Settings
from tests.crash.children import end_of, start
from tests.crash.test_kills import FIRST, SECOND, deliver, leftovers, published_hash
from tests.sample import sample_of


def _run_in_parts(exports: Path, home: Path) -> None:
    from marts import account_engagement, post_parts

    post_parts.PART_POSTS = account_engagement.ACCOUNTS_AT_ONCE = 1
    run(exports, Settings(home=home, draw_report=False))


def test_killed_while_rows_wait_in_the_scratch_folder(tmp_path: Path) -> None:
    exports, settings = tmp_path / "exports", Settings(home=tmp_path / "home", draw_report=False)
    run(deliver(exports, FIRST), settings)
    before = published_hash(settings.home)
    deliver(exports, SECOND)
    listing, whole = tmp_path / "moments", tmp_path / "whole"
    shutil.copytree(settings.home, whole)
    assert end_of(start(_run_in_parts, exports, whole, TIERWISE_CRASH_LIST=str(listing))) == 0
    names = dict(line.split(" ", 1) for line in listing.read_text(encoding="utf-8").splitlines())
    windows = [number for number, name in names.items() if name.startswith("write account_engagement-")]
    parts = [number for number, name in names.items() if name.startswith("lay out posts")]
    loads = [number for number, name in names.items() if name == "load posts"]
    pieces = [number for number, name in names.items() if name.startswith("work out posts")]
    assert (len(windows), len(parts), len(loads)) == (3, 2, 1)
    assert len(pieces) > 1
    run(exports, settings)
    after = published_hash(settings.home)
    assert published_hash(whole) == after != before
    for number in [*sample_of([*pieces, *parts, *windows], every=2), *loads]:
        home = tmp_path / f"home-{number}"
        run(deliver(tmp_path / f"exports-{number}", FIRST), Settings(home=home, draw_report=False))
        deliver(tmp_path / f"exports-{number}", SECOND)
        assert (
            end_of(start(_run_in_parts, tmp_path / f"exports-{number}", home, TIERWISE_CRASH_AT=number))
            == -signal.SIGKILL
        )
        assert published_hash(home) == before
        assert [*(home / "lake" / "scratch").iterdir()] != []
        run(tmp_path / f"exports-{number}", Settings(home=home, draw_report=False))
        assert published_hash(home) == after
        assert leftovers(home) == []
