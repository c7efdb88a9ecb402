"""What a well-known table has beside its rows, and how it writes its times: told from the rows."""

import polars as pl
import polars.selectors as cs

from ingest.cast import parsing
from ingest.cast.mapping import text_of
from schemas.columns import polars_schema
from schemas.sources import RECORD, Load, Source
from schemas.tables import DATASETS
from schemas.vendor_tables import SetAside

VALUE_LENGTH = 200


def split(rows: pl.DataFrame, rules: tuple[SetAside, ...]) -> tuple[pl.DataFrame, list[dict[str, object]]]:
    """The records that are rows, and what to say of each of the others."""
    said: list[dict[str, object]] = []
    for rule in rules:
        if rule.column not in rows.columns:
            continue
        is_other = _is_other(rule)
        for record, value in rows.filter(is_other).select(RECORD, cs.by_name(rule.column)).rows():
            text = value[:VALUE_LENGTH] if value else None
            advice = {"allowed": "one row per post", "fix": rule.fix}
            said.append({"record": record, "line": None, "value": text, "rule": rule.rule, **advice})
        rows = rows.filter(~is_other)
    return rows, said


def _is_other(rule: SetAside) -> pl.Expr:
    text = cs.by_name(rule.column).as_expr().str.strip_chars().fill_null("")
    if rule.blank:
        return text == ""
    return text.is_in(rule.words) if rule.words else text != ""


def formats_that_fit(
    rows: pl.DataFrame, loads: tuple[Load, ...], source: Source, formats: tuple[str, ...]
) -> list[str]:
    """The formats that read every time of these rows."""
    texts = rows.select(
        text_of(reading, source).str.strip_chars().alias(f"{number}.{name}")
        for number, load in enumerate(loads)
        for name, reading in load.columns.items()
        if reading.source
        and not reading.date_format
        and isinstance(polars_schema(DATASETS[load.dataset])[name], pl.Datetime)
    )
    written = [column for name in texts.columns for column in [texts.get_column(name).drop_nulls()]]
    return [fmt for fmt in formats if all(_reads_all(column.filter(column != ""), fmt) for column in written)]


def _reads_all(texts: pl.Series, fmt: str) -> bool:
    return (
        texts.to_frame("text").select(parsing.instant(pl.col("text"), (fmt,), None).is_not_null().all()).item() is True
    )
