"""What the columns of a file hold, told from its first rows: numbers, times, text, or words throughout."""

from collections.abc import Iterable, Sequence
from typing import get_args

import polars as pl
import polars.selectors as cs

from ingest.cast import dates, parsing
from ingest.cast.grammars import in_language
from schemas.sources import FILE, LINE, RECORD, NumberConvention, Source

SAMPLE_ROWS = 1000
WHOLE = r"^[+-]?[0-9]+$"
# From so many cells on a column can be said to hold words throughout: in this share of them.
CELLS_MIN = 5
SHARE_MIN = 0.95
# A word or a name, as no number begins in any convention; `over 500`, `Rs. 500` and `R500` may be numbers after all.
WORD = r"^[@#]?\pL"
NEARLY_NUMBER = r"^[\pL.$]{1,3}\d|(?:^|\s)\d"
# What stands where nothing is known.
NOT_KNOWN = (
    "n/a", "na", "n.a.", "nan", "none", "null", "nil", "unknown", "hidden", "private", "tbd", "not available", "no data",
)  # fmt: skip
NO_WORDS = (*NOT_KNOWN, "true", "false", "yes", "no")
DAY_FIRST = r"^[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?:$|[T ])"
TEXT = pl.col("text")
COLUMN = "column"
Kinds = dict[str, str | None]


def column_kinds(sample: pl.DataFrame, source: Source) -> Kinds:
    """Each column with its kind, in the order of the file: number, time, text or words; null where no cell is known."""
    rows = sample.head(SAMPLE_ROWS).with_columns(pl.lit(0, pl.UInt32).alias(FILE))
    none: Kinds = dict.fromkeys(rows.select(~cs.by_name(RECORD, LINE, FILE, require_all=False)).columns)
    return column_kinds_of_each(rows, source).get(0, none)


