"""Text as other programs write it: encodings, line ends, NUL bytes, quotes; and columns that are no text."""

import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.readers import table as tabular
from tests.rejected.delivery import Delivery, command, delivery, stored

HEADER = "platform,account_id,followers_count,niche\n"
__all__ = ["command", "delivery"]


def test_bytes_that_are_no_utf8_are_refused_and_never_guessed(delivery: Delivery) -> None:
    text = HEADER + "instagram,kim,5000,caf\u00e9\n"
    delivery.put("cp1252.csv", text.encode("cp1252"))
    delivery.put("cp1252.ndjson", '{"platform": "x", "account_id": "é", "followers_count": 1}'.encode("cp1252"))
    delivery.put("late.csv", (HEADER + "instagram,kim,5000,\n" * 20_000).encode() + b"instagram,caf\xe9,1,\n")
    delivery.put("header.csv", "platform,account_id,followers_count,Stand\u00e4\n".encode("cp1252"))
    delivery.put("utf16_without_mark.csv", text.encode("utf-16-le"))
    delivery.put("utf16_cut.csv", text.encode("utf-16")[:-1])
    delivery.put("spreadsheet.xlsx", b"PK\x03\x04" + bytes(200))
    delivery.put("declared/wrong.csv", "platform\u20ac".encode("cp1252") + b"\x81")
    delivery.put("declared/right.csv", text.encode("cp1252"))
    delivery.put("sources.toml", '[[source]]\nfiles = "declared/*.csv"\nencoding = "cp1252"\n')
    delivery.run()
    assert delivery.refusals() == {
        "cp1252.csv": "encoding",
        "cp1252.ndjson": "encoding",
        "late.csv": "encoding",
        "header.csv": "encoding",
        "utf16_without_mark.csv": "encoding",
        "utf16_cut.csv": "encoding",
        "spreadsheet.xlsx": "damaged_workbook",
        "declared/wrong.csv": "encoding",
    }
    assert stored(delivery)["declared/right.csv"] == [("kim", 5000, "café")]
    assert len(delivery.accounts()) == 1


def test_lines_that_end_in_cr_alone_are_lines(delivery: Delivery) -> None:
    """Polars sees one line in such a file, hence no records."""
    lines = HEADER + "instagram,kim,5000,food\n\n" * 4 + "instagram,lee,many,food\n"
    delivery.put("cr.csv", lines.replace("\n", "\r"))
    delivery.put("crlf.csv", lines.replace("\n", "\r\n"))
    delivery.put("mixed.csv", lines.replace("\n", "\r", 5))
    delivery.put("cr.ndjson", '{"platform": "x", "account_id": "a", "followers_count": 1}\r{"platform": "x"}\r')
    delivery.run()
    found = stored(delivery)
    assert found["cr.csv"] == found["crlf.csv"] == found["mixed.csv"] == [("kim", 5000, "food")]
    assert found["cr.ndjson"] == [("a", 1, None)]
    assert [(row["file"], row["line"], row["value"]) for row in delivery.rejects()] == [
        ("cr.csv", 10, "many"),
        ("cr.ndjson", 2, None),
        ("crlf.csv", 10, "many"),
        ("mixed.csv", 10, "many"),
    ]


def test_nul_bytes_make_no_id_and_no_number(delivery: Delivery) -> None:
    delivery.put("a.csv", HEADER + "instagram,k\0m,5,food\ninstagram,lee,5\0,food\ninstagram,max,5,fo\0d\n")
    delivery.run()
    assert stored(delivery)["a.csv"] == [("max", 5, "fo\0d")]
    assert [(row["line"], row["column_name"], row["value"]) for row in delivery.rejects()] == [
        (2, "account_id", "k\0m"),
        (3, "followers_count", "5\0"),
    ]


