"""Raw text rows to canonical rows, by a declaration; what does not fit comes back as rejects.

Works on eager batches: the text is cast strictly, Pandera checks the typed batch once with all failures,
and only where either finds something are reasons built, for the failing rows alone.
"""

from dataclasses import dataclass, replace

import pandera.errors
import polars as pl
import polars.selectors as cs
import polars_hash as plh

from schemas.columns import COUNT_MAX, Table, columns_of, describe_type, polars_schema
from schemas.errors import FileRefused
from schemas.sources import Load, NumberConvention, Reading, Source
from schemas.tables import DATASETS, REQUIRED
from transforms import parsing

RECORD = "__record"
REJECT_SCHEMA = pl.Schema(
    {
        "record": pl.Int64,
        "column_name": pl.String,
        "value": pl.String,
        "rule": pl.String,
        "allowed": pl.String,
        "fix": pl.String,
    }
)
VALUE_LENGTH = 200
# No id: a float, whose digits are lost; nothing but blanks; text with control characters in it.
FLOAT_ID = r"^(?:[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+|[0-9]+\.0|NaN)$"
BLANK_ID = r"^\s*$"
UNFIT_ID = rf"{FLOAT_ID}|{BLANK_ID}|[\x00-\x1f\x7f]"


@dataclass(frozen=True)
class Plan:
    """A load with every default filled in: what to read from where, and how."""

    dataset: str
    readings: dict[str, Reading]
    source: Source
    instant_formats: dict[str, tuple[str, ...]]

    @property
    def model(self) -> type[Table]:
        return DATASETS[self.dataset]

    def number_of(self, reading: Reading) -> NumberConvention:
        return reading.number or ("plain" if reading.value is not None else self.source.number)

    def date_format_of(self, reading: Reading) -> str | None:
        return _date_format(reading, self.source)


@dataclass(frozen=True)
class Batch:
    """Canonical rows of one batch, and one reject row per broken rule of the records left out."""

    rows: pl.DataFrame
    rejects: pl.DataFrame


def canonical_dataset(header: list[str]) -> str | None:
    """The dataset whose required columns the header has and which knows most of its columns; null if none or several."""
    scores = {
        name: len(set(header) & set(polars_schema(model)))
        for name, model in DATASETS.items()
        if set(REQUIRED[name]) - {"price"} <= set(header) and (name != "rates" or {"price", "price_min"} & set(header))
    }
    best = [name for name, score in scores.items() if score == max(scores.values())]
    return best[0] if len(best) == 1 else None


def canonical_load(dataset: str, header: list[str]) -> Load:
    """The load of a file whose header is a canonical one: each column from the column of its own name."""
    known = polars_schema(DATASETS[dataset])
    return Load(dataset=dataset, columns={name: Reading(source=name) for name in header if name in known})


def plan_of(load: Load, source: Source, header: list[str], sample: pl.DataFrame) -> Plan:
    """Positions resolved to names, and the format of each time column told from the first rows."""
    readings = {
        name: replace_position(reading, header) if reading.position else reading
        for name, reading in load.columns.items()
    }
    if load.dataset == "posts" and "like_count" in readings:
        readings["like_count"] = _with_hidden_likes(readings["like_count"], source)
    schema = polars_schema(DATASETS[load.dataset])
    formats = {
        name: _formats_of(name, sample, reading, source)
        for name, reading in readings.items()
        if isinstance(schema[name], pl.Datetime)
    }
    return Plan(load.dataset, readings, source, formats)


def _with_hidden_likes(reading: Reading, source: Source) -> Reading:
    """-1 likes mean hidden ones, wherever it is written: no post has fewer likes than none."""
    words = reading.null_words if reading.null_words is not None else source.null_words
    return reading.model_copy(update={"null_words": (*words, "-1")})


def replace_position(reading: Reading, header: list[str]) -> Reading:
    """The same reading by name. The caller has checked that the position exists."""
    assert reading.position is not None
    return reading.model_copy(update={"source": header[reading.position - 1], "position": None})


def _date_format(reading: Reading, source: Source) -> str | None:
    """A value written in sources.toml does not follow the file's conventions, only its own."""
    return reading.date_format or (None if reading.value is not None else source.date_format)


