"""The reject rows of a batch: of cells that could not be read, and of those that break a rule."""

import polars as pl

from ingest.cast.advice import advice_on
from ingest.cast.ids import BLANK_ID, ERROR_ID, FLOAT_ID, NUMBER_ID, UNFIT_ID
from ingest.cast.json_cells import MARKS
from ingest.cast.mapping import Plan
from schemas.columns import columns_of
from schemas.sources import RECORD

REJECT_SCHEMA = pl.Schema(
    {
        "record": pl.Int64,
        "column_name": pl.String,
        "value": pl.String,
        "rule": pl.String,
        "allowed": pl.String,
        "fix": pl.String,
        "column": pl.String,  # the canonical one
    }
)
VALUE_LENGTH = 200


def unreadable_cells(raw: pl.DataFrame, texts: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """One reject per cell whose text could not be read as its column's type."""
    found = [REJECT_SCHEMA.to_frame()]
    for name, reading in plan.readings.items():
        bad = texts.get_column(name).is_not_null() & typed.get_column(name).is_null()
        if bad.any():
            cells = pl.DataFrame(
                {"record": raw.get_column(RECORD).filter(bad), "value": texts.get_column(name).filter(bad)}
            )
            said = advice_on(cells.get_column("value"), name, reading, plan)
            found.append(
                cells.join(said, on="value", how="left", maintain_order="left").select(
                    pl.col("record").cast(pl.Int64),
                    pl.lit(reading.source or name).alias("column_name"),
                    pl.col("value").str.strip_chars_start(MARKS).str.slice(0, VALUE_LENGTH),
                    "rule",
                    "allowed",
                    "fix",
                    pl.lit(name).alias("column"),
                )
            )
    return pl.concat(found)


def broken_rules(raw: pl.DataFrame, texts: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """One reject per cell that breaks a rule of the schema; identity columns must not look like floats."""
    found = [_unfit_ids(raw, typed, plan)]
    cases = plan.model.failures(typed)
    if not cases.is_empty():
        names = [
            plan.readings[c].source or c if c in plan.readings else c for c in cases.get_column("column").to_list()
        ]
        columns = cases.get_column("column").to_list()
        checks = cases.get_column("check").to_list()
        records = raw.get_column(RECORD)
        found.append(
            pl.DataFrame(
                {
                    "record": [int(records[i]) for i in cases.get_column("index").to_list()],
                    "column_name": names,
                    "value": [
                        str(texts.get_column(c)[i])[:VALUE_LENGTH]
                        if c in texts.columns and texts.get_column(c)[i] is not None
                        else None
                        for c, i in zip(columns, cases.get_column("index").to_list(), strict=True)
                    ],
                    "rule": [f"{c}: {_rule(check)}" for c, check in zip(columns, checks, strict=True)],
                    "allowed": [_rule(check) for check in checks],
                    "fix": [_fix(check) for check in checks],
                    "column": columns,
                },
                schema=REJECT_SCHEMA,
            )
        )
    return pl.concat(found)


def _rule(check: str) -> str:
    """Pandera's check as a short sentence."""
    name, _, bounds = check.removesuffix(")").partition("(")
    match name:
        case "not_nullable":
            return "must not be empty"
        case "greater_than_or_equal_to":
            return f"must be {bounds} or more"
        case "less_than_or_equal_to":
            return f"must be at most {int(bounds):,}"
        case "str_length":
            return f"must have {bounds.replace(', ', ' to ')} characters"
        case "in_range":
            return f"must be from {bounds.replace(', ', ' to ')}"
        case "isin":
            return f"must be one of {bounds.strip('()')}"
        case _:
            return f"must satisfy {check}"


def _fix(check: str) -> str:
    if check == "not_nullable":
        return "deliver the value, or leave the row out"
    if check.startswith("greater_than_or_equal_to(0)"):
        return 'correct the value, or declare null_words = ["-1"] where -1 stands for hidden'
    return "correct the value in the export"


def _unfit_ids(raw: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Ids that name nothing: above all those a spreadsheet turned into `1.78E+16`, whose digits are lost for good."""
    found = []
    for fact in columns_of(plan.model):
        if fact.unit == "id" and fact.name in plan.readings:
            column = typed.get_column(fact.name)
            bad = column.str.contains(UNFIT_ID).fill_null(False)
            if bad.any():
                value = pl.col("value")
                is_float, is_error = value.str.contains(FLOAT_ID), value.str.contains(ERROR_ID)
                is_blank = value.str.contains(BLANK_ID)
                found.append(
                    pl.DataFrame({"record": raw.get_column(RECORD).filter(bad), "value": column.filter(bad)}).select(
                        pl.col("record").cast(pl.Int64),
                        pl.lit(plan.readings[fact.name].source or fact.name).alias("column_name"),
                        value.str.slice(0, VALUE_LENGTH),
                        pl.when(value.str.contains(NUMBER_ID))
                        .then(
                            pl.lit(f"{fact.name}: an id kept as a number, which the spreadsheet rounded to 15 digits")
                        )
                        .when(is_float)
                        .then(pl.lit(f"{fact.name}: an id written as a float"))
                        .when(is_error)
                        .then(pl.lit(f"{fact.name}: the error of a formula in place of an id"))
                        .when(is_blank)
                        .then(pl.lit(f"{fact.name}: must not be empty"))
                        .otherwise(pl.lit(f"{fact.name}: an id with a control character"))
                        .alias("rule"),
                        pl.when(is_float | is_error)
                        .then(pl.lit("all digits of the id, as text"))
                        .otherwise(pl.lit("printable characters"))
                        .alias("allowed"),
                        pl.when(is_float)
                        .then(pl.lit("export again with the id column as text; the lost digits cannot be restored"))
                        .when(is_error)
                        .then(
                            pl.lit("export again with the id column as text, so that no program takes it for a formula")
                        )
                        .otherwise(pl.lit("deliver the id, or leave the row out"))
                        .alias("fix"),
                        pl.lit(fact.name).alias("column"),
                    )
                )
    return pl.concat(found) if found else REJECT_SCHEMA.to_frame()
