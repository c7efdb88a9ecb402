"""What to say of a cell that cannot be read: the rule it breaks, what is allowed, and what would read it."""

import re
from functools import partial
from typing import NamedTuple, get_args

import polars as pl

from ingest.cast import cell_parts, json_cells, parsing, trials
from ingest.cast.grammars import PERCENT, in_language, multiplied
from ingest.cast.mapping import COUNT, Plan
from ingest.cast.parsing import Convention
from ingest.readers.cell_records import PYTHON_MAX
from schemas.columns import COUNT_MAX, MONEY_MAX, describe_type, polars_schema
from schemas.handles import NO_HANDLE, NOBODYS, UNCLEAR
from schemas.paths import LISTS
from schemas.sources import NumberConvention, Reading

VALUE = pl.col("value")
TRIED = pl.format("declare {} for this source in sources.toml", pl.col("declare"))
IF_NOT_KNOWN = "if it means not known, declare null_words for this column in sources.toml"
NOT_KNOWN = f"correct it in the export; {IF_NOT_KNOWN}"
MONTHS = r"(?i)\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
OF_BOTH = pl.format(
    "write all of this column with % or none of it in the export; if {} means {} %, "
    'declare number = "percent" for this column in sources.toml',
    VALUE,
    VALUE,
)
OF_RANGE = (
    'declare price_min = { from = "its column", part = "low" } and price_max with part = "high" in sources.toml, and number '
    "where an end is not written plain"
)
OWN_UNIT = r"\p{Nd}\s*\pL"
TOO_LARGE = r"^\s*[+-]?[0-9]{16,}(?:\.0+)?\s*$"


class Advice(NamedTuple):
    """Expressions over the columns `value`, the text of the cell, `declare`, and those of `_numbers_found`."""

    rule: pl.Expr
    allowed: pl.Expr
    fix: pl.Expr


def advice_on(values: pl.Series, name: str, reading: Reading, plan: Plan) -> pl.DataFrame:
    """What to say of the cells of a canonical column: value, rule, allowed and fix, once for each text."""
    dtype = polars_schema(plan.model)[name]
    is_list = name in LISTS and reading.path is None
    said = _inside(name, reading) if is_list else _advice(dtype, name, reading, plan)
    texts = _numbers_found(values.unique().alias("value").to_frame(), dtype, reading.times)
    texts = texts.join(_declarations_found(texts, dtype, reading, plan), on="value", how="left")
    if reading.path is not None:
        said = _unless(VALUE.str.contains(json_cells.UNREAD), said, _inside(name, reading))
    return texts.select(
        VALUE,
        pl.concat_str(pl.lit(f"{name}: "), said.rule).alias("rule"),
        said.allowed.alias("allowed"),
        said.fix.alias("fix"),
    )


def _inside(name: str, reading: Reading) -> Advice:
    """Of a cell in which nothing can be looked for, or whose value is no single one."""
    if reading.path is None:
        return Advice(
            pl.lit("an object where names are wanted"),
            pl.lit("a name, several with ; between them, or a list of names"),
            pl.lit(
                f'deliver the names; of JSON they are {name}[].name or the like, under format = "json" in sources.toml'
            ),
        )
    is_none = VALUE.str.starts_with(json_cells.NO_RECORD)
    return Advice(
        pl.when(is_none).then(pl.lit("not JSON")).otherwise(pl.lit(f"an object or a list at {reading.path!r}")),
        pl.when(is_none)
        .then(pl.lit(f"JSON, or a Python dictionary of up to {PYTHON_MAX:,} characters"))
        .otherwise(pl.lit("text, a number, true, false")),
        pl.when(is_none)
        .then(pl.lit("correct the cell in the export"))
        .otherwise(pl.lit("name a key inside it, or its elements with [], in sources.toml")),
    )


def _unless(condition: pl.Expr, said: Advice, other: Advice) -> Advice:
    return Advice(*(pl.when(condition).then(two).otherwise(one) for one, two in zip(said, other, strict=True)))


def _declarations_found(texts: pl.DataFrame, dtype: pl.DataType, reading: Reading, plan: Plan) -> pl.DataFrame:
    """The texts with `declare`: the languages and date formats that read them, tried."""
    if dtype.is_numeric():
        is_declared = reading.number or "number" in plan.source.model_fields_set
        number = plan.number_of(reading) if is_declared else None
        return trials.by_language(texts, number, partial(_number_found, dtype, reading.times))
    if not dtype.is_temporal():
        return trials.DECLARED.to_frame()
    declared, zone = plan.date_format_of(reading), reading.time_zone or plan.source.time_zone
    if declared is None:
        return trials.by_date_format(texts, zone)
    return trials.by_month(texts, declared, zone, plan.spelling_of(reading))


