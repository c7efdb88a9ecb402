"""Files past a limit: quarantined with the limit and the setting that raises it, the file beside them published."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from ingest.compression import members_of
from ingest.export_file import ExportFile, size_and_stamp
from ingest.limits import DEFAULT_LIMITS, Limits, check_lines
from schemas.errors import FileRefused
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]
HEADER = "platform,account_id,followers_count\n"
GOOD = HEADER + "instagram,lee,20\n"
LINE = '{"platform": "instagram", "account_id": "%s", "followers_count": 3}\n'
LONG = "a" * (DEFAULT_LIMITS.line_bytes + 1)
WIDE = [f"c{number}" for number in range(20_000)]


def in_a_zip(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("member.csv", text)
    return packed.getvalue()


def wide_parquet() -> bytes:
    content = io.BytesIO()
    pl.DataFrame({name: [1] for name in WIDE[:4000]}).write_parquet(content)
    return content.getvalue()


PAST: dict[str, tuple[str, str, Callable[[], str | bytes]]] = {
    "quoted.csv": ("line_too_long", "", lambda: HEADER + f'instagram,"{LONG}",5\n'),
    "last_line.csv": ("line_too_long", "", lambda: GOOD + LONG),
    "header.csv": ("line_too_long", "", lambda: LONG),
    "packed.zip": ("line_too_long", "/member.csv", lambda: in_a_zip(HEADER + f'instagram,"{LONG}",5\n')),
    "lines.ndjson": ("line_too_long", "", lambda: LINE % "kim" + LINE % LONG),
    "array.json": ("line_too_long", "", lambda: "[" + LINE % "kim" + "," + LINE % LONG + "]"),
    "wide.csv": ("too_many_columns", "", lambda: ",".join(WIDE) + "\n" + ",".join("1" for _ in WIDE) + "\n"),
    "one_name.csv": ("too_many_columns", "", lambda: ",".join("c" for _ in WIDE) + "\n"),
    "wide.ndjson": ("too_many_columns", "", lambda: (json.dumps(dict.fromkeys(WIDE, 1)) + "\n") * 2),
    "other_keys.ndjson": ("too_many_columns", "", lambda: "".join(f'{{"{name}": 1}}\n' for name in WIDE[:4000])),
    "wide.parquet": ("too_many_columns", "", wide_parquet),
}  # fmt: skip


@pytest.mark.parametrize("name", PAST)
def test_a_file_past_a_limit_is_quarantined_and_the_others_are_published(name: str, delivery: Delivery) -> None:
    rule, member, content = PAST[name]
    delivery.put("good.csv", GOOD)
    delivery.put(name, content())
    began = time.process_time()
    assert delivery.run().exit_code == 0
    assert time.process_time() - began < 10
    assert delivery.refusals() == {name + member: rule}
    assert delivery.accounts() == {"lee": 20}
    (said,) = [row for row in delivery.rejects() if row["rule"] == rule]
    limit, setting = {
        "line_too_long": ("16,777,216", "TIERWISE_LINE_MAX"),
        "too_many_columns": ("2,000", "TIERWISE_COLUMNS_MAX"),
    }[rule]
    assert limit in said["allowed"]
    assert setting in said["fix"]
    assert delivery.run_again()["published"] is False


def test_the_limits_are_settings(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = ",".join(WIDE[:150])
    delivery.put("wide.csv", HEADER.strip() + f",{columns}\ninstagram,kim,5,{columns}\n")
    long = GOOD + f'instagram,"{"b" * 3000}",5\n'
    delivery.put("long.csv", long + "instagram,ann,5\n" * 80_000)
    delivery.put("document.json", "[" + ",".join(LINE % f"lee{number}" for number in range(20_000)) + "]")
    delivery.put("good.csv", GOOD)
    for name, value in {"COLUMNS_MAX": "100", "LINE_MAX": "2KiB", "DOCUMENT_MAX": "1MiB"}.items():
        monkeypatch.setenv(f"TIERWISE_{name}", value)
    delivery.run()
    assert delivery.refusals() == {
        "wide.csv": "too_many_columns",
        "long.csv": "line_too_long",
        "document.json": "too_large",
    }
    assert delivery.accounts() == {"lee": 20}


def test_a_file_is_read_once_its_limit_is_raised(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    """And again refused by nobody: what was loaded under a higher limit stays."""
    columns = ",".join(WIDE[:150])
    delivery.put("wide.csv", HEADER.strip() + f",{columns}\ninstagram,kim,5,{columns}\n")
    delivery.put("other.csv", "what,is,this\n1,2,3\n")
    delivery.put("packed.zip", many_members(3))
    delivery.put("good.csv", GOOD)
    monkeypatch.setenv("TIERWISE_COLUMNS_MAX", "100")
    monkeypatch.setenv("TIERWISE_MEMBERS_MAX", "2")
    delivery.run()
    assert delivery.refusals() == {
        "wide.csv": "too_many_columns",
        "packed.zip": "too_many_members",
        "other.csv": "unknown_header",
    }
    assert delivery.run_again()["published"] is False, "the same limits: nothing to try again"
    for raised in (True, False):
        monkeypatch.setenv("TIERWISE_COLUMNS_MAX", "200" if raised else "100")
        monkeypatch.setenv("TIERWISE_MEMBERS_MAX", "3")
        again = delivery.run_again()
        assert (again["files_read"], again["published"]) == ((4, True) if raised else (0, False))
        assert delivery.refusals() == {"other.csv": "unknown_header"}
        assert delivery.accounts() == {"lee": 20, "kim": 5, "m0": 7, "m1": 7, "m2": 7}


def test_a_damaged_archive_that_is_delivered_again_is_refused_no_longer(delivery: Delivery) -> None:
    whole = many_members(2)
    delivery.put("a.zip", whole[:-30])
    delivery.run()
    assert delivery.refusals() == {"a.zip": "damaged_archive"}
    delivery.put("a.zip", whole)
    delivery.run()
    assert delivery.refusals() == {}
    assert delivery.accounts() == {"m0": 7, "m1": 7}
    assert delivery.verdicts() == {"a.zip": "ignored", "a.zip/0.csv": "loaded", "a.zip/1.csv": "loaded"}
    assert delivery.run_again()["published"] is False
    delivery.put("a.zip", whole[:-30])
    delivery.run()
    assert delivery.verdicts()["a.zip"] == "quarantined"


def many_members(count: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.csv", HEADER + f"instagram,m{number},7\n")
    return packed.getvalue()


def test_members_are_counted_by_what_there_is_and_not_by_what_the_archive_says(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    whole = many_members(5)
    end = whole.rfind(b"PK\5\6")
    told_one = whole[: end + 8] + b"\1\0\1\0" + whole[end + 12 :]
    for content in (whole, told_one):
        path.write_bytes(content)
        size, stamp = size_and_stamp(path)
        file = ExportFile("a.zip", path, size, stamp)
        assert len(members_of(file, 5) or []) == 5
        with pytest.raises(OverflowError):
            members_of(file, 4)


def test_lines_up_to_the_limit_are_read_whatever_ends_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    limits = Limits(line_bytes=10)
    for end in (b"\n", b"\r\n", b"\r"):
        line = b"x" * (11 - len(end)) + end
        for text in (line * 9, line * 9 + b"x" * 10, b"x" + end + line * 3):
            path.write_bytes(text)
            check_lines(path, "a.csv", limits)
        for text in (line * 9 + b"x" * 11, b"x" * 11 + line, line + b"xx" + line + line):
            path.write_bytes(text)
            with pytest.raises(FileRefused, match="more bytes than the limit of 10"):
                check_lines(path, "a.csv", limits)
    path.write_bytes(b"PAR1" + b"x" * 100)
    check_lines(path, "a.parquet", limits)
