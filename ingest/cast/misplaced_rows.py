"""Records of a CSV file that do not stand under its header: shifted ones, the header once more, and another table's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
import polars.selectors as cs

from ingest.cast.column_types import NOT_KNOWN
from ingest.cast.conditions import counts
from ingest.cast.ids import ids_read
from ingest.cast.mapping import Plan, text_of, typed_of
from ingest.cast.totals import fix_of_totals, is_total, keys_read
from schemas.columns import polars_schema
from schemas.platforms import PLATFORM_OF
from schemas.rejects import Reject
from schemas.sources import FILE, RECORD
from schemas.visible import column_name, spellings, visible, visible_name

# A file of which more records are odd is no file with a slip in it, but one that is declared wrong: `header_check` asks.
ODD_MAX = 0.5
# Where nearly every record fills the last column, one that does not may have lost a cell before it.
FILLED_MIN = 0.95
# The columns of a record that hold words in place of numbers or times.
UNREAD = "__unread"
# Those that are not blank.
FILLED = "__filled"
NEXT = "__next"
WORDS = r"^[^\p{Nd}]*\p{L}[^\p{Nd}]*$"
# The name of a network, where an id should stand; and what is an id or a handle, and no heading.
NETWORK = rf"(?i)^[^\p{{L}}\p{{N}}@]*({'|'.join(PLATFORM_OF)})[^\p{{L}}\p{{N}}]*$"
NO_HEADING = r"^[\W\d_]*$|@|/"
SHIFTED = Reject(
    "a record that is shifted against the header",
    "each cell below the name of its column",
    "correct the record in the export: a delimiter is missing from it, or one too many",
)
HOLDS_OTHERS = Reject(
    "a quoted cell that holds whole records",
    "one record in each line, or quotes around a cell alone",
    'declare quote = "" for this source in sources.toml where quotes are part of its text, or correct the quotes',
)
HEADER_AGAIN = Reject(
    "the header once more", "records alone below the header", "nothing: it is counted, and read as no row"
)
HEADING = Reject("may be a heading of the records below it", "one account or post in each row", "")
REJECTS = {"shifted": SHIFTED, "lines": HOLDS_OTHERS, "header": HEADER_AGAIN, "heading": HEADING}


@dataclass(frozen=True)
class Misplaced:
    """A record that is no row: the number of its file and its own, what it is (`shifted`, `header` for the header once
    more, `table` for that of another table, `heading` of records of the network that is declared, `section` for one of
    others, `lines` for several records in one), the cell that shows it, and the column of a heading."""

    file: int
    record: int
    kind: str
    value: str
    column: str = ""

    @property
    def begins_another_table(self) -> bool:
        return self.kind in ("table", "section")

    @property
    def reject(self) -> Reject:
        said = REJECTS[self.kind]
        if self.kind == "heading":
            said = said._replace(fix=fix_of_totals(self.column, self.value))
        return said._replace(value=self.value, record=self.record)


def misplaced_rows(rows: pl.DataFrame, header: list[str], plans: list[Plan]) -> list[Misplaced]:
    """The records that do not stand under the header. One that is shifted is so for every load of its file.

    Args:
        rows: Text columns under the names of the header, `RECORD`, and `FILE` where they are of several files.
        header: The columns of the file, in its order.
        plans: Every load of the file.
    """
    own = rows if FILE in rows.columns else rows.with_columns(pl.lit(0, pl.UInt32).alias(FILE))
    numbers = number_columns(plans)
    odd = _odd(own, numbers, plans)
    found = list(_headers_again(own, header, plans))
    of_header = [one.record for one in found]
    found += [*_above_headers(own, header, plans, found), *_headings(own, header, plans)]
    for (file,), suspects in odd.group_by(FILE, maintain_order=True):
        of_file = own.filter(pl.col(FILE) == file)
        if suspects.height <= ODD_MAX * of_file.height:
            others = suspects.filter(~pl.col(RECORD).is_in(of_header))
            found += _of_one_file(of_file, others, header, list(numbers))
    return found


def may_be_misplaced(rows: pl.DataFrame, header: list[str], plans: list[Plan]) -> bool:
    """Whether one of these records may be so, as the others of their file tell."""
    return not _odd(rows, number_columns(plans), plans).is_empty() or any(_headers_again(rows, header, plans))


def _counted(plans: list[Plan]) -> pl.Expr:
    return pl.any_horizontal(counts(plan.where, plan.where_not) for plan in plans)


def _odd(rows: pl.DataFrame, numbers: dict[str, "Cell"], plans: list[Plan]) -> pl.DataFrame:
    """The records that hold words in place of numbers or times, and in which columns. Words that can be read all the
    same, such as the name of a month, are not odd."""
    if not numbers:
        return rows.clear().with_columns(pl.lit(None, pl.List(pl.String)).alias(UNREAD))
    # Nearly all numbers and times begin with a digit, which is seen at once.
    begins = [cs.by_name(name).as_expr().is_between(pl.lit("0"), pl.lit(":"), closed="left") for name in numbers]
    rows = rows.filter(pl.any_horizontal(~is_digit for is_digit in begins).fill_null(value=False))
    is_words = [_is_word(cell.text) for cell in numbers.values()]
    odd = rows.filter(pl.any_horizontal(is_words) & _counted(plans))
    unread = odd.select((_is_word(cell.text) & cell.typed.is_null()).alias(name) for name, cell in numbers.items())
    names = [[name for name, bad in row.items() if bad] for row in unread.iter_rows(named=True)]
    return odd.with_columns(pl.Series(UNREAD, names, pl.List(pl.String))).filter(pl.col(UNREAD).list.len() > 0)


def _headers_again(rows: pl.DataFrame, header: list[str], plans: list[Plan]) -> Iterator[Misplaced]:
    """The records all of whose cells are the names of their columns."""
    ids = {name: cs.by_name(name).as_expr() for plan in plans for name in _columns_of_ids(plan)}
    if not ids:
        return
    # Where nearly no cell holds its name, few are looked at closely.
    near = rows.filter(pl.any_horizontal(_holds(cell, name) for name, cell in ids.items()))
    named = near.filter(pl.any_horizontal(visible(cell).is_in(spellings(name)) for name, cell in ids.items()))
    for row in named.filter(_counted(plans)).iter_rows(named=True):
        cells = {name: (row[name] or "").strip() for name in header}
        if all(column_name(cell) == column_name(name) for name, cell in cells.items() if cell):
            yield Misplaced(row.get(FILE, 0), row[RECORD], "header", ", ".join(filter(None, cells.values())))


def _is_word(text: pl.Expr) -> pl.Expr:
    """Whether a cell holds a word that says something: what stands where nothing is known is no sign of a slip."""
    is_not_known = text.str.strip_chars().str.to_lowercase().is_in(NOT_KNOWN)
    return (text.str.contains(WORDS) & ~is_not_known).fill_null(value=False)


def _above_headers(
    rows: pl.DataFrame, header: list[str], plans: list[Plan], again: list[Misplaced]
) -> Iterator[Misplaced]:
    """The records of one text alone that a header follows, as what stands above a further table. Members of lists, of whom
    often nothing but a name is known, are none."""
    if not again or len(header) < 2 or not any(map(keys_read, plans)):
        return
    key = {FILE: rows.schema[FILE], NEXT: rows.schema[RECORD]}
    headers = pl.DataFrame([(one.file, one.record) for one in again], schema=key, orient="row")
    filled = pl.concat_list(pl.when(_is_filled(name)).then(pl.lit(name)) for name in header).list.drop_nulls()
    told = rows.with_columns(filled.alias(FILLED)).filter(pl.col(FILLED).list.len() > 0)
    above = told.with_columns(pl.col(RECORD).shift(-1).over(FILE).alias(NEXT)).join(headers, on=list(key), how="semi")
    for row in above.filter((pl.col(FILLED).list.len() == 1) & _counted(plans)).iter_rows(named=True):
        (name,) = row[FILLED]
        cell = visible_name(row[name])
        if not re.search(NO_HEADING, cell) and not is_total(cell):
            yield Misplaced(row[FILE], row[RECORD], "section", cell, name)


def _headings(rows: pl.DataFrame, header: list[str], plans: list[Plan]) -> Iterator[Misplaced]:
    """The records of the name of a network alone. Never where a condition of the load speaks of its column."""
    told = (plan.readings.get("platform") for plan in plans)  # brands are of no network
    declared = {reading.value.strip().lower() for reading in told if reading and reading.value}
    own = {
        source
        for plan in plans
        for name in keys_read(plan)
        if (source := plan.readings[name].source) and source not in plan.where and plan.readings[name].path is None
    }
    for name in own if len(header) > 1 else ():
        cell = cs.by_name(name).as_expr()
        near = rows.filter(cell.str.contains(NETWORK))
        if near.is_empty():
            continue
        alone = near.filter(
            ~pl.any_horizontal(_is_filled(other) for other in header if other != name) & _counted(plans)
        )
        sign = cell.str.extract(NETWORK).str.to_lowercase().alias("sign")
        for file, record, text, network in alone.select(FILE, RECORD, cell.alias("text"), sign).iter_rows():
            is_other = bool(declared) and PLATFORM_OF[network] not in declared
            yield Misplaced(file, record, "section" if is_other else "heading", text.strip(), name)


def _is_filled(name: str) -> pl.Expr:
    return (cs.by_name(name).as_expr().str.strip_chars() != "").fill_null(value=False)


def _columns_of_ids(plan: Plan) -> list[str]:
    return [source for name in ids_read(plan) if (source := plan.readings[name].source)]


def _holds(cell: pl.Expr, text: str) -> pl.Expr:
    return pl.any_horizontal(
        holds for one in spellings(text) for holds in (cell.str.starts_with(one), cell.str.ends_with(one))
    )


@dataclass(frozen=True)
class Cell:
    """A column of numbers or times: its text without what means not known, and what it is read as."""

    text: pl.Expr
    typed: pl.Expr


def number_columns(plans: list[Plan]) -> dict[str, Cell]:
    """The columns that a load reads as numbers or times."""
    found = {}
    for plan in plans:
        schema = polars_schema(plan.model)
        for name, reading in plan.readings.items():
            is_number = schema[name].is_numeric() or schema[name].is_temporal()
            if reading.source and reading.path is None and not (reading.part or reading.also) and is_number:
                text = text_of(reading, plan.source)
                found[reading.source] = Cell(text, typed_of(text, schema[name], reading, plan, name))
    return found


def _of_one_file(
    rows: pl.DataFrame, suspects: pl.DataFrame, header: list[str], numbers: list[str]
) -> Iterator[Misplaced]:
    others = rows.join(suspects, on=RECORD, how="anti")
    last = others.select((cs.by_name(header[-1]).as_expr().fill_null("") != "").mean()).item() or 0
    values: dict[str, set[str]] = {}
    for row in suspects.iter_rows(named=True):
        cells = {name: (row[name] or "").strip() for name in header}
        named = [name for name, cell in cells.items() if cell and column_name(cell) == column_name(name)]
        if named:
            yield Misplaced(row[FILE], row[RECORD], "table", ", ".join(filter(None, cells.values())))
            continue
        for place, name in enumerate(header):
            cell = cells[name]
            if name not in row[UNREAD]:
                continue
            beside = [
                header[at] for at in (place - 1, place + 1) if 0 <= at < len(header) and header[at] not in numbers
            ]
            for one in beside:
                values.setdefault(one, set(others.get_column(one).drop_nulls().str.strip_chars()))
            if any(cell in values[one] for one in beside) or (not cells[header[-1]] and last >= FILLED_MIN):
                yield Misplaced(row[FILE], row[RECORD], "shifted", cell)
                break
