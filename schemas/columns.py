"""The pieces every table is made of: a described column, the closed list of units, reading them back."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, get_args, get_origin

import polars as pl

if TYPE_CHECKING:
    import pandera.polars as pa

UNITS = frozenset(
    {
        "id",  # text that names a thing and is never calculated with
        "label",  # text from a closed or normalised list
        "text",  # free text as delivered
        "count",
        "average",  # a mean or median of counts
        "ratio",  # a fraction: 0.0753, never 7.53
        "cost",  # made of money: a mean, a quantile, a price for each of something; in the currency of the row
        "money",  # in the currency of the row's currency column
        "instant",  # UTC, without a zone
        "date",
        "flag",
        "bytes",
        "seconds",
        "days",
        "number",  # a published figure whose own `unit` column says what it is
    }
)

EARLIEST = datetime(1990, 1, 1)
LATEST = datetime(2200, 1, 1)
INT64_MAX = 2**63 - 1
# A count above this is a broken cell: no platform shows one beyond some 10^11, the views of its most watched channel.
COUNT_MAX = 1_000_000_000_000
# Sums of counts have a bound of their own, so that no rows that are right by themselves can break it together: it takes
# nine million accounts of COUNT_MAX followers each.
SUM_MAX = 9_000_000_000_000_000_000
# The largest rate is two counts over one follower; five times that leaves its rounding aside.
RATIO_MAX = 1e13
BYTES_MAX = 1_000_000_000_000_000
MONEY_MAX = 1_000_000_000_000_000
# The largest price over the smallest mean: one like on one of ten thousand million posts.
COST_MAX = 1e25

# UTC, without a zone, to the microsecond: Pandera calls the type with what follows it.
Instant: TypeAlias = Annotated[pl.Datetime, "us", None]


@dataclass(frozen=True)
class Declared:
    """What stands behind a column of a table: its description, and the checks that Pandera is to make."""

    description: str
    unit: str
    nullable: bool
    key: bool
    bounds: dict[str, Any]


def column(description: str, unit: str, *, nullable: bool = False, key: bool = False, **bounds: Any) -> Any:
    """A described column. Bounds follow from the unit unless they are given (Pandera check keywords)."""
    if unit not in UNITS:
        raise ValueError(f"unit {unit!r} of {description!r} is not one of {sorted(UNITS)}")
    return Declared(description, unit, nullable, key, bounds or _bounds_of(unit))


def _bounds_of(unit: str) -> dict[str, Any]:
    match unit:
        case "count":
            return {"ge": 0, "le": COUNT_MAX}
        case "bytes":
            return {"ge": 0, "le": BYTES_MAX}
        case "average":
            return {"in_range": {"min_value": 0, "max_value": COUNT_MAX}}
        case "ratio":
            return {"in_range": {"min_value": 0, "max_value": RATIO_MAX}}
        case "seconds":
            return {"in_range": {"min_value": 0, "max_value": 1e12}}
        case "days":
            return {"in_range": {"min_value": 0, "max_value": 1e5}}
        case "money":
            return {"ge": 0}
        case "cost":
            return {"in_range": {"min_value": 0, "max_value": COST_MAX}}
        case "instant":
            return {"in_range": {"min_value": EARLIEST, "max_value": LATEST}}
        case "date":
            return {"in_range": {"min_value": EARLIEST.date(), "max_value": LATEST.date()}}
        case "number":
            return {"in_range": {"min_value": -1e18, "max_value": 1e18}}
        case "id" | "label":
            return {"str_length": {"min_value": 1, "max_value": 500}}
        case _:
            return {}


@dataclass(frozen=True)
class ColumnFacts:
    """What a schema says of one column, as plain values."""

    name: str
    dtype: pl.DataType
    description: str
    unit: str
    nullable: bool
    key: bool


class Table:
    """The base of every table: no column beside the declared ones.

    Plain values, which cost nothing to import; `to_schema` makes the Pandera schema of them.
    """

    declared: ClassVar[dict[str, tuple[Any, Declared]]] = {}
    facts: ClassVar[tuple[ColumnFacts, ...]] = ()

    def __init_subclass__(cls) -> None:
        own: dict[str, tuple[Any, Any]] = {
            name: (kind, vars(cls).get(name)) for name, kind in vars(cls).get("__annotations__", {}).items()
        }
        if bare := [name for name, (_, told) in own.items() if not isinstance(told, Declared)]:
            raise TypeError(f"{cls.__name__}: not made by column(): {', '.join(bare)}")
        cls.declared = {**cls.declared, **own}
        facts = (
            ColumnFacts(name, _dtype(kind), told.description, told.unit, told.nullable, told.key)
            for name, (kind, told) in cls.declared.items()
        )
        cls.facts = tuple(sorted(facts, key=lambda fact: not fact.key))

    @classmethod
    def to_schema(cls) -> "pa.DataFrameSchema":
        """The Pandera schema."""
        from schemas.pandera_schema import schema_of

        return schema_of(cls)

    @classmethod
    def validate(cls, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows, every one of them checked; raises Pandera's SchemaErrors, which tell of every failure."""
        from schemas.rules import all_hold

        return rows if all_hold(cls, rows) else cls.to_schema().validate(rows, lazy=True)

    @classmethod
    def failures(cls, rows: pl.DataFrame) -> pl.DataFrame:
        """What breaks a rule, as Pandera tells it: `index` of the row, `column` and `check`; empty where nothing does."""
        from schemas.rules import all_hold

        if all_hold(cls, rows):
            return pl.DataFrame(schema={"index": pl.Int64, "column": pl.String, "check": pl.String})
        from schemas.pandera_schema import failures

        return failures(cls, rows)


def columns_of(model: type[Table]) -> tuple[ColumnFacts, ...]:
    """The columns of a table, keys first, with type, description, unit and nullability."""
    return model.facts


def grain_of(model: type[Table]) -> str:
    """The first sentence of the docstring: 'One row per ...'."""
    return (model.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ").strip()


def polars_schema(model: type[Table]) -> pl.Schema:
    """Column names and types as Polars wants them."""
    return pl.Schema({c.name: c.dtype for c in columns_of(model)})


def key_of(model: type[Table]) -> tuple[str, ...]:
    """The columns that identify a row."""
    return tuple(c.name for c in columns_of(model) if c.key)


def describe_type(dtype: pl.DataType) -> str:
    """A type in words a person who owns a spreadsheet understands."""
    if dtype == pl.String:
        return "text"
    if dtype == pl.Int64:
        return "a whole number"
    if dtype == pl.Boolean:
        return "true or false"
    if dtype == pl.Date:
        return "a date"
    if isinstance(dtype, pl.Datetime):
        return "a date and time with a zone"
    return "a number"


def _dtype(kind: Any) -> pl.DataType:
    """The type of an annotation: `str`, a class of Polars, or a class annotated with what it is called with."""
    if get_origin(kind) is Annotated:
        dtype, *parameters = get_args(kind)
        made: pl.DataType = dtype(*parameters)
        return made
    plain: pl.DataType = pl.String() if kind is str else kind()
    return plain
