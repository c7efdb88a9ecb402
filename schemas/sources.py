"""What sources.toml may say: how the files of one source become canonical rows.

A `[[source]]` names files by glob and says how they are written; each `[[source.load]]` below it
says how their records become rows of one dataset. One file may feed several datasets.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from schemas.columns import polars_schema
from schemas.tables import DATASETS, REQUIRED

NumberConvention = Literal["plain", "comma", "dot", "suffix", "percent", "words"]
KeyRecipe = Literal["handle", "row_hash"]

# One of these is always required, so a price list with ranges alone is readable.
ALTERNATIVES = {"price": ("price_min", "price_max")}


class Reading(BaseModel):
    """Where one canonical column comes from and how its text is to be understood."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    source: str | None = Field(default=None, alias="from", description="column of the export, by name")
    position: int | None = Field(default=None, ge=1, description="column of the export, counted from 1")
    value: str | None = Field(default=None, description="the same text for every row")
    key: KeyRecipe | None = Field(default=None, description="make a key: a bare handle, or a hash of the row")
    number: NumberConvention | None = Field(default=None, description="how numbers are written")
    date_format: str | None = Field(default=None, description="strptime format of dates")
    time_zone: str | None = Field(default=None, description="zone of times that carry none")
    null_words: tuple[str, ...] | None = Field(default=None, description="texts that mean not known")
    words: dict[str, str] = Field(default_factory=dict, description="texts to replace, before reading")

    @model_validator(mode="after")
    def one_origin(self) -> Self:
        origins = [self.source, self.position, self.value]
        given = sum(origin is not None for origin in origins)
        if given > 1 or (given == 0 and self.key != "row_hash"):
            raise ValueError('give exactly one of from = "column", position = 1, value = "text", or key = "row_hash"')
        return self


class Load(BaseModel):
    """How the records of a file become rows of one dataset."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    columns: dict[str, Reading]

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
        for name in REQUIRED[self.dataset]:
            if not {name, *ALTERNATIVES.get(name, ())} & set(self.columns):
                raise ValueError(f"{self.dataset} needs column {name!r}")
        return self


class Source(BaseModel):
    """One `[[source]]`: which files, how they are written, what they become."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: str = Field(description="glob inside the exports folder, such as rankings/*.csv")
    format: Literal["csv", "ndjson", "parquet"] | None = Field(default=None, description="told by content if absent")
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"
    skip_lines: int = Field(default=0, ge=0, description="lines before the header (or the first record)")
    header: bool = True
    number: NumberConvention = "plain"
    date_format: str | None = None
    time_zone: str | None = None
    null_words: tuple[str, ...] = ()
    constants: dict[str, str] = Field(default_factory=dict, description="columns with one value: platform, niche, currency")
    load: tuple[Load, ...] = Field(default=(), description="none: the header is a canonical one")

    @model_validator(mode="before")
    @classmethod
    def spread_constants(cls, data: object) -> object:
        """Constants are columns of every load that has such a column and does not say otherwise."""
        if not isinstance(data, dict) or "load" not in data:
            return data
        constants = data.get("constants", {})
        loads = []
        for load in data["load"]:
            known = polars_schema(DATASETS[load["dataset"]]) if load.get("dataset") in DATASETS else {}
            own = {name: {"value": text} for name, text in constants.items() if name in known}
            loads.append({**load, "columns": {**own, **load.get("columns", {})}})
        return {**data, "load": loads}


class Sources(BaseModel):
    """The whole of sources.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: tuple[Source, ...] = ()
