"""What a well-known table has beside its rows, and how it writes its times: told from the rows."""

from collections.abc import Iterable

import polars as pl
import polars.selectors as cs

from ingest.cast import dates
from ingest.cast.conditions import any_holds
from ingest.cast.mapping import text_of
from schemas.columns import polars_schema
from schemas.rejects import Reject
from schemas.sources import FILE, RECORD, Load, Source
from schemas.tables import DATASETS
from schemas.vendor_tables import NoRows


def rejects_of_others(rows: pl.DataFrame, rules: tuple[NoRows, ...]) -> list[Reject]:
    """The rejects of the records that are no rows."""
    rejects = []
    for rule in rules:
        if rule.column not in rows.columns:
            continue
        is_other = any_holds({rule.column: rule.condition})
        for record, value in rows.filter(is_other).select(RECORD, cs.by_name(rule.column)).rows():
            rejects.append(Reject(rule.rule, "one row per post", rule.fix, value or None, record=record))
        rows = rows.filter(~is_other)
    return rejects


def formats_that_fit(
    rows: pl.DataFrame, loads: Iterable[Load], source: Source, formats: tuple[str, ...]
) -> dict[int, list[str]]:
    """For each file among these rows, by its number in the column `FILE`, the formats that read every time of it.

    Of a file without any time the first, for nothing depends on it.
    """
    texts = rows.select(
        FILE,
        *(
            text_of(reading, source).str.strip_chars().alias(f"{number}.{name}")
            for number, load in enumerate(loads)
            for name, reading in load.columns.items()
            if reading.source
            and not reading.date_format
            and isinstance(polars_schema(DATASETS[load.dataset])[name], pl.Datetime)
        ),
    )
    names = [name for name in texts.columns if name != FILE]
    spelling = dates.Spelling(source.language)
    is_timed = pl.any_horizontal(pl.lit(value=False), *(pl.col(name).fill_null("") != "" for name in names))
    fits = texts.select(FILE, is_timed.alias("timed"), *(_all_read(names, fmt, spelling).alias(fmt) for fmt in formats))
    told = fits.group_by(FILE).agg(pl.col("timed").any(), *(pl.col(fmt).all() for fmt in formats))
    return {
        file: [fmt for fmt, fit in zip(formats, own, strict=True) if fit] if timed else list(formats[:1])
        for file, timed, *own in told.iter_rows()
    }


def _all_read(names: list[str], fmt: str, spelling: dates.Spelling) -> pl.Expr:
    """Whether every time of a record is written so; those that are not known are."""
    read = [
        (pl.col(name) == "")
        | dates.instant(pl.col(name), (fmt,), None, spelling).is_not_null()
        | pl.col(name).is_null()
        for name in names
    ]
    return pl.all_horizontal(pl.lit(value=True), *read)
