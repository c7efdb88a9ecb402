"""Raw text rows to canonical rows, by a declaration; what does not fit comes back as rejects.

Works on eager batches: the text is cast strictly, Pandera checks the typed batch once with all failures,
and only where either finds something are reasons built, for the failing rows alone.
"""

from dataclasses import dataclass, field, replace

import polars as pl

from ingest.cast import conditions, grammars, parsing
from ingest.cast.ids import without_guards
from ingest.cast.implausible import implausible
from ingest.cast.mapping import COUNT, Plan, is_on_request, text_of, typed_of
from ingest.cast.rejects import broken_rules, unreadable_cells
from schemas.columns import polars_schema
from schemas.forgotten import NOBODY, Forgotten
from schemas.paths import LISTS
from schemas.rates import ON_REQUEST
from schemas.rejects import NO_REJECTS, as_rejects
from schemas.sources import FILE, RECORD

ROUNDED = pl.Schema({"record": pl.Int64, "column_name": pl.String})
PERCENTAGE = rf"^\s*{grammars.PERCENT}|{grammars.PERCENT}\s*$"


NO_RECORDS = pl.DataFrame(schema={RECORD: pl.UInt32})


@dataclass(frozen=True)
class Batch:
    """Canonical rows of one batch, one reject row per broken rule, the records whose numbers are rounded, and those that
    the load leaves out by its conditions.

    A reject that is `kept` is a cell that is null now, of a row that is among the others. Good rows of people and accounts
    who are forgotten are not among them: `records_forgotten`.
    """

    rows: pl.DataFrame
    rejects: pl.DataFrame
    rounded: pl.DataFrame = field(default_factory=ROUNDED.to_frame)
    left_out: pl.Series = field(default_factory=NO_RECORDS.to_series)
    records_forgotten: pl.Series = field(default_factory=NO_RECORDS.to_series)

    @property
    def records_without_row(self) -> pl.Series:
        """The records that no row was made of."""
        return pl.concat([self.records_rejected.cast(pl.UInt32), self.left_out, self.records_forgotten]).unique()

    @property
    def records_rejected(self) -> pl.Series:
        return records_rejected(self.rejects)


def records_rejected(rejects: pl.DataFrame) -> pl.Series:
    """The records that are left out, each once."""
    return rejects.filter(~pl.col("kept")).get_column("record").unique()


def cells_rejected(rejects: pl.DataFrame) -> int:
    """How many cells are null of rows that were loaded."""
    return int(rejects.get_column("kept").sum())


def read_batch(raw: pl.DataFrame, plan: Plan, forgotten: Forgotten = NOBODY) -> Batch:
    """Canonical rows of one batch of text rows (String columns and a record number): of records that count for the load,
    and without those of the forgotten."""
    counted = conditions.split(raw, plan.where, plan.where_not)
    batch = _without_forgotten(counted, _read(counted, plan), plan, forgotten)
    if counted.height == raw.height:
        return batch
    return replace(batch, left_out=raw.join(counted, on=RECORD, how="anti").get_column(RECORD).cast(pl.UInt32))


def _without_forgotten(raw: pl.DataFrame, batch: Batch, plan: Plan, forgotten: Forgotten) -> Batch:
    if not forgotten or batch.rows.is_empty():
        return batch
    undirected = any(load.undirected for load in plan.source.load if load.dataset == plan.dataset)
    is_gone = batch.rows.select(forgotten.is_in(batch.rows.columns, undirected=undirected)).to_series()
    if not is_gone.any():
        return batch
    left_out = batch.records_rejected.cast(pl.UInt32)
    gone = raw.get_column(RECORD).cast(pl.UInt32)
    gone = gone.filter(~gone.is_in(left_out.implode())).filter(is_gone)
    rejects, rounded = (
        rows.filter(~pl.col("record").is_in(gone.cast(pl.Int64).implode())) for rows in (batch.rejects, batch.rounded)
    )
    return replace(batch, rows=batch.rows.filter(~is_gone), rejects=rejects, rounded=rounded, records_forgotten=gone)


