"""What a shipped declaration says of a well-known table: by which header it is known, and how its records are read."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from schemas.conditions import Condition
from schemas.conventions import Language
from schemas.sources import Load, NumberConvention, Reading, is_enough

Names = Mapping[str, tuple[str, ...]]
Asked = Literal["time_zone", "owner"]


def _as_list(one_or_more: object) -> list[object]:
    return list(one_or_more) if isinstance(one_or_more, list | tuple) else [one_or_more]


class NoRows(BaseModel):
    """Records that are no rows of the table, such as its totals."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str = Field(description="the column that tells them")
    words: tuple[str, ...] | None = Field(default=None, description="its texts; none: any text at all")
    blank: bool = Field(default=False, description="it is empty")
    matches: str | None = Field(default=None, description="a pattern that is found in it")
    rule: str = Field(description="what such a record is; {column} is the name of its column in the file")
    fix: str = Field(default="nothing: it is counted, and never added to any sum", description="what can be done")

    def renamed(self, names: Names) -> Iterator["NoRows"]:
        for name in names.get(self.column, ())[:1]:
            yield self.model_copy(update={"column": name, "rule": self.rule.format(column=name)})

    @property
    def condition(self) -> Condition:
        """The same as a condition on the cell of its column."""
        if self.matches:
            return Condition(matches=self.matches)
        return Condition(one_of=self.words) if self.words else Condition(blank=self.blank)


class Case(BaseModel):
    """One case of a made column: what it says where all the conditions hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: dict[str, str] = Field(min_length=1, description="columns, and the pattern that each must contain")
    text: str = Field(description="what the made column then says")


class MadeColumn(BaseModel):
    """A column that the file does not have: what it says follows from others. The first case that holds is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str = Field(description="its name, for the loads")
    cases: tuple[Case, ...] = Field(min_length=1, description="in the order in which they are tried")
    otherwise: str = Field(description="the column that is taken as it is where no case holds")

    def renamed(self, names: Names) -> Iterator["MadeColumn"]:
        """The same of other columns; nothing where one of them has no name."""
        known = {name: names[name][0] for name in names if names[name]}
        asked = {self.otherwise, *(name for case in self.cases for name in case.when)}
        if asked <= known.keys():
            cases = tuple(
                case.model_copy(update={"when": {known[name]: text for name, text in case.when.items()}})
                for case in self.cases
            )
            yield self.model_copy(update={"cases": cases, "otherwise": known[self.otherwise]})


class KnownLoad(BaseModel):
    """A load whose columns a file may lack: of several readings the first that the file has is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str = Field(description="what the records become")
    columns: dict[str, tuple[Reading, ...]] = Field(description="canonical columns, and where each may come from")

    @field_validator("columns", mode="before")
    @classmethod
    def several_readings(cls, columns: object) -> object:
        if not isinstance(columns, dict):
            return columns
        return {
            name: tuple({"from": one} if isinstance(one, str) else one for one in _as_list(readings))
            for name, readings in columns.items()
        }

    def load_of(self, header: list[str], instead: dict[str, Reading]) -> Load | None:
        """The load for a file of this header; null where it lacks a column that the dataset needs.

        What `instead` says of a column goes before what the table has.
        """
        found = {
            name: next((one for one in readings if one.source is None or one.source in header), None)
            for name, readings in self.columns.items()
        }
        present = {name: reading for name, reading in found.items() if reading}
        columns = {**present, **instead}
        return Load(dataset=self.dataset, columns=columns) if is_enough(self.dataset, columns) else None

    def renamed(self, names: Names) -> "KnownLoad":
        columns = {
            column: tuple(
                one.model_copy(update={"source": name})
                for one in readings
                for name in ((None,) if one.source is None else names.get(one.source, ()))
            )
            for column, readings in self.columns.items()
        }
        return self.model_copy(update={"columns": {column: kept for column, kept in columns.items() if kept}})


class OtherTable(BaseModel):
    """A table that comes with a known one, and whose records are rows of no dataset."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: tuple[str, ...] = Field(min_length=1, description="columns that must all be there, some of them twice")
    exact: bool = Field(default=False, description="it has no other columns")
    holds: str = Field(description="what its records are")
    fix: str = Field(
        default="nothing, or name it in ignore = [...] in sources.toml, so that it is no longer listed",
        description="what can be done",
    )

    def is_of(self, header: list[str]) -> bool:
        """Whether this is its header, among blank cells."""
        needed, found = Counter(self.header), Counter(filter(None, header))
        return needed == found if self.exact else needed <= found

    def renamed(self, names: Names) -> Iterator["OtherTable"]:
        for header in _every_wording(self.header, names):
            yield self.model_copy(update={"header": header})


