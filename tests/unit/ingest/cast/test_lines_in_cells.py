"""Records that stray quotes have made one cell of another, and captions of several lines, by examples."""

import polars as pl
import pytest

from ingest.cast.lines_in_cells import misplaced_records
from ingest.cast.mapping import plan_of
from schemas.sources import FILE, RECORD, Load, Reading, Source

HEADER = ["id", "likes", "kind", "caption"]
LOAD = Load(
    dataset="posts",
    columns={
        "platform": Reading(value="instagram"),
        "account_id": Reading(value="ann"),
        "post_id": Reading(source="id"),
        "like_count": Reading(source="likes"),
        "caption": Reading(source="caption"),
    },
)
GOOD = [("101", "7", "reel", "tea"), ("102", "12", "image", "art\n and tea"), ("103", "9", "reel", None)]


def found(row: tuple[str | None, ...], load: Load = LOAD, delimiter: str | None = ",") -> list[tuple[int, str]]:
    schema = {RECORD: pl.UInt32, **dict.fromkeys(HEADER, pl.String)}
    rows = [(place, *cells) for place, cells in enumerate([*GOOD, row, *GOOD], start=1)]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    plans = [plan_of(load, Source(files="a.csv", load=(load,)), HEADER, pl.DataFrame())]
    alone = [(one.record, one.kind) for one in misplaced_records(frame, HEADER, plans, delimiter)]
    # Of many files at once, records are numbered one after the other.
    second = frame.with_columns(pl.col(RECORD) + 100, pl.lit(1, pl.UInt32).alias(FILE))
    both = pl.concat([frame.with_columns(pl.lit(0, pl.UInt32).alias(FILE)), second])
    of_second = [one for one in misplaced_records(both, HEADER, plans, delimiter) if one.file == 1]
    assert [(one.record - 100, one.kind) for one in of_second] == alone
    return alone


@pytest.mark.parametrize(
    ("row", "holds_records"),
    [
        (("104", "5", "reel", "Live\n105,6,reel,ok\n106,7,image,love"), True),
        (("104", "5", "reel", "Live\n105,6,reel,love"), True),
        (("104", "5", "reel", "Live\r\n105,6,reel,ok\r\n106,,image,love"), True),
        (("104", "5", "reel,one\n105,6,reel,ok\n106,7,image", "the rest"), True),  # a quote inside of the line
        (("104,5,reel,one\n105", "6", "reel", "the rest"), True),
        (("104", "5", "reel", "Live\n105,6,reel"), False),
        (("104", "5", "reel", "Live\n105,6,reel,a,b"), False),
        (("104", "5", "reel", "Live\n\n105,6,reel,ok"), False),
        (("104", "5", "reel", "Live\n105,six,reel,ok"), False),
        (("104", "5", "reel", "Live\nsalt,6,pepper,oil"), False),  # ids are numbers in this file
        (("104", "5", "reel", "Live\n2, 6, eggs, milk"), False),
        (("104", "5", "reel", "one, two, three, four\nfive, six, seven, eight"), False),
        (("104", "5", "reel", "no comma\nat all"), False),
        (("104", "5", "reel", ",,,\n,,,"), False),
    ],
)
def test_a_cell_of_several_lines(row: tuple[str | None, ...], holds_records: bool) -> None:
    assert found(row) == ([(4, "lines")] if holds_records else [])
    in_tabs = tuple(cell and cell.replace(",", "\t") for cell in row)
    assert found(in_tabs, delimiter="\t") == found(row)
    assert found(row, delimiter=None) == []


def test_without_numbers_a_text_that_others_have_tells_it() -> None:
    own = {name: reading for name, reading in LOAD.columns.items() if name not in ("like_count", "post_id")}
    load = Load(dataset="posts", columns={**own, "post_id": Reading(source="caption")})
    assert found(("a", "5", "reel", "b\nc,d,reel,e"), load) == []  # other ids are digits
    assert found(("a", "5", "reel", "b\n104,6,reel,e"), load) == [(4, "lines")]