def _read(raw: pl.DataFrame, plan: Plan) -> Batch:
    schema = polars_schema(plan.model)
    texts, typed = _cast(raw, plan.quick)
    rounded = ROUNDED.to_frame()
    if _has_unreadable_cells(texts, typed):
        texts, typed, rounded = _second_try(raw, texts, typed, plan)
    typed = typed.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in typed.columns
    )
    typed = typed.select(schema.names())
    typed = without_guards(typed, plan)
    found = [unreadable_cells(raw, texts, typed, plan)] if _has_unreadable_cells(texts, typed) else []
    found += [broken_rules(raw, texts, typed, plan), implausible(raw, texts, typed, plan)]
    if plan.source.zero_likes_hidden and plan.dataset in ("posts", "post_metrics"):
        hidden = (pl.col("like_count") == 0) & (pl.col("comment_count") > 0)
        typed = typed.with_columns(
            pl.when(~hidden.fill_null(value=False)).then(pl.col("like_count")).alias("like_count")
        )
    rejects = pl.concat(found)
    if rejects.is_empty():
        return Batch(typed, NO_REJECTS, rounded)
    rejects = _with_kept(rejects, plan)
    left_out = records_rejected(rejects)
    kept = ~raw.get_column(RECORD).is_in(left_out.cast(pl.UInt32).implode())
    rows = _without_kept_cells(raw, typed, rejects).filter(kept)
    rounded = rounded.join(left_out.to_frame(), on="record", how="anti")
    # A cell that could not be cast is null now; the null rule would only repeat what is already said of it.
    rejects = rejects.unique(["record", "column_name"], keep="first", maintain_order=True)
    return Batch(rows, as_rejects(rejects.sort("record", "column_name")), rounded)