def _advice(dtype: pl.DataType, name: str, reading: Reading, plan: Plan) -> Advice:
    if isinstance(dtype, pl.Datetime):
        return _of_times(name, reading, plan)
    if name == "currency":
        return _of_currencies(reading)
    if dtype == pl.String:
        return _of_names()
    rule = pl.lit(f"not {describe_type(dtype)}")
    if dtype == pl.Date:
        declare = "declare date_format for this source in sources.toml"
        fix = pl.when(is_no_time(VALUE)).then(pl.lit(NOT_KNOWN)).otherwise(pl.lit(declare))
        fix = pl.coalesce(TRIED, fix)
        return Advice(rule, pl.lit(f"a day as {plan.date_format_of(reading) or '2026-08-01'}"), fix)
    if dtype == pl.Boolean:
        mapped = pl.lit("map the word with words = { ... } in sources.toml")
        return Advice(rule, pl.lit("true, false, yes, no, 1 or 0"), mapped)
    return _of_numbers(dtype, rule, reading, plan)


def _of_names() -> Advice:
    """Of a cell that names no account or post, by the mark before it."""
    said = {
        NOBODYS: (
            "an address that names no account",
            "the address of a profile, such as instagram.com/name, a handle or an id",
            f"deliver the handle, or the address of the profile; {IF_NOT_KNOWN}",
        ),
        UNCLEAR: (
            "not one account",
            "one handle, such as @name, alone or beside a name, or one address of a profile",
            "deliver each account in a row of its own, and of each its handle, address or id",
        ),
        NO_HANDLE: (
            "not a handle",
            "a handle without blanks, such as @name, or the address of a profile",
            f"deliver the handle or the id of the account in place of this text; {IF_NOT_KNOWN}",
        ),
        parsing.NO_POST: (
            "an address that names no post",
            "the address of a post, such as instagram.com/p/CODE/",
            "deliver the address that the post itself has, not one to share it or that of a sound or a profile",
        ),
    }
    mark = VALUE.str.slice(0, 1)
    return Advice(
        *(
            mark.replace_strict(
                list(said), [texts[place] for texts in said.values()], default=None, return_dtype=pl.String
            )
            for place in range(3)
        )
    )


def _of_currencies(reading: Reading) -> Advice:
    is_declared = (
        pl.lit(value=True) if reading.value is not None else VALUE.eq_missing(pl.lit(reading.default, pl.String))
    )
    say = 'declare words = { "US dollar" = "USD" } for this column in sources.toml, with its text before the code that it means'
    return Advice(
        pl.lit("not one currency"),
        pl.lit("a code of ISO 4217 such as EUR, or what means one currency alone, such as €"),
        pl.when(is_declared)
        .then(pl.lit("write the code of the currency in sources.toml"))
        .otherwise(pl.lit(f"{say}; if it means not known, declare null_words")),
    )


def is_no_time(text: pl.Expr) -> pl.Expr:
    """Too few digits for a year, and no month: a time that is written otherwise only wants declaring."""
    return (text.str.count_matches(r"\d") < 4) & ~text.str.contains(MONTHS)


def _of_times(name: str, reading: Reading, plan: Plan) -> Advice:
    declared, zone = plan.date_format_of(reading), reading.time_zone or plan.source.time_zone
    formats = plan.instant_formats[name] if zone else parsing.ZONELESS_FORMATS
    is_clock_time = parsing.instant(VALUE, formats, None).is_not_null()
    iso = "ISO 8601 with Z or an offset, such as 2026-08-01T10:00:00Z, or a day alone, such as 2026-08-01"
    if zone:
        rule = f"a clock time that {zone} skips or has twice"
        of_clock_time = f"deliver the time with its offset from UTC{', and correct date_format' if declared else ''}"
    else:
        rule = "a time without its zone"
        also = "correct date_format, and " if declared else ""
        of_clock_time = f'{also}declare time_zone = "Europe/Berlin" (or "UTC") for this source in sources.toml'
    otherwise = "declare date_format, and time_zone where no offset is written, for this source in sources.toml"
    if declared:
        otherwise = (
            f"correct date_format for this source in sources.toml; where its other times are as {declared}, correct this "
            "one in the export"
        )
    return Advice(
        pl.when(is_clock_time).then(pl.lit(rule)).otherwise(pl.lit(f"not {describe_type(pl.Datetime('us'))}")),
        pl.lit(f"times as {declared}" if declared else iso),
        pl.when(is_clock_time)
        .then(pl.lit(of_clock_time))
        .when(TRIED.is_not_null())
        .then(TRIED)
        .when(is_no_time(VALUE))
        .then(pl.lit(NOT_KNOWN))
        .otherwise(pl.lit(otherwise)),
    )


