"""A fault of ours while one file is read: that file is quarantined, the others are published, the exit code tells."""

import io
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings
from ingest import files, load, small_files
from ingest.readers import parquet_trial
from schemas.errors import DiskFullError
from tests.command import in_process
from tests.rejected.delivery import assert_rows_are_those_of_the_ledger

HEADER = "platform,account_id,followers_count\n"
CELL = "cell-of-the-file"


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    for name in ("bad", "good", "other"):
        folder.joinpath(f"{name}.csv").write_text(HEADER + f"instagram,{name},20\n")
    return folder


def failing_on_bad(error: BaseException) -> Callable[..., Any]:
    read_whole = load._load

    def read(job: Any, path: Path) -> Any:
        if job.delivery.file.name == "bad.csv":
            raise error
        return read_whole(job, path)

    return read


def failing_together(*_: object) -> None:
    raise RuntimeError(CELL)


@pytest.mark.parametrize(
    ("error", "exit_code", "said"),
    [
        (RuntimeError(CELL), 3, "reading it ended in a fault of Tierwise (RuntimeError"),
        (pl.exceptions.PanicException(CELL), 3, "reading it ended in a fault of Tierwise (PanicException"),
        (RecursionError(CELL), 3, "reading it ended in a fault of Tierwise (RecursionError"),
        (MemoryError(), 0, "needs more memory than there is"),
        (OSError(5, "Input/output error"), 0, "Input/output error"),
    ],
)
def test_what_one_file_raises_costs_no_other(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, exit_code: int, said: str
) -> None:
    monkeypatch.setattr(small_files, "write_group", failing_together)
    with monkeypatch.context() as patch:
        patch.setattr(load, "_load", failing_on_bad(error))
        answer = in_process("run", exports, "--home", tmp_path / "home")
    assert answer.exit_code == exit_code, answer.stderr
    assert f"quarantined: bad.csv: {said}" in answer.stderr
    assert CELL not in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "2 rows = 2 loaded" in answer.stderr
    healed = in_process("run", exports, "--home", tmp_path / "home")
    assert healed.exit_code == 0
    assert "1 rows = 1 loaded" in healed.stderr, "it is tried again, and read once it can be"


def test_a_full_disk_is_no_fault_of_the_file(exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_files, "write_group", failing_together)
    monkeypatch.setattr(load, "_load", failing_on_bad(OSError(28, "No space left on device")))
    with pytest.raises(DiskFullError):
        run(exports, Settings(home=tmp_path / "home"))


