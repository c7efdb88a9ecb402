"""What has no name: a column of a table in every format, a file of an archive. It is read or refused like any other."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings
from ingest import files
from schemas.errors import DiskFullError
from tests import workbooks
from tests.command import in_process
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]
HEADER = ["platform", "", "account_id", "followers_count"]
RECORDS = [["tiktok", "odd", f"rye{number}", str(1500 + number)] for number in range(3)]


def csv_of(header: list[str], records: list[list[str]]) -> bytes:
    return "".join(",".join(cells) + "\n" for cells in [header, *records]).encode()


def parquet_of(header: list[str], records: list[list[str]]) -> bytes:
    out = io.BytesIO()
    pl.DataFrame(records, header, orient="row").write_parquet(out)
    return out.getvalue()


FORMATS: dict[str, Callable[[list[str], list[list[str]]], bytes]] = {
    "csv": csv_of,
    "ndjson": lambda header, records: b"".join(
        json.dumps(dict(zip(header, cells, strict=True))).encode() + b"\n" for cells in records
    ),
    "json": lambda header, records: json.dumps([dict(zip(header, cells, strict=True)) for cells in records]).encode(),
    "parquet": parquet_of,
    "xlsx": lambda header, records: workbooks.xlsx({"all": [header, *records]}),
    "ods": lambda header, records: workbooks.ods({"all": "".join(workbooks.ods_row(*r) for r in [header, *records])}),
    "xls": lambda header, records: workbooks.xls({"all": [header, *records]}),
}


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "among-small-files"])
@pytest.mark.parametrize("ending", FORMATS)
def test_a_column_without_a_name_is_read_past(
    ending: str, alone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if alone:
        monkeypatch.setattr(files, "SMALL_FILE", -1)
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / f"creators.{ending}").write_bytes(FORMATS[ending](HEADER, RECORDS))
    summary = run(exports, Settings(home=tmp_path / "home", draw_report=False))
    assert (summary.files_quarantined, summary.rows_loaded) == (0, len(RECORDS)), summary


def archive_of(names: list[str]) -> bytes:
    """An archive of one file under each name; X stands for a zero byte, at which the library that reads it ends a name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), csv_of(HEADER[:1] + HEADER[2:], [["tiktok", "rye", "1500"]]))
    return out.getvalue().replace(b"X", b"\0")


@pytest.mark.parametrize("others", [[], ["posts/rye.csv"], ["(no name)"]])
def test_a_file_without_a_name_costs_no_other(delivery: Delivery, others: list[str]) -> None:
    delivery.put("odd.zip", archive_of(["Xhidden.csv", *others]))
    delivery.put("good.csv", csv_of(HEADER, RECORDS))
    delivery.run()
    verdicts = delivery.verdicts()
    assert verdicts.pop("good.csv") == "loaded"
    assert len(verdicts) == 1 + len(others)
    assert list(delivery.refusals().values()) == ["odd_member"]


def test_what_telling_the_files_of_an_archive_raises_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "odd.zip").write_bytes(archive_of(["a.csv"]))
    (exports / "good.csv").write_bytes(csv_of(HEADER, RECORDS))

    def fail(*_: object) -> None:
        raise RuntimeError("cell-of-the-file")

    monkeypatch.setattr(files, "members_of", fail)
    answer = in_process("run", exports, "--home", tmp_path / "home")
    assert answer.exit_code == 3
    assert "odd.zip: reading it ended in a fault of Tierwise (RuntimeError at " in answer.stderr
    assert "cell-of-the-file" not in answer.stderr
    assert "3 rows = 3 loaded" in answer.stderr


def test_a_disk_that_is_full_while_files_are_told_is_no_fault_of_the_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "odd.zip").write_bytes(archive_of(["a.csv"]))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "members_of", fail)
    with pytest.raises(DiskFullError):
        run(exports, Settings(home=tmp_path / "home", draw_report=False))
