"""Tables as Pandera schemas, for the rows that break a rule: Pandera is imported where one is found."""

from typing import Any

import polars as pl

from schemas.columns import Declared, Table, polars_schema
from schemas.pandera_alone import pandera_alone

with pandera_alone():
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

    # Pandera looks again for what may be installed when it first checks anything.
    pa.DataFrameSchema({"x": pa.Column(pl.Int64, pa.Check.ge(0))}).validate(pl.DataFrame({"x": [0]}))


_made: dict[type[Table], pa.DataFrameSchema] = {}


def schema_of(model: type[Table]) -> pa.DataFrameSchema:
    """The Pandera schema of a table: no column beside the declared ones."""
    if model not in _made:
        types = polars_schema(model)
        columns = {name: _column(types[name], told) for name, (_, told) in model.declared.items()}
        _made[model] = pa.DataFrameSchema(columns, strict=True, name=model.__name__, description=model.__doc__)
    return _made[model]


def _column(dtype: pl.DataType, told: Declared) -> pa.Column:
    return pa.Column(
        dtype,
        checks=[_check(keyword, bound) for keyword, bound in told.bounds.items()],
        nullable=told.nullable,
        description=told.description,
        metadata={"unit": told.unit, "key": told.key},
    )


def failures(model: type[Table], rows: pl.DataFrame) -> pl.DataFrame:
    """Each value that breaks a rule: `index` of its row, `column` and `check`."""
    try:
        schema_of(model).validate(rows, lazy=True)
    except SchemaErrors as errors:
        found: pl.DataFrame = errors.failure_cases
        return found.select("index", "column", "check")
    return pl.DataFrame(schema={"index": pl.Int64, "column": pl.String, "check": pl.String})


def _check(keyword: str, bound: Any) -> pa.Check:
    check = getattr(pa.Check, keyword)
    made: pa.Check = check(**bound) if isinstance(bound, dict) else check(bound)
    return made
