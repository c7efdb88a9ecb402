"""Tables of evidence, of which faulty rows are left out: they tell of the data, and must not keep its figures back."""

import polars as pl

from schemas.columns import Table, key_of, polars_schema
from warehouse.in_files import Frame


def sound_rows(name: str, model: type[Table], rows: Frame, *, is_keyed: bool) -> tuple[pl.DataFrame, str | None]:
    """The rows that keep the rules of their table, and what is said of the others; null where there are none.

    Args:
        name: The table.
        model: Its schema.
        rows: What it should hold.
        is_keyed: Whether a key may stand in one row only. Of several the first in the order of all columns stays.
    """
    try:
        made = rows.lazy().select(polars_schema(model).names()).collect()
    except pl.exceptions.PolarsError as error:
        return _none(model), f"{name}: all rows left out: they could not be made ({type(error).__name__})"
    sound, broken = _keeping_rules(model, made)
    key = list(key_of(model))
    if is_keyed and sound.select(key).is_duplicated().any():
        sound = sound.sort(sound.columns).unique(key, keep="first", maintain_order=True)
        broken.append("a key stands in more than one row")
    gone = made.height - sound.height
    return sound, f"{name}: {gone:,} of {made.height:,} rows left out: {', '.join(broken)}" if gone else None


def _keeping_rules(model: type[Table], made: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The rows that pass the schema, and the rules that the others break; no row where the table itself breaks one."""
    failures = model.failures(made)
    broken = failures.select(pl.format("{} {}", "column", "check")).to_series().unique(maintain_order=True).to_list()
    places = failures.get_column("index")
    if places.null_count():
        return _none(model), broken
    return made.with_row_index("__row").filter(~pl.col("__row").is_in(places.unique().implode())).drop("__row"), broken


def _none(model: type[Table]) -> pl.DataFrame:
    return polars_schema(model).to_frame()
