"""Conditions on the cells of a record, as `where`, `where_not` and `null_where` of sources.toml state them."""

from typing import Annotated, Self

import polars as pl
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

PATTERN_MAX = 500


def _known_pattern(pattern: str) -> str:
    """Asked of Polars, whose patterns are matched in linear time."""
    if len(pattern) > PATTERN_MAX:
        raise ValueError(f"a pattern has at most {PATTERN_MAX} characters, and this one {len(pattern):,}")
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{pattern!r} is no pattern: {str(error).splitlines()[-1].strip()}") from None
    return pattern


class Condition(BaseModel):
    """What the cell of one column must be. Blanks around its text do not count."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    one_of: tuple[str, ...] | None = Field(default=None, min_length=1, description="one of these texts")
    flag: bool | None = Field(default=None, description="a flag that says so, however it is written: true, yes, 1")
    blank: bool | None = Field(default=None, description="empty, or not")
    matches: Annotated[str, AfterValidator(_known_pattern)] | None = Field(
        default=None, description="a text in which this pattern (a regular expression) is found"
    )

    @model_validator(mode="after")
    def one_kind(self) -> Self:
        if sum(given is not None for given in (self.one_of, self.flag, self.blank, self.matches)) != 1:
            raise ValueError(WANTED)
        return self


WANTED = 'write column = "text", ["one text", "another"], true, { blank = true } or { matches = "pattern" }'


def _condition(stated: object) -> object:
    """The short ways to state a condition, each as what it stands for."""
    if isinstance(stated, bool):
        return {"flag": stated}
    if isinstance(stated, str):
        return {"one_of": [stated]}
    if isinstance(stated, int):
        return {"one_of": [str(stated)]}
    if isinstance(stated, list | tuple):
        return {"one_of": [str(text) if type(text) is int else text for text in stated]}
    if isinstance(stated, dict | Condition):
        return stated
    raise ValueError(WANTED)


Conditions = dict[str, Annotated[Condition, BeforeValidator(_condition)]]
