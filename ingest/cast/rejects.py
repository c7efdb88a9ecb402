"""The reject rows of a batch: of cells that could not be read, and of those that break a rule."""

import polars as pl

from ingest.cast.advice import advice_on
from ingest.cast.ids import BLANK_ID, ERROR_ID, FLOAT_ID, GROUPED_ID, MISSING_ID, NUMBER_ID, UNFIT_ID, are_missing
from ingest.cast.mapping import MARKS, Plan
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


AS_TEXT = "all digits of the id, as text"
DELIVER = "deliver the id, or leave the row out"
# What is said of a text that is no id, by the first pattern that it has: what it is, what is allowed, and what to do.
UNFIT = (
    (NUMBER_ID, "an id kept as a number, which the spreadsheet rounded to 15 digits", AS_TEXT,
     "export again with the id column as text; the lost digits cannot be restored"),
    (FLOAT_ID, "an id written as a float", AS_TEXT,
     "export again with the id column as text; the lost digits cannot be restored"),
    (GROUPED_ID, "an id written as a number, its digits in groups", AS_TEXT,
     "export again with the id column as text, without signs between its digits"),
    (ERROR_ID, "the error of a formula in place of an id", AS_TEXT,
     "export again with the id column as text, so that no program takes it for a formula"),
    (rf"(?i){MISSING_ID}", "a word that programs write where there is no id", "an id, or a handle written with @",
     f'{DELIVER}; if an account is called so, write it with @ and declare key = "handle" for this column in sources.toml'),
    (BLANK_ID, "must not be empty", "printable characters", DELIVER),
    ("", "an id with a control character", "printable characters", DELIVER),
)  # fmt: skip


def _unfit_ids(raw: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Ids that name nothing: above all those a spreadsheet turned into `1.78E+16`, whose digits are lost for good."""
    found = [REJECT_SCHEMA.to_frame()]
    for fact in columns_of(plan.model):
        if fact.unit == "id" and fact.name in plan.readings:
            column = typed.get_column(fact.name)
            bad = column.str.contains(UNFIT_ID).fill_null(False) | are_missing(raw, typed, plan, fact.name)
            if bad.any():
                cells = pl.DataFrame({"record": raw.get_column(RECORD).filter(bad), "value": column.filter(bad)})
                found.append(
                    cells.select(
                        pl.col("record").cast(pl.Int64),
                        pl.lit(plan.readings[fact.name].source or fact.name).alias("column_name"),
                        pl.col("value").str.slice(0, VALUE_LENGTH),
                        pl.concat_str(pl.lit(f"{fact.name}: "), _first_fitting(1)).alias("rule"),
                        _first_fitting(2).alias("allowed"),
                        _first_fitting(3).alias("fix"),
                        pl.lit(fact.name).alias("column"),
                    )
                )
    return pl.concat(found)


def _first_fitting(place: int) -> pl.Expr:
    """What `UNFIT` says at this place of the pattern that a value has."""
    return pl.coalesce(pl.when(pl.col("value").str.contains(said[0])).then(pl.lit(said[place])) for said in UNFIT)
