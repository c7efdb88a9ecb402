"""Raw text rows to canonical rows, by a declaration; what does not fit comes back as rejects.

Works on eager batches: the text is cast strictly, Pandera checks the typed batch once with all failures,
and only where either finds something are reasons built, for the failing rows alone.
"""

from dataclasses import dataclass, replace

import polars as pl

from ingest.cast import rejects as refused
from ingest.cast.mapping import Plan, is_on_request, text_of, typed_of
from schemas.columns import polars_schema
from schemas.rates import ON_REQUEST
from schemas.sources import RECORD


@dataclass(frozen=True)
class Batch:
    """Canonical rows of one batch, and one reject row per broken rule of the records left out."""

    rows: pl.DataFrame
    rejects: pl.DataFrame


def read_batch(raw: pl.DataFrame, plan: Plan) -> Batch:
    """Canonical rows of one batch of text rows (String columns and a record number)."""
    schema = polars_schema(plan.model)
    quick = {name: formats[:1] for name, formats in plan.instant_formats.items()}
    texts, typed = _cast(raw, replace(plan, instant_formats=quick))
    if _has_misfits(texts, typed):
        texts, typed = _cast(raw, plan, stripped=True)
    typed = typed.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in typed.columns
    )
    typed = typed.select(schema.names())
    rejects = [refused.misfits(raw, texts, typed, plan)] if _has_misfits(texts, typed) else []
    rejects.append(refused.broken_rules(raw, texts, typed, plan))
    if plan.source.zero_likes_hidden and plan.dataset in ("posts", "post_metrics"):
        hidden = (pl.col("like_count") == 0) & (pl.col("comment_count") > 0)
        typed = typed.with_columns(
            pl.when(~hidden.fill_null(value=False)).then(pl.col("like_count")).alias("like_count")
        )
    rejected = pl.concat(rejects)
    if rejected.is_empty():
        return Batch(typed, rejected)
    # A cell that could not be cast is null now; the null rule would only repeat what is already said of it.
    rejected = rejected.unique(["record", "column_name"], keep="first", maintain_order=True)
    keep = ~raw.get_column(RECORD).is_in(rejected.get_column("record").unique().to_list())
    return Batch(typed.filter(keep), rejected.sort("record", "column_name"))


def _cast(raw: pl.DataFrame, plan: Plan, *, stripped: bool = False) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The text of every canonical column, nulls recognised, and the same typed.

    Blanks around a number, date or flag mean nothing; as few cells have them, they are stripped at a second try.
    """
    schema = polars_schema(plan.model)
    # Beside the record number, so that a load of constants alone has as many rows as the file has records.
    columns = (
        (_stripped(text) if stripped and schema[name] != pl.String else text).alias(name)
        for name, reading in plan.readings.items()
        for text in [text_of(reading, plan.source, raw)]
    )
    texts = raw.select(RECORD, *columns).drop(RECORD)
    typed = texts.select(
        typed_of(pl.col(name), schema[name], reading, plan, name).alias(name) for name, reading in plan.readings.items()
    )
    typed = _of_one_unit(texts, typed, plan)
    price = plan.readings.get("price")
    if price and price.request_words:
        asked = raw.select(is_on_request(price)).to_series()
        texts, typed = (_with_on_request(frame, asked) for frame in (texts, typed))
    return texts, typed


def _of_one_unit(texts: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """The typed rows; of a figure written both `8.4` and `0.27%` the bare ones are null, as they may be either."""
    metric, value = plan.readings.get("metric"), plan.readings.get("value")
    if not metric or not value or metric.value is None or plan.number_of(value) != "plain":
        return typed
    if not texts.get_column("value").str.ends_with("%").any():
        return typed
    return typed.with_columns(value=pl.lit(None, pl.Float64))


def _with_on_request(rows: pl.DataFrame, asked: pl.Series) -> pl.DataFrame:
    """The rows of prices, those told on request marked, whatever the others are paid in."""
    own = pl.col("compensation") if "compensation" in rows.columns else pl.lit(None, pl.String)
    return rows.with_columns(pl.when(asked).then(pl.lit(ON_REQUEST)).otherwise(own).alias("compensation"))


def _stripped(text: pl.Expr) -> pl.Expr:
    bare = text.str.strip_chars()
    return pl.when(bare != "").then(bare)


def _has_misfits(texts: pl.DataFrame, typed: pl.DataFrame) -> bool:
    """Whether any text was not what its column wants: then the typed column has more nulls than the text."""
    return any(typed.get_column(c).null_count() != texts.get_column(c).null_count() for c in texts.columns)