def test_a_file_read_by_itself_after_all_has_its_rows_once(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the others were written with had its rows already."""
    entry_of_small = small_files.SmallFiles._entry

    def failing_after_writing(small: Any, outcome: Any) -> Any:
        if outcome.delivery.file.name == "bad.csv":
            raise RuntimeError(CELL)
        return entry_of_small(small, outcome)

    monkeypatch.setattr(small_files.SmallFiles, "_entry", failing_after_writing)
    summary = run(exports, Settings(home=tmp_path / "home"))
    assert (summary.files_read, summary.rows_loaded) == (3, 3)
    assert_rows_are_those_of_the_ledger(tmp_path / "home")


@pytest.mark.parametrize("small_file", [None, -1], ids=["read with others", "read by itself"])
@pytest.mark.parametrize("packing", ["zip", "as it is"])
def test_a_file_whose_reading_would_end_the_process_costs_no_other(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_file: int | None, packing: str
) -> None:
    """A page of Parquet that claims fewer than no values: no exception is raised, the process is aborted."""
    accounts = {"platform": ["x"] * 9, "account_id": [f"k{n}" for n in range(9)], "followers_count": [*range(9)]}
    packed = io.BytesIO()
    pl.DataFrame(accounts).write_parquet(packed)
    whole = packed.getvalue()
    values = [found.start() + 2 for found in re.finditer(re.escape(b",\x15\x12\x15"), whole)]  # 9, as Thrift writes it
    assert len(values) >= len(accounts)
    harmed = [whole[:place] + b"\x6f" + whole[place + 1 :] for place in values]  # -56
    for number, content in enumerate((whole, *harmed)):
        if packing == "zip":
            with zipfile.ZipFile(exports / f"{number}.zip", "w") as archive:
                archive.writestr("a.parquet", content)
        else:
            (exports / f"{number}.parquet").write_bytes(content)
    if small_file is not None:
        monkeypatch.setattr(files, "SMALL_FILE", small_file)
    answer = in_process("run", exports, "--home", tmp_path / "home")
    assert answer.exit_code == 0, answer.stderr
    assert "12 rows = 12 loaded" in answer.stderr
    assert answer.stderr.count("Parquet data cannot be read: damaged, cut off, or not UTF-8 (SIGABRT)") == len(harmed)


def test_files_are_tried_on_after_one_has_ended_the_process(tmp_path: Path) -> None:
    good = tmp_path / "good.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(good)
    assert parquet_trial.brings_down(good) is None
    process = parquet_trial._trial_of(os.getpid())._process
    assert process is not None
    process.kill()
    assert parquet_trial.brings_down(good) == "SIGKILL"
    assert [parquet_trial.brings_down(good), parquet_trial.brings_down(None, good.read_bytes())] == [None, None]
    assert [parquet_trial.brings_down(None, b"no Parquet"), parquet_trial.brings_down(tmp_path / "none")] == [
        None,
        None,
    ]


@pytest.mark.parametrize("year", ["-2026", "-02026", "12026", "00000"])
def test_a_year_that_no_calendar_has_costs_its_own_record(year: str, tmp_path: Path) -> None:
    """Polars reads it and Python cannot: to tell which rule it breaks ended in a fault of ours."""
    exports = tmp_path / "exports"
    exports.mkdir()
    days = ["1. März 2026", f"1. März {year}", "3. März 2026"]
    rows = "".join(f"k{number};{number}00;{day}\n" for number, day in enumerate(days, start=1))
    (exports / "list.csv").write_text(f"Creator;Followers;Since\n{rows}", encoding="utf-8")
    (exports / "sources.toml").write_text(
        '[[source]]\nfiles = "*.csv"\ndelimiter = ";"\nlanguage = "de"\ndate_format = "%d. %B %Y"\n'
        'time_zone = "Europe/Berlin"\n[[source.load]]\ndataset = "accounts"\n'
        'columns.platform = { value = "instagram" }\ncolumns.account_id = "Creator"\n'
        'columns.followers_count = "Followers"\ncolumns.observed_at = "Since"\n',
        encoding="utf-8",
    )
    told = run(exports, Settings(home=tmp_path / "home", draw_report=False))
    assert (told.files_quarantined, told.rows_loaded, told.rows_rejected) == (0, 2, 1)


def test_such_a_year_costs_a_member_of_a_list_the_time_alone(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    rows = "".join(f"x,a,m{year},{year}-01-02T00:00:00Z\n" for year in ("2026", "-2026", "12026"))
    (tmp_path / "exports" / "follows.csv").write_text(f"platform,account_id,follower_id,followed_at\n{rows}")
    told = run(tmp_path / "exports", Settings(home=tmp_path / "home", draw_report=False))
    assert (told.files_quarantined, told.rows_loaded, told.cells_rejected) == (0, 3, 2)


def test_such_a_year_in_a_typed_column_costs_its_own_record(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    day, year = 86_400_000_000, 366 * 86_400_000_000
    seen = pl.Series([20_500 * day, -4_000 * year, 9_000 * year]).cast(pl.Datetime("us", "UTC"))
    accounts = {"platform": ["x"] * 3, "account_id": ["k1", "k2", "k3"], "followers_count": [7, 8, 9]}
    pl.DataFrame({**accounts, "observed_at": seen}).write_parquet(tmp_path / "exports" / "accounts.parquet")
    told = run(tmp_path / "exports", Settings(home=tmp_path / "home", draw_report=False))
    assert (told.files_quarantined, told.rows_loaded, told.rows_rejected) == (0, 1, 2)
