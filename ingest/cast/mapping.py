"""A declaration made ready for one file: what to read from where, and how, every default filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl
import polars.selectors as cs
import polars_hash as plh

from ingest.cast import cell_parts, dates, grammars, json_cells, parsing, units
from ingest.cast.conditions import any_holds
from ingest.cast.currencies import currency_code
from ingest.cast.parsing import Convention
from schemas import handles
from schemas.columns import MONEY_MAX, Table, columns_of, polars_schema
from schemas.conditions import Condition
from schemas.errors import FileRefused
from schemas.handles import account_named, handle_named
from schemas.paths import BETWEEN_NAMES, LISTS, PATH
from schemas.sources import FILE, RECORD, Load, NumberConvention, Reading, Source
from schemas.tables import DATASETS, REQUIRED

# Before a cell that cannot be read, whatever the reason.
MARKS = json_cells.MARKS + handles.MARKS + parsing.NO_POST
UNNAMED = rf"^[{handles.MARKS}{parsing.NO_POST}]"
# What the names of claims that count something end in or hold, such as `like_count_mean`.
COUNT = r"_count(?:_|$)"
# Of a price any one of these may be all that is quoted.
PRICES = {"price": ("price_min", "price_max")}


@dataclass(frozen=True)
class Plan:
    """A load with every default filled in: what to read from where, and how."""

    dataset: str
    readings: dict[str, Reading]
    source: Source
    instant_formats: dict[str, tuple[str, ...]]
    is_quick: bool = False
    where: Mapping[str, Condition] = field(default_factory=dict)
    where_not: Mapping[str, Condition] = field(default_factory=dict)
    exact_ids: frozenset[str] = frozenset()  # columns of ids that are known to have all their digits
    is_text: bool = False  # whether the file has no numbers, but texts of them, as CSV has

    @property
    def quick(self) -> "Plan":
        """The same with one way to read each number and time: the one that nearly all cells are written in."""
        formats = {name: formats[:1] for name, formats in self.instant_formats.items()}
        return replace(self, instant_formats=formats, is_quick=True)

    @property
    def model(self) -> type[Table]:
        return DATASETS[self.dataset]

    def costs_the_row(self, name: str) -> bool:
        """Whether a row is worth nothing without this column: its keys, and what its dataset requires."""
        column = next(fact for fact in columns_of(self.model) if fact.name == name)
        required = {also for one in REQUIRED[self.dataset] for also in (one, *PRICES.get(one, ()))}
        return column.key or not column.nullable or name in required

    def number_of(self, reading: Reading) -> NumberConvention:
        return reading.number or ("plain" if reading.value is not None else self.source.number)

    def convention_of(self, reading: Reading) -> Convention:
        """How numbers are read: as declared, with the abbreviations of the language; without either, plainly."""
        language = _language(reading, self.source)
        is_declared = reading.number or "number" in self.source.model_fields_set
        number = self.number_of(reading) if is_declared else None
        if language is None or number == "plain":
            return grammars.multiplied(number or "plain", reading.times)
        return grammars.multiplied(grammars.in_language(language, number), reading.times)

    def date_format_of(self, reading: Reading) -> str | None:
        return _date_format(reading, self.source)

    def spelling_of(self, reading: Reading) -> dates.Spelling:
        return _spelling(reading, self.source)

    @property
    def insides(self) -> list[json_cells.Inside]:
        """The columns that are read from inside of cells."""
        return [
            json_cells.Inside(name, str(reading.source), reading.path)
            for name, reading in self.readings.items()
            if reading.path is not None
        ]


def plan_of(load: Load, source: Source, header: list[str], sample: pl.DataFrame, *, is_text: bool = False) -> Plan:
    """Positions resolved to names, and the format of each time column told from the first rows."""
    readings = {name: _resolved(name, reading, load, header) for name, reading in load.columns.items()}
    if load.dataset in ("posts", "post_metrics") and "like_count" in readings:
        readings["like_count"] = _with_hidden_likes(readings["like_count"], source)
    schema = polars_schema(DATASETS[load.dataset])
    for name, reading in readings.items():
        if schema[name].is_temporal():
            _check_year(name, reading, source)
        if schema[name].is_numeric() and reading.source is not None and reading.times is None:
            _check_unit(name, reading.source, sample)
    formats = {
        name: _formats_of(name, sample, reading, source)
        for name, reading in readings.items()
        if isinstance(schema[name], pl.Datetime)
    }
    return Plan(load.dataset, readings, source, formats, where=load.where, where_not=load.where_not, is_text=is_text)


def _with_hidden_likes(reading: Reading, source: Source) -> Reading:
    """-1 likes mean hidden ones, wherever it is written: no post has fewer likes than none."""
    words = reading.null_words if reading.null_words is not None else source.null_words
    return reading.model_copy(update={"null_words": (*words, "-1", "-1.0")})


def _resolved(name: str, reading: Reading, load: Load, header: list[str]) -> Reading:
    """The same reading with its column by name, the path inside of its cells apart, and what joins several texts."""
    if reading.position:
        reading = replace_position(reading, header)
    if load.language and reading.language is None and reading.value is None:
        reading = reading.model_copy(update={"language": load.language})
    if reading.source and reading.path is None and (inside := path_inside(reading.source, header)):
        reading = reading.model_copy(update=dict(zip(("source", "path"), inside, strict=True)))
    if reading.between is None:
        is_time = polars_schema(DATASETS[load.dataset])[name].is_temporal()
        between = " " if is_time and reading.also else BETWEEN_NAMES if name in LISTS and reading.path else None
        reading = reading.model_copy(update={"between": between})
    return reading


def path_inside(source: str, header: list[str]) -> tuple[str, str] | None:
    """`metrics.likes` as the column `metrics` and the path `likes` inside of its cells, where only that is a column."""
    if source in header:
        return None
    for place in range(len(source) - 1, 0, -1):
        column, path = source[:place], source[place + 1 :]
        if source[place] == "." and header.count(column) == 1 and PATH.fullmatch(path) and not path.startswith("."):
            return column, path
    return None


def replace_position(reading: Reading, header: list[str]) -> Reading:
    """The same reading by name. The caller has checked that the position exists."""
    assert reading.position is not None
    return reading.model_copy(update={"source": header[reading.position - 1], "position": None})


def _date_format(reading: Reading, source: Source) -> str | None:
    """A value written in sources.toml does not follow the file's conventions, only its own."""
    return reading.date_format or (None if reading.value is not None else source.date_format)


