"""A disk that fills up anywhere in a run: it says so, what was published stays, and with room again the next run ends it."""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.run import run
from flows.settings import Settings
from tests.crash.test_kills import FIRST, ROOT, SECOND, copy, deliver, leftovers, published_hash, reference
from tests.sample import how_many

__all__ = ["reference"]  # a fixture, used by name

SIZES = how_many(3, long=50)


def size_of(home: Path) -> int:
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file())


def mount(*arguments: str | Path) -> None:
    done = subprocess.run(["mount", "-t", "tmpfs", *arguments], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.decode().strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk, of one size after the other, which takes the right to mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount("-o", "size=64m", "tmpfs", place)
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("delivery", ["into a fresh home", "on top of a published one"])
def test_a_disk_of_any_size(delivery: str, tmp_path: Path, disk: Path, reference: tuple[str, str]) -> None:
    exports, published, whole = deliver(tmp_path / "exports", FIRST), tmp_path / "published", tmp_path / "whole"
    before, after = (None, reference[0]) if delivery == "into a fresh home" else reference
    if before:
        run(exports, Settings(home=published))
        deliver(exports, SECOND)
    copy(published, whole)
    run(exports, Settings(home=whole))
    # From a disk that holds no more than is there to one that holds a run with all that it writes on its way.
    least, most = size_of(published) + (1 << 14), 3 * size_of(whole)
    ends = []
    for size in [most, least, *random.Random(delivery).sample(range(least, most), SIZES - 2)]:
        home = disk / f"home-{size}"
        mount("-o", "remount,size=64m", "tmpfs", disk)
        copy(published, home)
        # A disk takes whole pages for each file, and cannot be made smaller than what lies on it.
        size = max(size, shutil.disk_usage(disk).used + (1 << 14))  # noqa: PLW2901
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"remount,size={size}", "tmpfs", disk], check=True)
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", "run", str(exports), "--home", str(home)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        ends.append(done.returncode)
        assert done.returncode in (0, 2), (size, done.stderr)
        assert "Traceback" not in done.stderr
        assert published_hash(home) == after if done.returncode == 0 else published_hash(home) in {before, after}, size
        if done.returncode:
            assert "fix:" in done.stderr, size
        mount("-o", "remount,size=64m", "tmpfs", disk)
        assert run(exports, Settings(home=home)).content_hash == after, size
        assert leftovers(home) == []
        subprocess.run(["rm", "-rf", home], check=True)
    assert ends[:2] == [0, 2]