def _formats_of(name: str, sample: pl.DataFrame, reading: Reading, source: Source) -> tuple[str, ...]:
    """The formats a time column may have, the one that fits the sample best first."""
    declared = _date_format(reading, source)
    zone = reading.time_zone or source.time_zone
    if declared:
        if not zone and not parsing.tells_zone(declared):
            raise FileRefused(
                "unknown_time_zone",
                f"{name}: times written {declared} do not tell their zone",
                fix='declare time_zone = "Europe/Berlin" (or "UTC") for this source in sources.toml',
            )
        return (declared,)
    accepted = parsing.INSTANT_FORMATS + (parsing.ZONELESS_FORMATS if zone else ())
    if reading.source is None or sample.is_empty():
        return accepted
    texts = _text(reading, source)
    fits = sample.select(parsing.instant(texts, (fmt,), zone).is_not_null().sum().alias(fmt) for fmt in accepted).row(0)
    order = sorted(range(len(accepted)), key=lambda i: -fits[i])
    return tuple(accepted[i] for i in order)


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
    rejects = [_misfits(raw, texts, typed, plan)] if _has_misfits(texts, typed) else []
    rejects.append(_broken_rules(raw, texts, typed, plan))
    if plan.source.zero_likes_hidden and plan.dataset == "posts":
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
        for text in [_text(reading, plan.source, raw)]
    )
    texts = raw.select(RECORD, *columns).drop(RECORD)
    typed = texts.select(
        _typed(pl.col(name), schema[name], reading, plan, name).alias(name) for name, reading in plan.readings.items()
    )
    return texts, typed


def _stripped(text: pl.Expr) -> pl.Expr:
    bare = text.str.strip_chars()
    return pl.when(bare != "").then(bare)


def _text(reading: Reading, source: Source, raw: pl.DataFrame | None = None) -> pl.Expr:
    if reading.key == "row_hash":
        # Every cell of the row, its absence told from blank, so that equal rows and only they have equal keys.
        names = [name for name in raw.columns if name != RECORD] if raw is not None else []
        cells = [_column(name).fill_null("\x00") for name in names]
        return plh.concat_str(*cells, separator="\x1f").chash.sha2_256().str.slice(0, 16)
    text = pl.lit(reading.value) if reading.value is not None else _column(str(reading.source))
    if reading.key == "handle":
        text = parsing.bare_handle(text)
    if reading.value is not None:
        return text
    nulls = reading.null_words if reading.null_words is not None else source.null_words
    if nulls:
        text = pl.when(~text.str.strip_chars().is_in(nulls)).then(text)
    if reading.words:
        text = text.replace(reading.words)
    return text


def _column(name: str) -> pl.Expr:
    """A column of the file. `pl.col` would take a name such as `*` or `^a$` for a pattern."""
    return cs.by_name(name).as_expr()


def _typed(text: pl.Expr, dtype: pl.DataType, reading: Reading, plan: Plan, name: str) -> pl.Expr:
    number = plan.number_of(reading)
    if dtype == pl.Int64:
        return parsing.whole_number(text, number)
    if dtype == pl.Float64:
        return parsing.decimal_number(text, number)
    if isinstance(dtype, pl.Decimal):
        amount = parsing.decimal_number(text, number).round(2)
        return pl.when(amount.is_between(-COUNT_MAX, COUNT_MAX)).then(amount).cast(dtype)
    if dtype == pl.Boolean:
        return parsing.flag(text)
    if dtype == pl.Date:
        return parsing.day(text, plan.date_format_of(reading))
    if isinstance(dtype, pl.Datetime):
        return parsing.instant(text, plan.instant_formats[name], reading.time_zone or plan.source.time_zone)
    if name == "platform":
        return text.str.strip_chars().str.to_lowercase()
    return text


def _has_misfits(texts: pl.DataFrame, typed: pl.DataFrame) -> bool:
    """Whether any text was not what its column wants: then the typed column has more nulls than the text."""
    return any(typed.get_column(c).null_count() != texts.get_column(c).null_count() for c in texts.columns)


