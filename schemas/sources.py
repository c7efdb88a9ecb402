"""What sources.toml may say: how the files of one source become canonical rows.

A `[[source]]` names files by glob and says how they are written; each `[[source.load]]` below it
says how their records become rows of one dataset. One file may feed several datasets.
"""

from collections.abc import Collection
from datetime import date
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from schemas.columns import polars_schema
from schemas.conditions import Conditions
from schemas.conventions import Delimiter, Encoding, Escape, Language, Quote, TimeZone
from schemas.globs import Glob, GlobWithoutParts
from schemas.paths import paths_of
from schemas.tables import DATASETS, REQUIRED

# Columns beside those of a file: the number of a record, and the text of one that the quick reader did not take apart,
# null where it did, absent where it always does.
RECORD = "__record"
LINE = "__line"
# Of rows that are read from many small files at once, the number of the file.
FILE = "__file"

NumberConvention = Literal["plain", "comma", "dot", "suffix", "percent", "words", "dot_words", "prices"]
KeyRecipe = Literal["handle", "username", "account", "row_hash", "post_link"]
Part = Literal["name", "currency", "amount", "low", "high"]

# What may be declared in place of a required column: a price list with ranges alone, a list of accounts and their niches.
ALTERNATIVES = {"price": ("price_min", "price_max"), "followers_count": ("niche", "username", "display_name")}


# More than any file has of lines, columns or parts of a cell, and still a number to every library.
PLACE_MAX = 1_000_000_000


class Reading(BaseModel):
    """Where one canonical column comes from and how its text is to be understood."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    source: str | None = Field(default=None, alias="from", description="column of the export, by name")
    position: int | None = Field(default=None, ge=1, le=PLACE_MAX, description="column of the export, counted from 1")
    value: str | None = Field(default=None, description="the same text for every row")
    key: KeyRecipe | None = Field(
        default=None,
        description="make a key: a bare handle, that of a column without ids, an id or a handle, a post's id from its "
        "address, or a hash of the row",
    )
    part: Part | int | None = Field(
        default=None, description="the part of the cell that is meant, by its name, or by its number where `by` cuts it"
    )
    by: str | None = Field(default=None, description="the text between the parts of the cell that are numbered")
    also: tuple[str, ...] = Field(default=(), description="further columns of the export, written behind this one")
    or_username: str | None = Field(
        default=None, description="column of handles, which names the account where this one is blank"
    )
    between: str | None = Field(default=None, description="what is written between this column and those of `also`")
    path: str | None = Field(default=None, description="path inside the cell, which holds JSON or a Python dictionary")
    number: NumberConvention | None = Field(default=None, description="how numbers are written")
    times: int | None = Field(
        default=None, description="what numbers are multiplied by: 1, or a power of ten, where cells count thousands"
    )
    language: Language | None = Field(default=None, description="language of abbreviated numbers and of months")
    date_format: str | None = Field(default=None, description="strptime format of dates")
    year: int | None = Field(
        default=None, ge=1990, le=2100, description="the year of dates that are written without one"
    )
    not_after: date | None = Field(
        default=None, description="dates without a year are the last such day that is not after this one"
    )
    time_zone: TimeZone | None = Field(default=None, description="zone of times that carry none")
    null_words: tuple[str, ...] | None = Field(default=None, description="texts that mean not known")
    words: dict[str, str] = Field(default_factory=dict, description="texts to replace, before reading")
    labels: tuple[str, ...] = Field(default=(), description="the labels that a cell is made of, run together or listed")
    default: str | None = Field(default=None, description="the text where the cell says nothing")
    request_words: tuple[str, ...] = Field(default=(), description="texts in place of a price that is told on request")
    null_where: Conditions = Field(
        default_factory=dict, description="not known where another column of the export says so"
    )

    @field_validator("part", mode="before")
    @classmethod
    def part_is_named_or_numbered(cls, part: object) -> object:
        if part is None or part in get_args(Part) or (type(part) is int and 1 <= part <= PLACE_MAX):
            return part
        raise ValueError(f"is {part!r}, and not a number from 1, or one of {', '.join(map(repr, get_args(Part)))}")

    @field_validator("times")
    @classmethod
    def times_is_a_power_of_ten(cls, times: int | None) -> int | None:
        if times is None or (1 <= times <= PLACE_MAX and str(times).strip("0") == "1"):
            return times
        raise ValueError("is what the cells are counted in: 1000, 1000000 or another power of ten; 1 for whole figures")

    @model_validator(mode="after")
    def numbered_parts_are_cut(self) -> Self:
        if (self.by is not None) != isinstance(self.part, int):
            raise ValueError('the parts of a cell are cut and numbered: write both, as in part = 1, by = "_"')
        if self.by == "":
            raise ValueError('by is what stands between the parts, such as by = "_"')
        if self.by is not None and self.value is not None:
            raise ValueError("part and by are for a column of the file; write the part itself as value")
        return self

    @model_validator(mode="after")
    def one_origin(self) -> Self:
        origins = [self.source, self.position, self.value]
        given = sum(origin is not None for origin in origins)
        if given != (0 if self.key == "row_hash" else 1):
            raise ValueError('give exactly one of from = "column", position = 1, value = "text", or key = "row_hash"')
        if "" in self.labels:
            raise ValueError("a label cannot be empty")
        if self.source is None and self.also:
            raise ValueError('also = ["column"] stands beside from = "column"')
        if self.or_username is not None and self.source is None and self.position is None:
            raise ValueError("or_username stands beside a column of the file, whose blank cells it fills")
        if self.null_where and self.source is None and self.position is None:
            raise ValueError("null_where is for a column of the file, whose cells it governs")
        if self.between is not None and not self.also:
            raise ValueError('between stands beside also = ["column"]')
        if self.year is not None and self.not_after is not None:
            raise ValueError("give year or not_after, not both")
        if self.value is not None and (self.path is not None or self.year is not None or self.not_after is not None):
            raise ValueError("path, year and not_after are for a column of the file; write the value as it is meant")
        if self.path is not None and any(path.is_inside for path in paths_of(self.path)):
            raise ValueError(f"path = {self.path!r} begins at the cell; leave out the dot before it")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Every column of the export that is read, by name."""
        return tuple(name for name in (self.source, *self.also, self.or_username) if name)


