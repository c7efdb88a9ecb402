"""Cells that can be read and mean something else: rounded ids, rows of totals, totals below zero."""

import polars as pl
import polars.selectors as cs

from ingest.cast.ids import ids_read, rounded_by_a_spreadsheet
from ingest.cast.mapping import Plan
from ingest.cast.rejects import REJECT_SCHEMA, VALUE_LENGTH
from ingest.cast.totals import fix_of_totals, keys_read, may_be_totals
from schemas.sources import RECORD

# Figures that count what there is; a change of them may be negative, and is called otherwise.
TOTAL_METRIC = (
    r"^(?:like|comment|view|share|save|play|reach|post|media|video|followers?|following|subscriber|heart|digg)s?_count"
    r"(?:_sum|_mean|_median|_max|_min)?$"
)


def implausible(raw: pl.DataFrame, texts: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """One reject per cell that no export means as it stands."""
    found = [REJECT_SCHEMA.to_frame()]
    for name in ids_read(plan):
        if name in plan.exact_ids:
            continue
        bad = rounded_by_a_spreadsheet(raw, typed, name)
        if bad.any():
            found.append(
                _rejects(raw, texts, bad, plan, name).with_columns(
                    pl.lit(f"{name}: an id of which a spreadsheet kept 15 digits, as of all others of the file").alias(
                        "rule"
                    ),
                    pl.lit("all digits of the id, as text").alias("allowed"),
                    pl.lit("export again with the id column as text; the lost digits cannot be restored").alias("fix"),
                )
            )
    for name in keys_read(plan):
        bad = may_be_totals(raw, typed, plan, name)
        if bad.any():
            source = str(plan.readings[name].source)
            # As the file has it: the id may be a handle made of it.
            cells = raw.select(cs.by_name(source).alias(name))
            fixes = {cell: fix_of_totals(source, cell) for cell in cells.to_series().filter(bad).unique()}
            found.append(
                _rejects(raw, cells, bad, plan, name).with_columns(
                    pl.lit(f"{name}: may be a row of totals").alias("rule"),
                    pl.lit("one account or post in each row").alias("allowed"),
                    pl.col("value").replace_strict(fixes, default=None, return_dtype=pl.String).alias("fix"),
                )
            )
    if plan.dataset == "published_metrics":
        found.append(_totals_below_zero(raw, texts, typed, plan))
    return pl.concat(found)


def _totals_below_zero(raw: pl.DataFrame, texts: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Numbers beyond 2^31 come out negative where a program kept them in 32 bits."""
    bad = (
        typed.select((pl.col("value") < 0) & pl.col("metric").str.contains(TOTAL_METRIC))
        .to_series()
        .fill_null(value=False)
    )
    if not bad.any():
        return REJECT_SCHEMA.to_frame()
    return _rejects(raw, texts, bad, plan, "value").with_columns(
        pl.lit("value: a total below zero, as a number beyond 2147483647 becomes in 32 bits").alias("rule"),
        pl.lit("0 or more").alias("allowed"),
        pl.lit("read it from a field that is wide enough, such as statsV2 beside stats, or correct the value").alias(
            "fix"
        ),
    )


def _rejects(raw: pl.DataFrame, texts: pl.DataFrame, bad: pl.Series, plan: Plan, name: str) -> pl.DataFrame:
    """The places of rejects, what is said of them still to be written."""
    said = pl.lit(None, pl.String)
    cells = pl.DataFrame({"record": raw.get_column(RECORD).filter(bad), "value": texts.get_column(name).filter(bad)})
    return cells.select(
        pl.col("record").cast(pl.Int64),
        pl.lit(plan.readings[name].source or name).alias("column_name"),
        pl.col("value").str.slice(0, VALUE_LENGTH),
        said.alias("rule"),
        said.alias("allowed"),
        said.alias("fix"),
        pl.lit(name).alias("column"),
    )
