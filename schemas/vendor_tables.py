"""What a shipped declaration says of a well-known table: by which header it is known, and how its records are read."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from schemas.conditions import Condition
from schemas.sources import Load, NumberConvention, Reading, is_enough


class NoRows(BaseModel):
    """Records that are no rows of the table, such as its totals."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str = Field(description="the column that tells them")
    words: tuple[str, ...] | None = Field(default=None, description="its texts; none: any text at all")
    blank: bool = Field(default=False, description="it is empty")
    rule: str = Field(description="what such a record is")
    fix: str = Field(default="nothing: it is counted, and never added to any sum", description="what can be done")

    @property
    def condition(self) -> Condition:
        """The same as a condition on the cell of its column."""
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


class KnownTable(BaseModel):
    """One shipped declaration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="how the ledger calls it")
    header: tuple[str, ...] = Field(min_length=2, description="columns that must all be there, in any order")
    without: dict[str, str] = Field(
        default_factory=dict, description="columns of another table of the same exporter, and what that one holds"
    )
    asks: tuple[Literal["time_zone", "owner"], ...] = Field(
        default=(), description="keys of sources.toml without which such a file cannot be read"
    )
    number: NumberConvention = Field(default="plain", description="how numbers are written")
    date_formats: tuple[str, ...] = Field(
        default=(), description="how times may be written; of several, one alone must read all of them"
    )
    null_words: tuple[str, ...] = Field(default=(), description="texts that mean not known")
    no_rows: tuple[NoRows, ...] = Field(default=(), description="records that are no rows")
    made: tuple[MadeColumn, ...] = Field(default=(), description="columns made of others")
    load: tuple[KnownLoad, ...] = Field(min_length=1, description="what the records become")


def _as_list(readings: object) -> list[object]:
    return list(readings) if isinstance(readings, list | tuple) else [readings]
