"""What stops writing is told by its name; what is written is its owner's alone."""

import errno
import os
import resource
import stat
from pathlib import Path

import duckdb
import polars as pl
import pytest

from schemas.errors import DiskFullError
from warehouse.atomic_write import full_disk_explained, private, write_text_durably


@pytest.mark.parametrize("library", [OSError, duckdb.IOException, pl.exceptions.ComputeError])
@pytest.mark.parametrize(
    ("number", "said", "fix"),
    [
        (errno.ENOSPC, "the disk is full", "free some space"),
        (errno.EDQUOT, "the disk quota of this account is used up", "have it raised"),
        (errno.EFBIG, "the limit on the size of a file", "ulimit -f unlimited"),
    ],
)
def test_each_limit_is_told_by_its_name(
    tmp_path: Path, library: type[Exception], number: int, said: str, fix: str
) -> None:
    words = f"could not write part.parquet: {os.strerror(number)} (os error {number})"
    with pytest.raises(DiskFullError) as told, full_disk_explained(tmp_path):
        raise library(words)
    assert said in str(told.value)
    assert fix in told.value.fix
    assert told.value.exit_code == 2


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), full_disk_explained(tmp_path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def test_the_limit_itself_is_told(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, before[1]))
    try:
        with pytest.raises(DiskFullError) as told, full_disk_explained(tmp_path):
            write_text_durably(tmp_path / "large", 9_000 * "x")
        assert "of 5,000 bytes is reached" in str(told.value)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_what_is_made_in_private_is_private_and_nothing_after_it(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with private():
            (tmp_path / "folder").mkdir()
            (tmp_path / "file").touch()
        write_text_durably(tmp_path / "durable", "text")
        (tmp_path / "after").touch()
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"folder": 0o700, "file": 0o600, "durable": 0o600, "after": 0o644}