def _misfits(raw: pl.DataFrame, texts: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """One reject per cell whose text could not be read as its column's type."""
    schema = polars_schema(plan.model)
    found = []
    for name, reading in plan.readings.items():
        bad = texts.get_column(name).is_not_null() & typed.get_column(name).is_null()
        if bad.any():
            allowed, fix = _advice(schema[name], reading, plan)
            found.append(
                pl.DataFrame(
                    {"record": raw.get_column(RECORD).filter(bad), "value": texts.get_column(name).filter(bad)}
                ).select(
                    pl.col("record").cast(pl.Int64),
                    pl.lit(reading.source or name).alias("column_name"),
                    pl.col("value").str.slice(0, VALUE_LENGTH),
                    pl.concat_str(pl.lit(f"{name}: "), _misfit(schema[name], reading, plan, name)).alias("rule"),
                    pl.lit(allowed).alias("allowed"),
                    pl.lit(fix).alias("fix"),
                )
            )
    return pl.concat(found) if found else REJECT_SCHEMA.to_frame()


def _misfit(dtype: pl.DataType, reading: Reading, plan: Plan, name: str) -> pl.Expr:
    """Why a text is not what its column wants: a number that is too large, a time that cannot be placed, another thing."""
    another_thing = pl.lit(f"not {describe_type(dtype)}")
    if dtype == pl.Int64:
        is_too_large = pl.col("value").str.contains(r"^\s*[+-]?[0-9]{16,}\s*$")
        return pl.when(is_too_large).then(pl.lit(f"must be at most {COUNT_MAX:,}")).otherwise(another_thing)
    if not isinstance(dtype, pl.Datetime):
        return another_thing
    zone = reading.time_zone or plan.source.time_zone
    formats = plan.instant_formats[name] if zone else parsing.ZONELESS_FORMATS
    is_clock_time = parsing.instant(pl.col("value"), formats, None).is_not_null()
    not_placed = pl.lit(f"a clock time that {zone} skips or has twice" if zone else "a time without its zone")
    return pl.when(is_clock_time).then(not_placed).otherwise(another_thing)


def _advice(dtype: pl.DataType, reading: Reading, plan: Plan) -> tuple[str, str]:
    """What the column would have accepted, and what the reader of the reject can do."""
    if isinstance(dtype, pl.Datetime):
        declared, zone = plan.date_format_of(reading), reading.time_zone or plan.source.time_zone
        return (
            f"times as {declared}" if declared else "ISO 8601 with Z or an offset, such as 2026-08-01T10:00:00Z",
            f"deliver the time with its offset from UTC, or correct date_format and time_zone ({zone}) in sources.toml"
            if zone
            else 'declare date_format and time_zone = "Europe/Berlin" (or "UTC") for this source in sources.toml',
        )
    if dtype == pl.Date:
        return "a day as 2026-08-01", "declare date_format for this source in sources.toml"
    if dtype == pl.Boolean:
        return "true, false, yes, no, 1 or 0", "map other words with words = { ... } in sources.toml"
    number = plan.number_of(reading)
    largest = "" if dtype == pl.Float64 else f" up to {COUNT_MAX:,}"
    return (
        f"{describe_type(dtype)}{largest}, written {number}",
        'declare number = "suffix" (1.2M), "comma" (1,200), "dot" (1.200), "percent" or null_words for this source in sources.toml',
    )


def _broken_rules(raw: pl.DataFrame, texts: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """One reject per cell that breaks a rule of the schema; identity columns must not look like floats."""
    found = [_unfit_ids(raw, typed, plan)]
    try:
        plan.model.validate(typed, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
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
                is_float, is_blank = value.str.contains(FLOAT_ID), value.str.contains(BLANK_ID)
                found.append(
                    pl.DataFrame({"record": raw.get_column(RECORD).filter(bad), "value": column.filter(bad)}).select(
                        pl.col("record").cast(pl.Int64),
                        pl.lit(plan.readings[fact.name].source or fact.name).alias("column_name"),
                        value.str.slice(0, VALUE_LENGTH),
                        pl.when(is_float)
                        .then(pl.lit(f"{fact.name}: an id written as a float"))
                        .when(is_blank)
                        .then(pl.lit(f"{fact.name}: must not be empty"))
                        .otherwise(pl.lit(f"{fact.name}: an id with a control character"))
                        .alias("rule"),
                        pl.when(is_float)
                        .then(pl.lit("all digits of the id, as text"))
                        .otherwise(pl.lit("printable characters"))
                        .alias("allowed"),
                        pl.when(is_float)
                        .then(pl.lit("export again with the id column as text; the lost digits cannot be restored"))
                        .otherwise(pl.lit("deliver the id, or leave the row out"))
                        .alias("fix"),
                    )
                )
    return pl.concat(found) if found else REJECT_SCHEMA.to_frame()