def is_enough(dataset: str, columns: Collection[str]) -> bool:
    """Whether these columns are all that a dataset needs."""
    return all({name, *ALTERNATIVES.get(name, ())} & set(columns) for name in REQUIRED[dataset])


class Load(BaseModel):
    """How the records of a file become rows of one dataset."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str = Field(description="what the records become")
    columns: dict[str, Reading] = Field(description="canonical columns, and where each comes from")
    each: str | None = Field(default=None, description="path into nested JSON: a row for each element there")
    language: Language | None = Field(default=None, description="language of abbreviated numbers and of months")
    undirected: bool = Field(default=False, description="each follow also holds the other way round: mutual friends")
    where: Conditions = Field(default_factory=dict, description="only records count of which all these conditions hold")
    where_not: Conditions = Field(default_factory=dict, description="no record counts of which one of these holds")

    @property
    def columns_asked(self) -> list[str]:
        """The columns of the file that conditions look at, each once."""
        every = [self.where, self.where_not, *(reading.null_where for reading in self.columns.values())]
        return list(dict.fromkeys(name for conditions in every for name in conditions))

    @field_validator("columns", mode="before")
    @classmethod
    def text_means_from(cls, columns: object) -> object:
        if not isinstance(columns, dict):
            return columns
        return {name: {"from": reading} if isinstance(reading, str) else reading for name, reading in columns.items()}

    @model_validator(mode="after")
    def known_columns(self) -> Self:
        if self.dataset not in DATASETS:
            raise ValueError(f"dataset {self.dataset!r} is not one of {', '.join(DATASETS)}")
        known = polars_schema(DATASETS[self.dataset])
        if unknown := [name for name in self.columns if name not in known]:
            raise ValueError(f"{self.dataset} has no column {unknown[0]!r}; it has {', '.join(known)}")
        if labelled := [name for name, reading in self.columns.items() if reading.labels and name != "niche"]:
            raise ValueError(f"labels are for niche alone, not for {labelled[0]!r}")
        if self.undirected and self.dataset != "follows":
            raise ValueError(f"{self.dataset} have a direction; only follows can be undirected")
        for name, reading in self.columns.items():
            if reading.or_username is not None and name != "account_id":
                raise ValueError(f"or_username is for account_id alone, not for {name!r}")
            if reading.times is not None and (not known[name].is_numeric() or reading.value is not None):
                raise ValueError(f"times is for numbers read from a column of the file, not for {name!r}")
            if reading.request_words and (name != "price" or (reading.source is None and reading.position is None)):
                raise ValueError(f"request_words are for a price read from a column of the file, not for {name!r}")
        for name in REQUIRED[self.dataset]:
            if not {name, *ALTERNATIVES.get(name, ())} & set(self.columns):
                raise ValueError(f"{self.dataset} needs column {name!r}")
        return self


class Source(BaseModel):
    """One `[[source]]`: which files, how they are written, what they become."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: Glob = Field(description="glob inside the exports folder, such as rankings/*.csv")
    format: Literal["csv", "ndjson", "parquet", "json"] | None = Field(
        default=None, description="told by content if absent"
    )
    delimiter: Delimiter = Field(default=",", description="what separates the cells of a CSV file")
    escape: Escape | None = Field(
        default=None, description="what stands before a quote inside of a quoted cell of a CSV file"
    )
    quote: Quote = Field(
        default='"',
        description='what stands around a cell of a CSV file that holds a delimiter or lines; "" for nothing',
    )
    encoding: Encoding = Field(default="utf-8", description="how the file writes its characters")
    skip_lines: int = Field(default=0, ge=0, le=PLACE_MAX, description="lines before the header (or the first record)")
    header: bool = Field(default=True, description="whether the first line names the columns")
    number: NumberConvention = Field(
        default="plain", description="how numbers are written, unless a column says otherwise"
    )
    language: Language | None = Field(default=None, description="language of abbreviated numbers and of months")
    date_format: str | None = Field(
        default=None, description="strptime format of dates, unless a column says otherwise"
    )
    time_zone: TimeZone | None = Field(default=None, description="zone of times that carry none")
    null_words: tuple[str, ...] = Field(default=(), description="texts that mean not known")
    text_columns: tuple[str, ...] = Field(
        default=(), description="columns that hold text although their name, or an earlier file, says numbers"
    )
    zero_likes_hidden: bool = Field(
        default=False, description="0 likes beside comments mean hidden likes: this source hides them so"
    )
    members: Literal["ids", "pseudonyms"] = Field(
        default="ids", description="whether followers, likers and commenters are named by id, or by a pseudonym already"
    )
    constants: dict[str, str] = Field(
        default_factory=dict, description="columns with one value: platform, niche, currency"
    )
    owner: str | None = Field(
        default=None, description="whose list of followers or likes this is, where the file does not say"
    )
    post: str | None = Field(default=None, description="which post the likers are of, where the file does not say")
    where: Conditions = Field(default_factory=dict, description="the same for every load")
    where_not: Conditions = Field(default_factory=dict, description="the same for every load")
    load: tuple[Load, ...] = Field(
        default=(), description="none: the header is a canonical one, or the format one that is read as it comes"
    )

    def with_conditions(self, loads: tuple[Load, ...]) -> tuple[Load, ...]:
        """Loads that hold the conditions of this source beside their own."""
        if not self.where and not self.where_not:
            return loads
        return tuple(
            load.model_copy(
                update={
                    "where": {**self.where, **load.where},
                    "where_not": {**self.where_not, **load.where_not},
                }
            )
            for load in loads
        )

    @model_validator(mode="before")
    @classmethod
    def spread_over_loads(cls, data: object) -> object:
        """Constants are columns of every load that has such a column and does not say otherwise; conditions hold for all."""
        if not isinstance(data, dict) or not isinstance(data.get("load"), list | tuple):
            return data
        constants = data.get("constants", {})
        conditions = {key: data[key] for key in ("where", "where_not") if isinstance(data.get(key), dict)}
        loads = data["load"]
        if isinstance(constants, dict):
            loads = [_with_constants(load, constants) for load in loads]
        return {**data, "load": [_with_conditions(load, conditions) for load in loads]}

    # Defined last, so it runs first: loads are spread over once they are there.
    @model_validator(mode="before")
    @classmethod
    def one_load_without_its_own_table(cls, data: object) -> object:
        """`dataset` and `columns` right under `[[source]]` are its one load."""
        if not isinstance(data, dict) or not {"dataset", "columns"} & data.keys():
            return data
        if "load" in data:
            raise ValueError("write dataset and columns either here or in [[source.load]], not in both")
        own = {key: data[key] for key in ("dataset", "columns", "each", "undirected") if key in data}
        return {**{key: value for key, value in data.items() if key not in own}, "load": [own]}

    @model_validator(mode="after")
    def signs_differ(self) -> Self:
        if self.escape == self.delimiter:
            raise ValueError(f"{self.escape!r} cannot both separate cells and stand before a quote")
        return self

    @model_validator(mode="after")
    def paths_are_paths(self) -> Self:
        """Columns of nested JSON are paths; only those inside an element begin with a dot."""
        if self.format == "json" and not self.load:
            raise ValueError('format = "json" needs [[source.load]]: which paths of a record are which columns')
        for load in self.load:
            if load.each is not None and (self.format != "json" or len(paths_of(load.each)) > 1 or load.each[0] == "."):
                raise ValueError(f'each = {load.each!r}: is for format = "json", and one path from the record')
            if self.format == "json":
                self._check_paths_asked(load)
            for name, reading in load.columns.items() if self.format == "json" else ():
                if reading.position is not None or reading.key == "row_hash" or reading.source in (RECORD, FILE):
                    raise ValueError(f"{name}: nested JSON has no positions and no row_hash; name a path")
                inside = any(path.is_inside for text in reading.names for path in paths_of(text))
                if inside and load.each is None:
                    raise ValueError(f"{name}: {reading.source!r} is inside an element; say which with each")
        return self

    @staticmethod
    def _check_paths_asked(load: Load) -> None:
        for name in load.columns_asked:
            if any(path.is_inside for path in paths_of(name)) and load.each is None:
                raise ValueError(f"a condition asks for {name!r}, which is inside an element; say which with each")

    @model_validator(mode="after")
    def constants_are_columns(self) -> Self:
        """A constant that no load takes is a slip of the pen, and would leave its column empty."""
        datasets = [load.dataset for load in self.load] or list(DATASETS)
        for name in self.constants:
            if not any(name in polars_schema(DATASETS[dataset]) for dataset in datasets):
                raise ValueError(f"constant {name!r} is no column of {', '.join(dict.fromkeys(datasets))}")
        return self


def _with_constants(load: object, constants: dict[str, object]) -> object:
    """What is not a load at all is left as it is, for the check of its own field to report."""
    if not isinstance(load, dict):
        return load
    dataset, columns = load.get("dataset"), load.get("columns", {})
    if not isinstance(dataset, str) or dataset not in DATASETS or not isinstance(columns, dict):
        return load
    known = polars_schema(DATASETS[dataset])
    own = {name: {"value": text} for name, text in constants.items() if name in known}
    return {**load, "columns": {**own, **columns}}


def _with_conditions(load: object, conditions: dict[str, dict[str, object]]) -> object:
    if not isinstance(load, dict):
        return load
    own = {key: load.get(key, {}) for key in conditions}
    return {**load, **{key: {**conditions[key], **own[key]} for key in own if isinstance(own[key], dict)}}


class Sources(BaseModel):
    """The whole of sources.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ignore: tuple[GlobWithoutParts, ...] = Field(
        default=(), description="files, folders and archives that are not read: no exports, such as notes and results"
    )
    source: tuple[Source, ...] = Field(default=(), description="how the files of one source are read")
