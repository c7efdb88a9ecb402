"""The quick way through an NDJSON file of lists finds what the parser finds, whatever the lines are."""

import json
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from flows.run import run
from flows.settings import Settings
from ingest import files as landing
from ingest import load
from ingest.delivery import Delivery
from ingest.detect import detected
from ingest.edges import EdgeContext, can_stream
from ingest.load_state import Job, finish
from ingest.readers import ndjson as records_ndjson
from ingest.readers import table as tabular
from ingest.records import TableRecords
from ingest.rejects import write_rejects
from schemas.errors import FileRefused
from schemas.sources import Source
from tests.property.deliveries import SEEDED
from warehouse.lake import edges
from warehouse.lake.ledger import Lake

SOURCE = Source(files="*")
KEYS = ("platform", "account_id", "follower_id", "followed_at", "is_complete_list", "extra")
# Cells as they stand in a line: right, wrong, and whatever a quick reader might take for something else.
CELLS = (
    '"instagram"', '"Instagram"', '" tiktok "', '"a"', '"kim"', "12345678901234567890", "9007199254740993", "-0", "1.0",
    "1e3", "1.78E+16", '"1.78E+16"', "0.1e-2", "01", "+1", "1.", ".5", "1e", "NaN", "-Infinity", "Infinity", "nan",
    "true", "false", "True", '"true"', '"no"', "null", '"null"', '""', '" "', '"\\u0041"', '"\\n"', '"\\""', '"a\\\\"',
    '"\\ud800"', '"\\ud83d\\ude00"', '"😀é"', '"\u2028"', '"\u0085"', '"a\tb"', '"a\x00b"', '"a\x7fb"', '"\ufeff"',
    "{}", '{"a": 1}', "[1, 2]", "[]", '"2026-08-01T10:00:00Z"', '"2026-08-01 10:00:00"', '"1970-01-01T00:00:00Z"',
    '"soon"', "'a'", '"}"', '","', '"a": 1', "", "x" * 600, '"' + "x" * 600 + '"',
)  # fmt: skip
USUAL = (('"instagram"',), ('"kim"', '"lee"', "17"), ("12345678901234567890", "9007199254740993", '"m1"', "5"),
         ('"2026-08-01T10:00:00Z"', "null"), ("true", "false"), ("1", '"x"', "null"))  # fmt: skip