class Wording(BaseModel):
    """How a table is written elsewhere: in another language, or in an older form. What it does not say is as in the first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, Annotated[tuple[str, ...], BeforeValidator(_as_list)]] = Field(
        description="names of columns in the first form and here; what has none here is not read"
    )
    language: Language | None = Field(default=None, description="language of its numbers and months")
    number: NumberConvention | None = Field(default=None, description="how numbers are written")
    date_formats: tuple[str, ...] | None = Field(default=None, description="how times may be written")
    null_words: tuple[str, ...] | None = Field(default=None, description="texts that mean not known")
    asks: tuple[Asked, ...] | None = Field(default=None, description="keys of sources.toml that it needs")


class KnownTable(BaseModel):
    """One shipped declaration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="how the ledger calls it")
    header: tuple[str, ...] = Field(min_length=2, description="columns that must all be there, in any order")
    without: dict[str, str] = Field(
        default_factory=dict, description="columns of another table of the same exporter, and what that one holds"
    )
    asks: tuple[Asked, ...] = Field(
        default=(), description="keys of sources.toml without which such a file cannot be read"
    )
    language: Language | None = Field(default=None, description="language of its numbers and months")
    number: NumberConvention = Field(default="plain", description="how numbers are written")
    date_formats: tuple[str, ...] = Field(
        default=(), description="how times may be written; of several, one alone must read all of them"
    )
    null_words: tuple[str, ...] = Field(default=(), description="texts that mean not known")
    no_rows: tuple[NoRows, ...] = Field(default=(), description="records that are no rows")
    made: tuple[MadeColumn, ...] = Field(default=(), description="columns made of others")
    others: tuple[OtherTable, ...] = Field(default=(), description="tables beside it whose records are no rows")
    load: tuple[KnownLoad, ...] = Field(min_length=1, description="what the records become")
    wordings: dict[str, Wording] = Field(default_factory=dict, description="how it is written elsewhere, by language")
    wording: str | None = Field(default=None, description="which of them this is; none: the first")

    @model_validator(mode="after")
    def words_for_the_header(self) -> Self:
        for key, wording in self.wordings.items():
            if lacking := [name for name in self.header if not wording.columns.get(name)]:
                raise ValueError(f"the wording {key!r} has no word for {lacking[0]!r}, by which the table is known")
        return self

    @property
    def title(self) -> str:
        """How it is called in messages."""
        return f"{self.name} ({self.wording})" if self.wording else self.name

    def every_wording(self) -> Iterator["KnownTable"]:
        """The table in each of its wordings, the first one before the others."""
        first = self.model_copy(update={"wordings": {}})
        yield first.renamed({name: (name,) for name in first.columns})
        for key, wording in self.wordings.items():
            told = wording.model_dump(exclude={"columns"}, exclude_none=True)
            named = first.model_copy(update={**told, "wording": key})
            for header in _every_wording(self.header, wording.columns):
                yield named.renamed({**wording.columns, **{n: (w,) for n, w in zip(self.header, header, strict=True)}})

    @property
    def columns(self) -> set[str]:
        """The columns it speaks of."""
        read = (one.source for load in self.load for readings in load.columns.values() for one in readings)
        made = (name for one in self.made for name in (one.otherwise, *(n for case in one.cases for n in case.when)))
        others = (name for other in self.others for name in other.header)
        return {
            *self.header,
            *self.without,
            *(rule.column for rule in self.no_rows),
            *filter(None, read),
            *made,
            *others,
        }

    def renamed(self, names: Names) -> "KnownTable":
        """The table with other names of its columns; what has none is left out."""
        names = {**{one.column: (one.column,) for one in self.made}, **names}
        loads = (load.renamed(names) for load in self.load)
        return self.model_copy(
            update={
                "header": tuple(names[name][0] for name in self.header),
                "without": {new: text for name, text in self.without.items() for new in names.get(name, ())},
                "no_rows": tuple(new for rule in self.no_rows for new in rule.renamed(names)),
                "made": tuple(new for one in self.made for new in one.renamed(names)),
                "others": tuple(new for other in self.others for new in other.renamed(names)),
                # sources.toml may tell the account
                "load": tuple(load for load in loads if is_enough(load.dataset, {*load.columns, "account_id"})),
            }
        )


def _every_wording(header: Iterable[str], names: Names) -> Iterator[tuple[str, ...]]:
    """A header with each choice of names; a name that occurs twice in it is the same both times."""
    header = tuple(header)
    distinct = list(dict.fromkeys(header))
    for choice in product(*(names.get(name, ()) for name in distinct)):
        chosen = dict(zip(distinct, choice, strict=True))
        yield tuple(chosen[name] for name in header)