def _language(reading: Reading, source: Source) -> str | None:
    return reading.language or (None if reading.value is not None else source.language)


def _spelling(reading: Reading, source: Source) -> dates.Spelling:
    return dates.Spelling(_language(reading, source), reading.year, reading.not_after)


def _check_year(name: str, reading: Reading, source: Source) -> None:
    """`FileRefused` where neither the times nor their declaration tell the year, or both do."""
    declared = _date_format(reading, source)
    has_year, is_given = declared is None or dates.tells_year(declared), reading.year or reading.not_after
    if declared and not has_year and not is_given:
        raise FileRefused(
            "unknown_year",
            f"{name}: dates written {declared} do not tell their year",
            fix='declare year = 2026 for this column in sources.toml, or not_after = "2026-09-12": '
            "the last such day that is not after it",
        )
    if has_year and is_given:
        raise FileRefused(
            "two_years",
            f"{name}: dates written {declared or 'as ISO 8601'} tell their year, and so does sources.toml",
            fix="leave out year and not_after of this column, or correct its date_format",
        )


def _check_unit(name: str, column: str, sample: pl.DataFrame) -> None:
    """`FileRefused` for a unit in the header that nothing else speaks of; of many files at once each is asked alone."""
    if units.factor_named(column) is None or column not in sample.columns:
        return
    if FILE in sample.columns or units.has_bare_numbers(sample.get_column(column)):
        raise units.asked(name, column)


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
        # An offset may be of hours alone, as databases write it.
        return (declared, declared.replace("%z", "%#z")) if "%z" in declared else (declared,)
    accepted = parsing.INSTANT_FORMATS + (parsing.ZONELESS_FORMATS if zone else ())
    if reading.source is None or sample.is_empty():
        return accepted
    texts = text_of(reading, source)
    fits = sample.select(parsing.instant(texts, (fmt,), zone).is_not_null().sum().alias(fmt) for fmt in accepted).row(0)
    order = sorted(range(len(accepted)), key=lambda i: -fits[i])
    return tuple(accepted[i] for i in order)


def text_of(reading: Reading, source: Source, raw: pl.DataFrame | None = None, *, is_list: bool = False) -> pl.Expr:
    """The text of a canonical column; of one that holds lists (`LISTS`) cells that are lists as JSON writes them, too."""
    own = _names_listed if is_list and reading.path is None else _column
    if reading.key == "row_hash":
        # Every cell of the row, its absence told from blank, so that equal rows and only they have equal keys.
        names = [name for name in raw.columns if name not in (RECORD, FILE)] if raw is not None else []
        every = [_column(name).fill_null("\x00") for name in names]
        return plh.concat_str(*every, separator="\x1f").chash.sha2_256().str.slice(0, 16)
    if reading.value is not None:
        return _read(pl.lit(reading.value), reading)
    nulls = reading.null_words if reading.null_words is not None else source.null_words
    nulls += reading.request_words
    cell = _column(str(reading.source))
    text = _read(own(str(reading.source)), reading)
    if nulls and (reading.key or reading.path or reading.part or is_list):
        # What means not known may be the whole cell, or what is read in it.
        text = pl.when(~cell.str.strip_chars().is_in(nulls)).then(text)
    text = _meant(text, nulls, reading)
    if reading.null_where:
        text = pl.when(~any_holds(reading.null_where)).then(text)
    if reading.also:
        text = _listed([text, *(_meant(own(name), nulls, reading) for name in reading.also)], reading.between)
    if reading.or_username:
        handle = _meant(_column(reading.or_username), nulls, reading)
        text = pl.map_batches([text, handle], _filled, return_dtype=pl.String, is_elementwise=True)
    if reading.labels:
        text = cell_parts.split_by_labels(text, reading.labels)
    return text if reading.default is None else text.fill_null(reading.default)