def test_parquet_columns_that_are_no_text(delivery: Delivery) -> None:
    """Lists of topics are lists, other nested columns JSON that costs the others nothing; bytes are text or the file is refused."""
    frame = pl.DataFrame(
        {
            "platform": ["instagram"] * 3,
            "account_id": ["kim", "lee", ""],
            "followers_count": [5000.0, 1.5, 3.0],
            "niche": [["food", "travel"], None, []],
            "country": [b"DE", b"SE", None],
            "*": [{"a": 1}, {"a": 2}, {"a": 3}],
        }
    )
    whole = frame.with_columns(pl.col("followers_count").cast(pl.Int64))
    whole.write_parquet(delivery.exports / "whole.parquet")
    frame.tail(2).write_parquet(delivery.exports / "floats.parquet")
    whole.with_columns(country=pl.lit(b"\xff\xfe")).write_parquet(delivery.exports / "bytes.parquet")
    delivery.run()
    assert delivery.refusals() == {"bytes.parquet": "damaged_parquet"}
    rejects = delivery.rows("SELECT file, record, value, rule FROM rejected_rows WHERE record > 0 ORDER BY ALL")
    assert [tuple(row.values()) for row in rejects] == [
        ("floats.parquet", 1, "1.5", "followers_count: not a whole number"),
        ("floats.parquet", 2, None, "account_id: must not be empty"),
        ("whole.parquet", 3, None, "account_id: must not be empty"),
    ]
    rows = delivery.rows("SELECT account_id, followers_count, niche_raw, country FROM accounts ORDER BY account_id")
    assert [tuple(row.values()) for row in rows] == [
        ("kim", 5000, "food, travel", "DE"),
        ("lee", 1, None, "SE"),
    ]


def test_the_line_that_names_the_delimiter_is_no_data(delivery: Delivery) -> None:
    row = "x,ann,1\n"
    delivery.put("comma.csv", "\ufeffsep=,\r\n" + HEADER + "x,ann,1,tea\n")
    delivery.put("semicolon.csv", "SEP=;\n" + (HEADER + "x,ben,2,tea\n").replace(",", ";"))
    delivery.put("bare/plain.csv", row)
    delivery.put("bare/marked.csv", "sep=,\n" + row.replace("ann", "cy"))
    delivery.put("title.csv", "Our creators,May\n" + HEADER)
    load = (
        "columns = { platform = { position = 1 }, account_id = { position = 2 }, followers_count = { position = 3 } }"
    )
    titled = 'columns = { platform = "platform", account_id = "account_id", followers_count = "followers_count" }'
    delivery.put(
        "sources.toml",
        f'[[source]]\nfiles = "bare/*.csv"\nheader = false\ndataset = "accounts"\n{load}\n'
        f'[[source]]\nfiles = "title.csv"\ndataset = "accounts"\n{titled}\n',
    )
    delivery.run()
    assert stored(delivery) == {
        "bare/marked.csv": [("cy", 1, None)],
        "bare/plain.csv": [("ann", 1, None)],
        "comma.csv": [("ann", 1, "tea")],
        "semicolon.csv": [("ben", 2, "tea")],
        "title.csv": [],
    }
    (title,) = delivery.rejects()
    assert "where lines stand before the header, declare how many with skip_lines" in title["fix"]


def test_quotes_that_are_text_by_declaration(delivery: Delivery) -> None:
    """In a small file, a large one, and one that only the careful reader reads."""
    lines = ['x,ann,5,"Live', "x,ben,6,tea", 'x,cy,7,love"', 'x,di,8,"Best" art', 'x,ed,9,""']
    text = HEADER + "\n".join(lines) + "\n"
    many = "".join(f"x,n{number},5,tea\n" for number in range(1500))
    delivery.put("small.csv", text)
    delivery.put("large.csv", text + many)
    delivery.put("careful.csv", text + many + "x,flo,1\n")
    delivery.put("sources.toml", '[[source]]\nfiles = "*.csv"\nquote = ""\n')
    delivery.run()
    wanted = [("ann", 5, '"Live'), ("ben", 6, "tea"), ("cy", 7, 'love"'), ("di", 8, '"Best" art'), ("ed", 9, '""')]
    found = stored(delivery)
    assert all(set(wanted) <= set(found[name]) for name in ("small.csv", "large.csv", "careful.csv"))
    assert [(row["file"], row["line"]) for row in delivery.rejects()] == [("careful.csv", 1507)]