def _second_try(
    raw: pl.DataFrame, texts: pl.DataFrame, typed: pl.DataFrame, plan: Plan
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Texts and typed rows, the records that the quick way could not read cast in every way there is.

    They are mostly few, and the other ways cost ten times as much.
    """
    missed = [texts.get_column(c).is_not_null() & typed.get_column(c).is_null() for c in texts.columns]
    bad = pl.DataFrame(missed).select(pl.any_horizontal(pl.all())).to_series()
    again = _cast(raw.filter(bad), plan, stripped=True)
    places = pl.int_range(raw.height, eager=True)
    order = pl.concat([places.filter(~bad), places.filter(bad)]).arg_sort()
    texts, typed = (
        pl.concat([frame.filter(~bad), read])[order] for frame, read in zip((texts, typed), again, strict=True)
    )
    return texts, typed, _rounded(raw.filter(bad), *again, plan)


def _with_kept(rejects: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Which of the cells cost nothing but themselves: those of optional columns, in rows that nothing else costs."""
    costly = [name for name in plan.readings if plan.costs_the_row(name)]
    of_row = pl.col("column").is_in(costly) | ~pl.col("column").is_in(list(plan.readings))
    return rejects.with_columns(kept=~of_row.any().over("record"))


def _without_kept_cells(raw: pl.DataFrame, typed: pl.DataFrame, rejects: pl.DataFrame) -> pl.DataFrame:
    """The typed rows, cells that are kept out of them null: those that could not be cast already are."""
    cells = rejects.filter("kept")
    for (name,), own in cells.group_by("column"):
        records = own.get_column("record").cast(pl.UInt32)
        is_bad = raw.get_column(RECORD).is_in(records.implode())
        typed = typed.with_columns(pl.when(~is_bad).then(pl.col(str(name))).alias(str(name)))
    return typed


def _rounded(raw: pl.DataFrame, texts: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """The record and column of each count that is written in E-notation, and of each price that has more than cents."""
    found = [ROUNDED.to_frame()]
    for name, dtype in typed.schema.items():
        if dtype == pl.Int64:
            is_rounded = texts.select(parsing.is_rounded(pl.col(name)).fill_null(value=False)).to_series()
        elif dtype.is_decimal():
            exact = parsing.decimal_number(pl.col(name), plan.convention_of(plan.readings[name]))
            is_rounded = texts.select((exact != typed.get_column(name)).fill_null(value=False)).to_series()
        else:
            continue
        if is_rounded.any():
            records = raw.get_column(RECORD).filter(is_rounded & typed.get_column(name).is_not_null())
            found.append(records.cast(pl.Int64).alias("record").to_frame().with_columns(column_name=pl.lit(name)))
    return pl.concat(found)


def _cast(raw: pl.DataFrame, plan: Plan, *, stripped: bool = False) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The text of every canonical column, nulls recognised, and the same typed.

    Blanks around a number, date, flag or currency mean nothing; as few cells have them, they are stripped at a second try.
    """
    schema = polars_schema(plan.model)
    # Beside the record number, so that a load of constants alone has as many rows as the file has records.
    columns = (
        (_stripped(text) if stripped and (schema[name] != pl.String or name == "currency") else text).alias(name)
        for name, reading in plan.readings.items()
        for text in [text_of(reading, plan.source, raw, is_list=name in LISTS)]
    )
    texts = raw.select(RECORD, *columns).drop(RECORD)
    typed = texts.select(
        typed_of(pl.col(name), schema[name], reading, plan, name).alias(name) for name, reading in plan.readings.items()
    )
    typed = _of_one_reading(raw, texts, typed, plan)
    price = plan.readings.get("price")
    if price and price.request_words:
        asked = raw.select(is_on_request(price)).to_series()
        texts, typed = (_with_on_request(frame, asked) for frame in (texts, typed))
    return texts, typed


def _of_one_reading(raw: pl.DataFrame, texts: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """The typed rows; null are claims that may be two figures: `1.500` of what is counted, and of a figure written both
    `8.4` and `0.27%` the bare ones."""
    metric, value = plan.readings.get("metric"), plan.readings.get("value")
    if not metric or not value or plan.number_of(value) != "plain":
        return typed
    if plan.convention_of(value) == "plain":
        of_count = pl.col("unit") == "count" if "unit" in texts.columns else pl.lit(value=False)
        of_count |= pl.col("metric").str.contains(COUNT)
        is_doubtful = of_count & parsing.has_two_readings(pl.col("value"), is_text=plan.is_text)
        doubtful = texts.select(is_doubtful.fill_null(value=False)).to_series()
        typed = typed.with_columns(value=pl.when(~doubtful).then(pl.col("value"))) if doubtful.any() else typed
    if metric.value is None:
        return typed
    is_percent = texts.get_column("value").str.contains(PERCENTAGE).fill_null(value=False)
    if not is_percent.any():
        return typed
    # Each file of its own: what another one writes is no reason for doubt.
    files = raw.get_column(FILE) if FILE in raw.columns else pl.repeat(0, raw.height, dtype=pl.UInt32, eager=True)
    is_mixed = files.is_in(files.filter(is_percent).unique().implode())
    return typed.with_columns(value=pl.when(~is_mixed).then(pl.col("value")))


def _with_on_request(rows: pl.DataFrame, asked: pl.Series) -> pl.DataFrame:
    """The rows of prices, those told on request marked, whatever the others are paid in."""
    own = pl.col("compensation") if "compensation" in rows.columns else pl.lit(None, pl.String)
    return rows.with_columns(pl.when(asked).then(pl.lit(ON_REQUEST)).otherwise(own).alias("compensation"))


def _stripped(text: pl.Expr) -> pl.Expr:
    bare = text.str.strip_chars()
    return pl.when(bare != "").then(bare)


def _has_unreadable_cells(texts: pl.DataFrame, typed: pl.DataFrame) -> bool:
    """Whether any text was not what its column wants: then the typed column has more nulls than the text."""
    return any(typed.get_column(c).null_count() != texts.get_column(c).null_count() for c in texts.columns)