def _read(cell: pl.Expr, reading: Reading) -> pl.Expr:
    """What is meant of a cell: the value inside of it, the account or post that it names, a part of it."""
    text = cell
    if reading.path is not None:
        text = json_cells.at_path(text, reading.path, reading.between)
    named = text
    if reading.key == "handle":
        named = account_named(text)
    if reading.key == "username":
        named = handle_named(text)
    if reading.key == "account":
        named = pl.when(text.str.contains("[@/]")).then(account_named(text)).otherwise(text)
    if reading.key == "post_link":
        named = parsing.post_of_link(text)
    if reading.path is not None and reading.key:
        named = pl.when(text.str.contains(json_cells.UNREAD)).then(text).otherwise(named)
    return cell_parts.part_of(named, reading.part, reading.by) if reading.part else named


def _filled(columns: Sequence[pl.Series]) -> pl.Series:
    """Ids, those that are blank from their handles: few are, and a handle costs ten times as much to read as an id."""
    ids, handles = columns
    is_blank = ids.str.strip_chars().fill_null("") == ""
    if not is_blank.any():
        return ids
    named = pl.DataFrame({"id": ids, "handle": handles, "is_blank": is_blank}).with_row_index("place")
    found = named.filter("is_blank").select("place", handle_named(pl.col("handle")).alias("found"))
    joined = named.join(found, on="place", how="left", maintain_order="left")
    return joined.select(pl.coalesce("found", "id")).to_series()


def _meant(text: pl.Expr, nulls: tuple[str, ...], reading: Reading) -> pl.Expr:
    """A cell without the texts that mean not known, and with other words for those that are replaced."""
    if nulls:
        text = pl.when(~text.str.strip_chars().is_in(nulls)).then(text)
    return text.replace(reading.words) if reading.words else text


def _listed(texts: list[pl.Expr], between: str | None) -> pl.Expr:
    """Several cells as one text, those left out that say nothing: a list, or where `between` is given what it makes."""
    if between is not None:
        blank = [text.str.strip_chars() for text in texts]
        texts = [pl.when(text != "").then(text) for text in blank]
    joined = pl.concat_str(*texts, separator="; " if between is None else between, ignore_nulls=True)
    return pl.when(joined != "").then(joined)


def is_on_request(price: Reading) -> pl.Expr:
    """Whether the cell of a price says that it is told on request."""
    return _column(str(price.source)).str.strip_chars().is_in(price.request_words).fill_null(value=False)


def _column(name: str) -> pl.Expr:
    """A column of the file. `pl.col` would take a name such as `*` or `^a$` for a pattern."""
    return cs.by_name(name).as_expr()


def _names_listed(name: str) -> pl.Expr:
    return json_cells.listed(_column(name), BETWEEN_NAMES)


def typed_of(text: pl.Expr, dtype: pl.DataType, reading: Reading, plan: Plan, name: str) -> pl.Expr:
    if dtype.is_numeric():
        return _number(text, dtype, plan.convention_of(reading), plan)
    if dtype == pl.Boolean:
        return parsing.flag(text)
    if dtype == pl.Date:
        return dates.day(text, plan.date_format_of(reading), plan.spelling_of(reading))
    if isinstance(dtype, pl.Datetime):
        zone = reading.time_zone or plan.source.time_zone
        return dates.instant(text, plan.instant_formats[name], zone, plan.spelling_of(reading))
    if reading.path is not None or name in LISTS:
        text = pl.when(~text.str.contains(json_cells.UNREAD)).then(text)
    if reading.key or reading.or_username:
        text = pl.when(~text.str.contains(UNNAMED)).then(text)
    if name == "platform":
        return text.str.strip_chars().str.to_lowercase()
    if name == "currency":
        return currency_code(text)
    return text


def _number(text: pl.Expr, dtype: pl.DataType, convention: Convention, plan: Plan) -> pl.Expr:
    if dtype == pl.Int64:
        return parsing.whole_number(text, convention, quick=plan.is_quick)
    if dtype == pl.Float64:
        return parsing.decimal_number(text, convention, quick=plan.is_quick)
    amount = parsing.decimal_number(text, convention, quick=plan.is_quick)
    fits = amount.is_between(-MONEY_MAX, MONEY_MAX)
    if plan.is_quick:
        fits &= amount == amount.round(2)  # of others it is to be noted that they are rounded
    if convention == "plain":
        fits &= ~parsing.has_two_readings(text, is_text=plan.is_text)
    return pl.when(fits).then(amount.round(2)).cast(dtype)