@pytest.mark.parametrize("rows", [2, 1500])
def test_records_that_quotes_have_swallowed_are_listed(delivery: Delivery, rows: int) -> None:
    many = "".join(f"x,n{number},{number},tea\n" for number in range(rows))
    delivery.put("swallowed.csv", HEADER + 'x,ann,5,"Live\nx,ben,6,tea\nx,cy,7,love"\n' + many)
    delivery.put("caption.csv", HEADER + 'x,ann,5,"tea, art, 5, love\nand, 6, tea, art\n\nx, y, 7, z"\n' + many)
    delivery.put("likes.csv", "platform,post_id,liker_id,name\n" + many + 'x,n1,5,"Live\nx,n1,6,tea\nx,n1,7,love"\n')
    delivery.put("doubtful.csv", HEADER + 'x,di,8,"Best" art\n' + many)
    delivery.run()
    fix = 'declare quote = "" for this source in sources.toml'
    said = [(row["file"], row["line"], row["rule"]) for row in delivery.rejects() if fix in row["fix"]]
    assert said == [
        ("doubtful.csv", None, "damaged_csv"),
        ("likes.csv", rows + 2, "a quoted cell that holds whole records"),
        ("swallowed.csv", 2, "a quoted cell that holds whole records"),
    ]
    assert len(said) == len(delivery.rejects())
    (ann,) = delivery.rows("SELECT followers_count, niche_raw FROM accounts WHERE account_id = 'ann'")
    assert ann == {"followers_count": 5, "niche_raw": "tea, art, 5, love\nand, 6, tea, art\n\nx, y, 7, z"}


def test_quick_and_careful_reading_of_csv_agree(tmp_path: Path) -> None:
    """The quick reader gives the same cells as the careful one, or steps aside for it: it never misreads alone."""
    dice, path = random.Random(20260801), tmp_path / "a.csv"
    agreed = 0
    for _ in range(1200):
        path.write_bytes(some_csv(dice).encode())
        quote = dice.choice(['"', '"', ""])
        layout = tabular.layout_of(path, "a.csv", format="csv", delimiter=",", skip_lines=0, header=True, quote=quote)
        assert layout is not None
        try:
            quick = cells(path, layout, careful=False)
        except tabular.FallbackToSlowReader:
            continue
        assert quick == cells(path, layout, careful=True), path.read_bytes()
        agreed += 1
    assert agreed > 400


def some_csv(dice: random.Random) -> str:
    """A few records, well-formed at first, then perhaps damaged."""
    end = dice.choice(["\n", "\n", "\r\n"])

    def cell() -> str:
        if dice.random() < 0.5:
            return dice.choice(["", "x", "12", " ", "é"])
        inside = "".join(dice.choice(["x", '""', ",", end, " "]) for _ in range(dice.randint(0, 5)))
        return f'"{inside}"'

    text = end.join(",".join(cell() for _ in range(3)) for _ in range(dice.randint(1, 6))) + dice.choice(["", end])
    for _ in range(dice.choice([0, 0, 1, 2])):
        place, damage = dice.randint(0, len(text)), dice.choice(['"', ",", "\n", "x", "\r", ""])
        text = text[:place] + damage + text[place + (damage == "") :]
    return f"a,b,c{end}{text}"


def cells(path: Path, layout: tabular.Layout, *, careful: bool) -> tuple[list[Any], list[Any]]:
    batches = list(tabular.read_batches(path, "a.csv", layout, careful=careful))
    return [row for batch in batches for row in batch.rows.rows()], [
        r for batch in batches for r in batch.rejects.rows()
    ]