def column_kinds_of_each(rows: pl.DataFrame, source: Source) -> dict[int, Kinds]:
    """The same for each file among rows of several, by its number in the column `FILE`; of each the rows are its sample."""
    names = rows.select(~cs.by_name(RECORD, LINE, FILE, require_all=False)).columns
    files = rows.get_column(FILE).unique().sort().to_list()
    kinds: dict[int, Kinds] = {file: dict.fromkeys(names) for file in files}
    cells = rows.select(FILE, *(_known(name, source).alias(f"{place}") for place, name in enumerate(names)))
    told = cells.group_by(FILE).agg(_cheap(f"{place}") for place in range(len(names)))
    found = {
        _number(file, place, names): kind
        for place in range(len(names))
        for file, kind in told.select(FILE, f"{place}").drop_nulls().iter_rows()
    }
    left = [column for column, kind in found.items() if kind in ("text", "digits")]
    if left:
        with_digits = [column for column in left if found[column] == "digits"]
        found |= _costly(_one_below_the_other(cells, names, left), source, with_digits)
    for column, kind in found.items():
        kinds[column // len(names)][names[column % len(names)]] = kind
    return kinds


def _number(file: int, place: int, names: Sequence[str]) -> int:
    """What a column of a file is told by among the columns of all files."""
    return file * len(names) + place


def _one_below_the_other(cells: pl.DataFrame, names: Sequence[str], columns: Sequence[int]) -> pl.DataFrame:
    """The known cells of these columns of files, as COLUMN and `text`: all are asked at once, as each question has its price."""
    wanted = pl.Series(COLUMN, columns, pl.Int64)
    file = pl.col(FILE).cast(pl.Int64)
    own = [
        cells.select((file * len(names) + place).alias(COLUMN), pl.col(f"{place}").alias("text"))
        for place in sorted({column % len(names) for column in columns})
    ]
    return pl.concat(own).drop_nulls().join(wanted.to_frame(), on=COLUMN, how="semi")


def _known(name: str, source: Source) -> pl.Expr:
    """The cell without blanks around it; null where it says that nothing is known."""
    text = cs.by_name(name).as_expr().str.strip_chars()
    return pl.when(~text.is_in(["", *source.null_words])).then(text)


def _cheap(column: str) -> pl.Expr:
    """What is quickly told of every cell of a column: its kind, or `digits` where there is one in each of the cells."""
    text = pl.col(column)
    return (
        pl.when(text.count() == 0).then(None)
        .when(text.str.contains(WHOLE).all()).then(pl.lit("number"))
        .when(text.str.contains(DAY_FIRST).all()).then(pl.lit("time"))
        .when(text.str.contains("[0-9]").all()).then(pl.lit("digits"))
        .otherwise(pl.lit("text"))
        .alias(column)
    )  # fmt: skip


def _costly(cells: pl.DataFrame, source: Source, with_digits: list[int]) -> dict[int, str]:
    """The kind of each of these columns, of which no cheap question told it."""
    kinds: dict[int, str] = dict.fromkeys(cells.get_column(COLUMN).unique().to_list(), "text")
    if source.date_format:
        spelling = dates.Spelling(source.language)
        read = dates.instant(TEXT, (source.date_format,), source.time_zone, spelling).is_not_null()
        kinds |= dict.fromkeys(_columns_where_all(cells, [read]), "time")
    numbers = _among(cells, [column for column in with_digits if kinds[column] == "text"])
    if numbers.height:
        ways: list[parsing.Convention] = list(get_args(NumberConvention))
        if source.language:
            ways.append(in_language(source.language))
        written = [parsing.decimal_number(TEXT, each).is_not_null() for each in ways]
        kinds |= dict.fromkeys(_columns_where_all(numbers, written), "number")
    left = _among(cells, [column for column, kind in kinds.items() if kind == "text"])
    return kinds | dict.fromkeys(_columns_of_words(left), "words")


def _columns_where_all(cells: pl.DataFrame, questions: list[pl.Expr]) -> list[int]:
    """The columns of which one of the questions has yes for an answer in every cell."""
    answers = cells.select(COLUMN, *(question.alias(f"{place}") for place, question in enumerate(questions)))
    told = answers.group_by(COLUMN).agg(pl.exclude(COLUMN).all())
    return told.filter(pl.any_horizontal(pl.exclude(COLUMN))).get_column(COLUMN).to_list()


def _columns_of_words(cells: pl.DataFrame) -> list[int]:
    """The columns of which nearly all cells are words."""
    if not cells.height:
        return []
    is_word = TEXT.str.contains(WORD) & ~TEXT.str.contains(NEARLY_NUMBER) & ~TEXT.str.to_lowercase().is_in(NO_WORDS)
    told = cells.with_columns(is_word.alias("word")).with_columns(
        (pl.col("word") & TEXT.str.contains("[0-9]")).alias("doubtful")
    )
    # No number without a digit: only of cells that have one is it asked whether they are numbers after all.
    doubtful = told.filter("doubtful")
    numbers = [parsing.decimal_number(TEXT, convention).is_not_null() for convention in ("words", "prices")]
    taken = (
        doubtful.filter(pl.any_horizontal(numbers)).group_by(COLUMN).agg(taken=pl.len()) if doubtful.height else None
    )
    counts = told.group_by(COLUMN).agg(cells=pl.len(), words=pl.col("word").sum())
    if taken is not None:
        counts = counts.join(taken, on=COLUMN, how="left").with_columns(
            words=pl.col("words").cast(pl.Int64) - pl.col("taken").fill_null(0).cast(pl.Int64)
        )
    enough = pl.max_horizontal(pl.lit(CELLS_MIN, pl.Float64), SHARE_MIN * pl.col("cells"))
    return counts.filter(pl.col("words") >= enough).get_column(COLUMN).to_list()


def _among(cells: pl.DataFrame, columns: Iterable[int]) -> pl.DataFrame:
    return cells.filter(pl.col(COLUMN).is_in(list(columns)))
