"""Workbooks: every sheet is read like a file of its own, exactly what its cells hold; what cannot be told is asked about."""

import csv
import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from tests.rejected.delivery import Delivery, command, delivery
from tests.workbooks import Cells, compound, ods, ods_row, with_part, xls, xlsx

__all__ = ["command", "delivery"]
HEADER: list[Any] = ["platform", "account_id", "followers_count"]
ROWS: list[list[Any]] = [HEADER, ["instagram", "rowan.demo", 3100], ["instagram", "osprey_demo", 45200]]
FOLLOWERS = {"rowan.demo": 3100, "osprey_demo": 45200}
POSTS: list[Any] = ["platform", "post_id", "account_id", "published_at", "like_count"]
Pages = dict[str, Worksheet]
SHEET = "xl/worksheets/sheet1.xml"


def as_ods(rows: Cells) -> bytes:
    return ods({"Creators": "".join(ods_row(*row) for row in rows)})


WRITERS: dict[str, Callable[[Cells], bytes]] = {
    "list.xlsx": lambda rows: xlsx({"Creators": rows}),
    "list.xlsm": lambda rows: xlsx({"Creators": rows}),
    "list.ods": as_ods,
    "list.xls": lambda rows: xls({"Creators": rows}),
    "list.csv": lambda rows: xlsx({"Creators": rows}),  # told by its bytes, whatever it is called
    "list": as_ods,
    "list.xls.xlsx": lambda rows: xls({"Creators": rows}),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_sheet_is_read_as_a_csv_file_would_be(delivery: Delivery, name: str) -> None:
    delivery.put(name, WRITERS[name](ROWS))
    delivery.run()
    assert delivery.verdicts() == {f"{name}/Creators": "loaded"}
    assert delivery.accounts() == FOLLOWERS
    assert delivery.run_again()["files_read"] == 0


@pytest.mark.parametrize("name", ["list.xlsx", "list.ods", "list.xls"])
def test_titles_above_a_known_header_are_skipped(delivery: Delivery, name: str) -> None:
    delivery.put(name, WRITERS[name]([["Creators of the spring"], ["as of 3 May"], [" "], *ROWS]))
    delivery.run()
    assert delivery.accounts() == FOLLOWERS
    assert delivery.ledger()[0]["note"] == "records begin below row 4"


def test_each_sheet_is_a_file_of_its_own(delivery: Delivery) -> None:
    rows: list[list[Any]] = [[HEADER, ["x", f"of.{number}", number + 10]] for number in range(3)]
    delivery.put("a/b.xlsx", xlsx({"Q1 & <Q2>": rows[0], "Zürich": rows[1], "Bounds": [], "Notes": [["read me"]]}))
    delivery.put(
        "sources.toml",
        'ignore = ["a/b.xlsx/Notes"]\n[[source]]\nfiles = "**/b.xlsx/Z*"\nconstants = { country = "CH" }',
    )
    delivery.run()
    assert delivery.verdicts() == {
        "a/b.xlsx/Q1 & <Q2>": "loaded",
        "a/b.xlsx/Zürich": "loaded",
        "a/b.xlsx/Bounds": "empty",
        "a/b.xlsx/Notes": "ignored",
    }
    countries = delivery.rows("SELECT account_id, country FROM accounts ORDER BY 1")
    assert [row["country"] for row in countries] == [None, "CH"]


def test_an_ignored_workbook_is_not_opened(delivery: Delivery) -> None:
    delivery.put("notes.xlsx", xlsx({"A": ROWS, "B": ROWS}))
    delivery.put("a.csv", "platform,account_id,followers_count\nx,a,5\n")
    delivery.put("sources.toml", 'ignore = ["notes.xlsx"]')
    delivery.run()
    assert delivery.verdicts() == {"a.csv": "loaded", "notes.xlsx": "ignored"}


def test_dates_numbers_and_flags_are_what_the_cells_hold(delivery: Delivery) -> None:
    def edit(book: xlsxwriter.Workbook, pages: Pages) -> None:
        moment, day = (book.add_format({"num_format": shown}) for shown in ("d.m.yy hh:mm", "dd/mm/yyyy"))
        pages["P"].write_datetime(1, 3, dt.datetime(2026, 3, 4, 17, 30), moment)
        pages["P"].write_datetime(2, 3, dt.datetime(2026, 3, 5), moment)
        pages["P"].write_datetime(1, 4, dt.datetime(2026, 4, 3), day)
        pages["P"].write_number(1, 5, 812.0, book.add_format({"num_format": "#,##0.00"}))
        pages["P"].write_boolean(1, 6, True)

    header: list[Any] = [
        "platform",
        "post_id",
        "account_id",
        "published_at",
        "observed_at",
        "like_count",
        "is_sponsored",
    ]
    delivery.put("p.xlsx", xlsx({"P": [header, ["x", "p1", "a"], ["x", "p2", "a"]]}, edit))
    delivery.put("sources.toml", '[[source]]\nfiles = "p.xlsx/P"\ntime_zone = "Europe/Berlin"')
    delivery.run()
    first, second = delivery.rows("SELECT * FROM posts ORDER BY post_id")
    assert first["published_at"] == dt.datetime(2026, 3, 4, 16, 30)
    assert second["published_at"] == dt.datetime(2026, 3, 4, 23, 0)
    assert first["observed_at"] == dt.datetime(2026, 4, 3), "a column of days is of days, whose day is theirs"
    assert (first["like_count"], first["is_sponsored"]) == (812, True)


def test_a_percentage_is_its_number(delivery: Delivery) -> None:
    def edit(book: xlsxwriter.Workbook, pages: Pages) -> None:
        pages["R"].write_number(1, 4, 0.012345678901234, book.add_format({"num_format": "0.0%"}))

    header: list[Any] = ["platform", "account_id", "metric", "unit", "value"]
    delivery.put("r.xlsx", xlsx({"R": [header, ["x", "a", "engagement_rate_by_followers", "ratio"]]}, edit))
    delivery.run()
    assert delivery.rows("SELECT value FROM published_metrics") == [{"value": 0.012345678901234}]


@pytest.mark.parametrize("name", ["p.xlsx", "p.ods", "p.xls"])
def test_ids_that_are_long_numbers_are_rejected(delivery: Delivery, name: str) -> None:
    long = 17_900_000_000_000_100
    rows = [
        ["May"],
        POSTS,
        ["x", str(long), "a", None, 5],
        ["x", long, "a", None, 6],
        ["x", 123_456_789_012_345, "a", None, 7],
    ]
    write = {"p.xlsx": lambda: xlsx({"P": rows}), "p.xls": lambda: xls({"P": rows})}
    empty = "<table:table-cell/>"
    delivery.put(
        name,
        write.get(name, lambda: ods({"P": "".join(ods_row(*(empty if c is None else c for c in r)) for r in rows)}))(),
    )
    delivery.run()
    posts = delivery.rows("SELECT post_id FROM posts ORDER BY like_count")
    assert [row["post_id"] for row in posts] == [str(long), "123456789012345"]
    (reject,) = delivery.rejects()
    assert (reject["line"], reject["column_name"], reject["value"]) == (4, "post_id", "1.79000000000001E+16")
    assert "as text" in reject["allowed"]
    assert "the spreadsheet rounded" in reject["rule"]


def test_errors_are_no_values(delivery: Delivery) -> None:
    def edit(_book: xlsxwriter.Workbook, pages: Pages) -> None:
        pages["P"].write_formula(1, 4, "=1/0", value="#DIV/0!")
        pages["P"].write_formula(2, 1, "=nosuch", value="#NAME?")

    delivery.put("p.xlsx", xlsx({"P": [POSTS, ["x", "p1", "a"], ["x", "", "a", None, 4]]}, edit))
    error, flag = (
        '<table:table-cell office:value-type="string"><text:p>#REF!</text:p></table:table-cell>',
        ("float", "3"),
    )
    delivery.put("o.ods", ods({"P": ods_row(*POSTS) + ods_row("x", error, "a", "<table:table-cell/>", flag)}))
    delivery.put("old.xls", xls({"P": [POSTS, ["x", "p3", "a", None, ValueError()]]}))
    delivery.run()
    told = [(row["file"], row["line"], row["column_name"], row["value"], row["kept"]) for row in delivery.rejects()]
    assert told == [
        ("o.ods/P", 2, "post_id", "#REF!", False),
        ("old.xls/P", 2, "like_count", "#REF!", True),
        ("p.xlsx/P", 2, "like_count", "#DIV/0!", True),
        ("p.xlsx/P", 3, "post_id", "#NAME?", False),
    ]
    assert delivery.rows("SELECT post_id, like_count FROM posts ORDER BY 1") == [
        {"post_id": "p1", "like_count": None},
        {"post_id": "p3", "like_count": None},
    ]


def test_formulas_without_a_value_are_said(delivery: Delivery) -> None:
    """A program that calculates nothing writes an empty value, or a 0 and that all is to be calculated."""

    def edit(_book: xlsxwriter.Workbook, pages: Pages) -> None:
        pages["A"].write_formula(1, 2, "=3+4", value="")
        pages["A"].write_formula(2, 2, "=3+4")
        pages["A"].write_formula(3, 2, "=3+4", value=7)

    delivery.put("a.xlsx", xlsx({"A": [HEADER, ["x", "a"], ["x", "b"], ["x", "c"]]}, edit))
    without = '<table:table-cell table:formula="of:=3+4"/>'
    delivery.put("a.ods", ods({"A": ods_row(*HEADER) + ods_row("x", "d", without) + ods_row("x", "e", 9)}))
    delivery.run()
    assert delivery.accounts() == {"a": None, "b": None, "c": 7, "d": None, "e": 9}
    notes = {row["file"]: row["note"] for row in delivery.ledger()}
    assert notes["a.xlsx/A"] == "formulas without a value, read as empty cells: 2"
    assert notes["a.ods/A"] == "formulas without a value, read as empty cells: 1"


@pytest.mark.parametrize("way", ["hide", "very_hidden"])
def test_hidden_sheets_are_read_and_said(delivery: Delivery, way: str) -> None:
    delivery.put("a.xlsx", xlsx({"Front": [], "Back": ROWS}, lambda _book, pages: getattr(pages["Back"], way)()))
    delivery.put("b.ods", ods({"hidden": ods_row(*HEADER) + ods_row("x", "o", 5)}))
    delivery.put("c.xls", xls({"Back": [HEADER, ["x", "q", 6]]}, hidden=["Back"]))
    delivery.run()
    assert delivery.accounts() == FOLLOWERS | {"o": 5, "q": 6}
    notes = {row["file"]: row["note"] for row in delivery.ledger() if row["verdict"] == "loaded"}
    assert set(notes.values()) == {"a hidden sheet"}
    assert len(notes) == 3


def test_an_unknown_header_asks_for_its_place(delivery: Delivery) -> None:
    rows: list[list[Any]] = [["Our creators"], ["who", "size"], ["@Rowan.Demo", 3100], ["@Osprey_Demo", 45200]]
    delivery.put("a.xlsx", xlsx({"S": rows}))
    delivery.run()
    (reject,) = delivery.rejects()
    assert reject["rule"] == "unknown_header"
    assert "skip_lines" in reject["fix"]
    declared = (
        '[[source]]\nfiles = "a.xlsx/S"\nskip_lines = 1\nconstants = { platform = "instagram" }\n[[source.load]]\n'
    )
    load = 'dataset = "accounts"\ncolumns.account_id = { from = "who", key = "handle" }\ncolumns.followers_count = "size"\n'
    delivery.put("sources.toml", declared + load)
    delivery.run()
    assert delivery.accounts() == FOLLOWERS
    delivery.put("sources.toml", declared.replace("skip_lines = 1\n", "") + load)
    delivery.run()
    assert delivery.accounts() == FOLLOWERS, "declared columns are found below a title too"


def test_columns_by_position_count_from_a(delivery: Delivery) -> None:
    rows: list[list[Any]] = [["", "", "rowan.demo", "", 3100], ["", "", "osprey_demo", "", 45200]]
    delivery.put("a.xlsx", xlsx({"S": rows}))
    delivery.put(
        "sources.toml",
        '[[source]]\nfiles = "a.xlsx/*"\nheader = false\nconstants = { platform = "x" }\n[[source.load]]\n'
        'dataset = "accounts"\ncolumns.account_id = { position = 3 }\ncolumns.followers_count = { position = 5 }\n',
    )
    delivery.run()
    assert delivery.accounts() == FOLLOWERS


def test_rows_of_a_sheet_are_its_lines(delivery: Delivery) -> None:
    """Blank rows, and a cell with line breaks in it, shift nothing."""
    rows: list[list[Any]] = [[], ["Title"], [], HEADER, [], ["x", "a\nb\nc", 1], ["x", "b", "many"], [], ["x", "", 3]]
    delivery.put("a.xlsx", xlsx({"S": rows}))
    delivery.run()
    assert [(row["line"], row["column_name"]) for row in delivery.rejects()] == [
        (6, "account_id"), (7, "followers_count"), (9, "account_id"),
    ]  # fmt: skip


@pytest.mark.parametrize("where", ["records", "header"])
def test_cells_merged_over_rows_are_asked_about(delivery: Delivery, where: str) -> None:
    def edit(_book: xlsxwriter.Workbook, pages: Pages) -> None:
        pages["S"].merge_range(
            *((2, 0, 3, 0) if where == "records" else (1, 1, 2, 1)), "instagram" if where == "records" else "account_id"
        )
        pages["S"].merge_range(0, 0, 0, 2, "A title across")

    delivery.put("a.xlsx", xlsx({"S": [[], *ROWS]}, edit))
    delivery.run()
    assert delivery.refusals() == {"a.xlsx/S": "merged_cells"}


def test_a_title_merged_over_rows_is_no_matter(delivery: Delivery) -> None:
    delivery.put(
        "a.xlsx", xlsx({"S": [[], [], *ROWS]}, lambda _book, pages: pages["S"].merge_range(0, 0, 1, 2, "Title"))
    )
    delivery.run()
    assert delivery.accounts() == FOLLOWERS


TABLES = ("ranking_list_a", "crowdtangle_instagram", "phantombuster_instagram_posts", "fivetran_youtube_video")


@pytest.mark.parametrize("table", TABLES)
def test_known_tables_are_the_same_on_a_sheet(delivery: Delivery, tmp_path: Path, table: str) -> None:
    other = Delivery(tmp_path / "as_csv", tmp_path / "other", delivery.command)
    for path in sorted((Path(__file__).parents[1] / "exports_tables" / table / "exports").rglob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows: list[list[Any]] = [[cell or None for cell in row] for row in csv.reader(stream)]
        delivery.put(f"{path.stem}.xlsx", xlsx({"Data": [["From the portal"], *rows]}))
        other.put(path.name, path.read_bytes())
    delivery.run()
    other.run()
    assert any(f"read as {table}" in (row["note"] or "") for row in delivery.ledger())
    for name in ("accounts", "posts", "published_metrics", "rates"):
        sql = f"FROM {name} ORDER BY ALL"
        assert delivery.rows(sql) == other.rows(sql), name


def test_the_header_of_a_sheet_can_slip_too(delivery: Delivery) -> None:
    names = ["ash", "birch", "cedar", "dogwood", "elm", "fir"]
    delivery.put("a.xlsx", xlsx({"S": [HEADER, *(["x", number, name] for number, name in enumerate(names))]}))
    delivery.run()
    assert delivery.refusals() == {"a.xlsx/S": "shifted_header"}


def corners(column: int) -> bytes:
    return xlsx({"Far": ROWS, "Near": ROWS}, lambda _book, pages: pages["Far"].write(1_048_575, column, "end"))


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(name, "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(1100):
                part.write(bytes(1 << 20))
    return stream.getvalue()


def beyond() -> bytes:
    """An old workbook whose sheet begins beyond its end, at which calamine panics."""
    content = xls({"S": ROWS})
    place = content.index(b"\x85\0") + 4
    return content[:place] + (62_770).to_bytes(4, "little") + content[place + 4 :]


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb.xlsx": (bomb, "too_large"),
    "cut.xlsx": (lambda: xlsx({"S": ROWS})[:-900], "damaged_workbook"),
    "cut.ods": (lambda: as_ods(ROWS)[:-300], "damaged_workbook"),
    "cut.xls": (lambda: xls({"S": ROWS})[:2000], "damaged_workbook"),
    "no.xml.xlsx": (lambda: with_part(xlsx({"S": ROWS}), "xl/workbook.xml", lambda text: text[:-40]), "damaged_workbook"),
    "no.cells.xlsx": (lambda: with_part(xlsx({"S": ROWS}), "xl/_rels/workbook.xml.rels", lambda text: text.replace(b"sheet1", b"sheet9")), "damaged_workbook"),
    "beyond.xls": (beyond, "damaged_workbook"),
    "number.ods": (lambda: ods({"S": ods_row(("time", f"PT{'9' * 5000}H00M00S"))}), "damaged_workbook"),
    "locked.xlsx": (lambda: compound({"EncryptedPackage": b"x", "EncryptionInfo": b"y"}), "encrypted_workbook"),
    "locked.xls": (lambda: xls({"S": ROWS}, password=True), "encrypted_workbook"),
    "locked.ods": (lambda: ods({"S": ""}, manifest="<manifest:encryption-data/>"), "encrypted_workbook"),
    "word.xls": (lambda: compound({"WordDocument": b"x"}), "damaged_workbook"),
    "repeated.ods": (lambda: ods({"S": ods_row("x", "y", ("float", "1"), repeated=9_000_000)}), "too_large"),
    "many.xlsx": (lambda: xlsx({f"S{number}": [] for number in range(501)}), "too_large"),
    "binary.xlsx": (lambda: with_part(xlsx({"S": ROWS}), "xl/theme/theme1.xml", bytes).replace(b"xl/workbook.xml", b"xl/workbook.bin"), "unknown_format"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_workbooks_that_cannot_be_read_are_refused_by_name(delivery: Delivery, name: str) -> None:
    make, rule = HOSTILE[name]
    delivery.put(name, make())
    delivery.put("a.csv", "platform,account_id,followers_count\nx,a,5\n")
    delivery.run()
    assert {(file.split("/")[0], told) for file, told in delivery.refusals().items()} == {(name, rule)}
    assert delivery.accounts() == {"a": 5}, "the other files are read"


@pytest.mark.parametrize("quote", [b'"', b"'"])
def test_cells_that_lie_far_apart_are_refused_for_their_sheet_alone(delivery: Delivery, quote: bytes) -> None:
    """All cells between them would be held: more than there is memory, and no exception but the end of the process."""
    delivery.put("far.xlsx", with_part(corners(16_383), SHEET, lambda text: text.replace(b'"', quote)))
    delivery.run()
    assert delivery.refusals() == {"far.xlsx/Far": "too_large"}
    assert delivery.accounts() == FOLLOWERS


def test_cells_without_a_place_are_counted_too(delivery: Delivery) -> None:
    row = b"<row>" + b"<c><v>1</v></c>" * 16_000 + b"</row>"
    content = with_part(
        xlsx({"Wide": ROWS}),
        SHEET,
        lambda text: text.replace(b"</sheetData>", row + b'<row r="1048576"><c><v>1</v></c></row></sheetData>'),
    )
    delivery.put("wide.xlsx", content)
    delivery.run()
    assert delivery.refusals() == {"wide.xlsx/Wide": "too_large"}


def test_cells_that_hold_nothing_but_a_colour_may_be_far_away(delivery: Delivery) -> None:
    def edit(book: xlsxwriter.Workbook, pages: Pages) -> None:
        pages["Creators"].write_blank(1_048_575, 16_383, None, book.add_format({"bg_color": "red"}))

    delivery.put("a.xlsx", xlsx({"Creators": ROWS}, edit))
    delivery.run()
    assert delivery.accounts() == FOLLOWERS


def test_a_hundred_sheets_are_a_hundred_files(delivery: Delivery) -> None:
    delivery.put("a.xlsx", xlsx({f"Week {number}": [HEADER, ["x", f"a{number}", number]] for number in range(100)}))
    delivery.run()
    assert len(delivery.accounts()) == len(delivery.verdicts()) == 100


@pytest.mark.parametrize("pack", ["zip", "gz"])
def test_a_workbook_inside_of_another_file_is_to_be_delivered_itself(delivery: Delivery, pack: str) -> None:
    content = xlsx({"S": ROWS})
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("list.xlsx", content)
    delivery.put(f"a.{pack}", stream.getvalue() if pack == "zip" else gzip.compress(content))
    delivery.run()
    (reject,) = delivery.rejects()
    assert reject["rule"] == "unknown_format"
    assert "a workbook itself" in reject["fix"]


def test_a_sheet_declared_as_another_format_is_asked_about(delivery: Delivery) -> None:
    delivery.put("a.xlsx", xlsx({"S": ROWS}))
    delivery.put("sources.toml", '[[source]]\nfiles = "a.xlsx/S"\nformat = "csv"')
    delivery.run()
    assert delivery.refusals() == {"a.xlsx/S": "declared_format"}


def test_text_under_the_name_of_a_workbook_is_read_as_text(delivery: Delivery) -> None:
    delivery.put("report.xls", "platform,account_id,followers_count\nx,a,5\n")
    delivery.put("page.xls", "<html><table><tr><td>x</td></tr></table></html>")
    delivery.run()
    assert delivery.verdicts() == {"report.xls": "loaded", "page.xls": "quarantined"}


def test_names_that_no_program_gives_a_sheet_stay_apart(delivery: Delivery) -> None:
    rows = [ods_row(*HEADER) + ods_row("x", name, 5) for name in "abc"]
    delivery.put("a.ods", ods({"../up": rows[0], "..\\x2fup": rows[1], "": rows[2]}))
    delivery.run()
    assert len(delivery.accounts()) == 3
    assert {"a.ods/..\\x2fup", "a.ods/(no name)"} < set(delivery.verdicts())


def test_a_changed_sheet_is_read_anew(delivery: Delivery) -> None:
    delivery.put("a.xlsx", xlsx({"S": ROWS}))
    delivery.run()
    delivery.put("a.xlsx", xlsx({"S": [*ROWS, ["x", "new", 7]]}))
    delivery.run()
    assert delivery.accounts() == FOLLOWERS | {"new": 7}