def _of_numbers(dtype: pl.DataType, rule: pl.Expr, reading: Reading, plan: Plan) -> Advice:
    number, times = plan.number_of(reading), reading.times
    largest = "" if dtype == pl.Float64 else f" up to {COUNT_MAX if dtype == pl.Int64 else MONEY_MAX:,}"
    unit = f", times {times:,}" if times not in (None, 1) else ""
    allowed = pl.lit(f"{describe_type(dtype)}{largest}, written {number}{unit}")
    fix = _declaration_that_reads_it(dtype, number, times)
    if unit:
        own = "a number with a unit of its own is not multiplied: declare times = 1 where all have one, or deliver all in one unit"
        fix = pl.when(VALUE.str.contains(OWN_UNIT)).then(pl.lit(own)).otherwise(fix)
    if dtype == pl.Int64:
        is_too_large = VALUE.str.contains(TOO_LARGE)
        rule = pl.when(is_too_large).then(pl.lit(f"must be at most {COUNT_MAX:,}")).otherwise(rule)
    elif number == "plain":
        is_bare = _number_found(dtype, times, plan.convention_of(reading)).is_not_null()
        if dtype == pl.Float64 and not _counts(plan):
            # A number that can be read is only refused where others of its column are percentages.
            rule = pl.when(is_bare).then(pl.lit("a bare number among percentages")).otherwise(rule)
            fix = pl.when(is_bare).then(OF_BOTH).otherwise(fix)
        else:
            rule = pl.when(is_bare).then(pl.lit("a number that may be thousands")).otherwise(rule)
    if isinstance(dtype, pl.Decimal) and reading.part is None:
        is_range = VALUE.str.contains(cell_parts.LOW_AND_HIGH)
        fix = pl.when(is_range, fix == NOT_KNOWN).then(pl.lit(OF_RANGE)).otherwise(fix)
    return Advice(rule, allowed, fix)


def _counts(plan: Plan) -> bool:
    """Whether the claims of a load are counts; also where each record names its own."""
    metric, unit = (plan.readings[name].value if name in plan.readings else None for name in ("metric", "unit"))
    return metric is None or unit == "count" or re.search(COUNT, metric) is not None


def _numbers_found(values: pl.DataFrame, dtype: pl.DataType, times: int | None) -> pl.DataFrame:
    """The texts with a column for each convention: the number that it finds in them."""
    if not dtype.is_numeric():
        return values
    numbers = {convention: _number_found(dtype, times, convention) for convention in get_args(NumberConvention)}
    return values.with_columns(number.alias(convention) for convention, number in numbers.items())


def _number_found(dtype: pl.DataType, times: int | None, convention: Convention) -> pl.Expr:
    """The number that a convention finds in a text, where it is none that is too large."""
    convention = multiplied(convention, times)
    number = parsing.whole_number(VALUE, convention) if dtype == pl.Int64 else parsing.decimal_number(VALUE, convention)
    largest = COUNT_MAX if dtype == pl.Int64 else MONEY_MAX
    return pl.when(number.is_between(-largest, largest)).then(number)


def _declaration_that_reads_it(dtype: pl.DataType, number: NumberConvention, times: int | None) -> pl.Expr:
    """The conventions and languages that read the cell, each with the number it finds; of equal numbers the first alone."""
    others = [
        convention
        for convention in get_args(NumberConvention)
        if convention not in (number, "plain") and (convention != "percent" or dtype == pl.Float64)
    ]
    ways = [
        pl.when(
            pl.col(other).is_not_null(), *(pl.col(other).ne_missing(pl.col(before)) for before in others[:place])
        ).then(pl.format('number = "{}" ({})', pl.lit(other), pl.col(other)))
        for place, other in enumerate(others)
    ]
    if dtype == pl.Float64:
        with_comma = _number_found(dtype, times, in_language(trials.WITH_COMMA, "percent"))
        said = f'language = "{trials.WITH_COMMA}"' if number == "percent" else trials.PERCENT_WITH_COMMA
        is_alone = pl.all_horizontal(pl.col(other).is_null() for other in others)
        ways.append(pl.when(is_alone, VALUE.str.contains(PERCENT)).then(pl.format(f"{said} ({{}})", with_comma)))
    listed = pl.concat_list(*ways, "declare").list.drop_nulls().list.join(" or ")
    declare = pl.format("declare {} for this source in sources.toml", listed)
    return pl.when(listed != "").then(declare).otherwise(pl.lit(NOT_KNOWN))