ODD_LINES = (
    "", " ", "\t", "\r", "\x1c", "\u2028", "\u00a0", "\x00", "null", "[]", "{}", "1", '"a"', "{", "}", "{]", "not json",
    '{"platform": "instagram"}', '\ufeff{"platform": "instagram"}', '{"": 1}', '{"other": 1}', '{"extra": {"a": 1}}',
    "[" * 5000, '{"a":' * 3000,
)  # fmt: skip
gaps = st.sampled_from(("", "", " ", "  ", "\t"))
ends = st.sampled_from((b"\n", b"\n", b"\n", b"\r\n"))


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line like most, or one with another cell, key, order or gap, or cut, or something else entirely."""
    cells = {key: draw(st.sampled_from(usual)) for key, usual in zip(KEYS, USUAL, strict=True)}
    for key in KEYS[3:]:
        if draw(st.integers(0, 3)) == 0:
            del cells[key]
    members = [(json.dumps(key), cell) for key, cell in cells.items()]
    gap = draw(st.sampled_from((" ", "")))
    line = "{" + ", ".join(f"{key}:{gap}{cell}" for key, cell in members) + "}"
    match draw(st.integers(0, 50)):
        case 0:
            place = draw(st.integers(0, len(members) - 1))
            members[place] = (members[place][0], draw(st.sampled_from(CELLS)))
        case 1:
            members = draw(st.permutations(members))
        case 2:
            members.append(draw(st.sampled_from(members)))
        case 3:
            key = draw(
                st.sampled_from(
                    (
                        '"new"',
                        '"plat\\u0066orm"',
                        '"a.b"',
                        '"*"',
                        '"^a$"',
                        '"__line"',
                        '""',
                        '"suspect"',
                        "'a'",
                        '"Platform"',
                    )
                )
            )
            members.insert(draw(st.integers(0, len(members))), (key, draw(st.sampled_from(CELLS))))
        case 4:
            members.pop(draw(st.integers(0, len(members) - 1)))
        case 5:
            return draw(st.sampled_from(ODD_LINES))
        case 6:
            return line[: draw(st.integers(0, len(line)))]
        case 7:
            place = draw(st.integers(0, len(line)))
            return line[:place] + draw(st.characters(codec="utf-8")) + line[place:]
        case _:
            return line
    a, b, c = draw(gaps), draw(gaps), draw(gaps)
    return a + "{" + b + f"{a},{c}".join(f"{key}{b}:{c}{cell}" for key, cell in members) + a + "}" + b


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Lines, of which most are alike; now and then a mark of byte order, damaged bytes or an end that is cut off."""
    usual = b'{"platform": "instagram", "account_id": "kim", "follower_id": 9007199254740993}\n'
    content = draw(st.sampled_from((b"", b"", b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\n\xef\xbb\xbf")))
    for line in draw(st.lists(lines(), min_size=1, max_size=40)):
        content += line.encode() + draw(ends) + usual * draw(st.integers(0, 2))
    match draw(st.integers(0, 11)):
        case 0:
            place = draw(st.integers(0, len(content)))
            content = content[:place] + draw(st.sampled_from((b"\xff", b"\xc3", b"\x00", b"\r"))) + content[place:]
        case 1 | 2:
            content = content[: -draw(st.integers(1, 30))]
    return content


def layout_of(path: Path) -> tabular.Layout | None:
    return tabular.layout_of(path, path.name, format="ndjson", delimiter=",", skip_lines=0, header=True)


def gathered(path: Path, layout: tabular.Layout, root: Path, *, careful: bool) -> dict[str, Any]:
    """What the ledger, the rejects and the lake would hold of a file."""
    (file,) = landing.list_exports(path.parent)
    lake = Lake.open(root)
    try:
        what = detected(file.name, SOURCE, layout)
        delivery = Delivery(file, "s", SOURCE, "d")
        job = Job(delivery, lake, EdgeContext(lambda: "secret"), lambda _: None)
        records = TableRecords(delivery, path, layout, what)
        records.careful = careful
        found = load._read(job, records) if careful else load._read_table(job, records)
        rejects = [rejects for state in found for rejects in state.rejects]
        name = write_rejects(delivery.id, rejects, records.hidden, lake, records.lines_of)
    except FileRefused as refusal:
        return {"refused": str(refusal)}
    segments = [segment for each in found for segment in each.segments]
    held = edges.scan("follows", [root / s.path for s in segments if s.dataset == "follows"]).collect()
    accounts = [pl.read_parquet(root / s.path) for s in segments if s.dataset != "follows"]
    return {
        "counts": [finish(each, lake) for each in found],
        "note": what.note,
        "rejects": sorted(pl.read_parquet(root / name).rows(), key=str) if name else [],
        "rows": sorted(held.rows(), key=str),
        "accounts": sorted({row for frame in accounts for row in frame.rows()}),
        "times": [
            max((s.happened or "" for s in segments), default=""),
            max((s.observed or "" for s in segments), default=""),
        ],
    }


@SEEDED
@given(content=files())
def test_both_ways_find_the_same(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "exports" / "follows.ndjson"
        path.parent.mkdir()
        path.write_bytes(content)
        try:
            layout = layout_of(path)
        except FileRefused:
            layout = None
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            keys = tuple(dict.fromkeys(key for line in records_ndjson._keys_of(stream) for key in line))
        assert (layout.header if layout else ()) == keys
        if layout is None:
            return
        event(f"has a pattern: {bool(layout.line_pattern)}")
        if not layout.line_pattern:
            return
        scanned = tabular.scan(path, layout).collect()
        event(f"lines left to the parser: {scanned.get_column('__line').count() > 0}")
        quick = tabular.with_care(scanned)
        batches = list(tabular.read_batches(path, path.name, layout))
        assert_frame_equal(quick.rows, pl.concat(batch.rows for batch in batches))
        assert_frame_equal(quick.rejects.drop("line"), pl.concat(batch.rejects for batch in batches).drop("line"))
        try:
            quickly = gathered(path, layout, Path(folder) / "quick", careful=False)
            event("streamed")
        except tabular.FallbackToSlowReader:
            return
        carefully = gathered(path, layout, Path(folder) / "careful", careful=True)
        assert quickly == carefully


@pytest.mark.parametrize(
    "odd",
    [
        '{"platform": "instagram", "account_id": "kim", "follower_id": 2, "follower_id": 3}',
        '{"platform": "instagram", "account_id": "kim", "follower_id": 2, "late": 3}',
        '{"follower_id": 2, "platform": "instagram", "account_id": "kim"}',
        '{"platform": "instagram", "account_id": "kim", "follower_id": {"id": 2}}',
        '{"platform": "instagram", "account_id": "k\\u0069m", "follower_id": 2}',
        '{"platform": "instagram", "account_id": "kim", "follower_id": 02}',
        '{"platform": "instagram", "account_id": "kim", "follower_id": NaN}',
        '{"platform": "instagram", "account_id": "kim", "follower_id": "\t"}',
        '{"platform": "instagram", "account_id": "kim", "follower_id": 2',
        "[]",
    ],
)
def test_only_a_line_unlike_the_others_is_left_to_the_parser(tmp_path: Path, odd: str) -> None:
    """Else the quick way would be no quicker, and what it does with such a line would be luck."""
    line = '{"platform": "instagram", "account_id": "kim", "follower_id": 9007199254740993}'
    path = tmp_path / "follows.ndjson"
    path.write_text("\n".join([line] * 2000 + [odd] + [line] * 10) + "\n", encoding="utf-8")
    layout = layout_of(path)
    assert layout is not None
    (load,) = detected(path.name, SOURCE, layout).loads
    assert can_stream(load, layout)
    scanned = tabular.scan(path, layout).collect()
    assert scanned.filter(pl.col("__line").is_not_null()).select("__record", "__line").rows() == [(2001, odd)]
    assert scanned.get_column("follower_id").unique().to_list() in (
        [None, "9007199254740993"],
        ["9007199254740993", None],
    )


@pytest.mark.parametrize("ending", [".csv", ".ndjson"])
def test_the_time_of_a_refused_record_is_no_news(tmp_path: Path, ending: str) -> None:
    """As-of is the newest time that counts: a record without an account must not move it."""
    rows = [
        {"platform": "instagram", "account_id": "kim", "follower_id": "1", "followed_at": "2026-08-01T10:00:00Z"},
        {"platform": "instagram", "account_id": "", "follower_id": "2", "followed_at": "2026-09-01T10:00:00Z"},
    ]
    lines = [json.dumps(row) for row in rows] if ending == ".ndjson" else [",".join(rows[0])]
    lines += [",".join(row.values()) for row in rows] if ending == ".csv" else []
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / f"follows{ending}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    summary = run(exports, Settings(home=tmp_path / "home"))
    assert (summary.rows_loaded, summary.rows_rejected, summary.as_of) == (1, 1, "2026-08-01T10:00:00")
