"""docs/sources.md says what sources.toml may say: every key, and examples that hold."""

import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from pydantic import BaseModel

from ingest.cast import parsing
from schemas.sources import ALTERNATIVES, KeyRecipe, Load, NumberConvention, Reading, Source, Sources
from schemas.tables import DATASETS, REQUIRED

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
NUMBERS = re.findall(r"^\| `(\w+)` \| `([^`]+)` \| ([0-9.]+) \|$", PAGE, re.MULTILINE)


def keys_of(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize("key", sorted(keys_of(Source) | keys_of(Load) | keys_of(Reading)))
def test_every_key_is_explained_and_used_in_an_example(key: str) -> None:
    assert re.search(rf"^\|[^|]*`{key}`", PAGE, re.MULTILINE), "no row of a table begins with it"
    assert re.search(rf"(^|[{{ .]){key}( =|\.|\]\])", "\n".join(EXAMPLES), re.MULTILINE), "no example uses it"


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_valid_declaration(example: str) -> None:
    assert Sources.model_validate(tomllib.loads(example)).source


@pytest.mark.parametrize("recipe", get_args(KeyRecipe))
def test_every_recipe_of_a_key_is_explained(recipe: str) -> None:
    assert f'`"{recipe}"`' in PAGE


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_dataset_is_listed_with_the_columns_it_needs(dataset: str) -> None:
    row = re.search(rf"^\| `{dataset}` \|.*$", PAGE, re.MULTILINE)
    assert row is not None
    needed = {name for column in REQUIRED[dataset] for name in (column, *ALTERNATIVES.get(column, ()))}
    assert needed == set(re.findall(r"`(\w+)`", row[0])) - {dataset}


def test_every_way_to_write_numbers_is_listed() -> None:
    assert [convention for convention, _, _ in NUMBERS] == list(get_args(NumberConvention))


@pytest.mark.parametrize(("convention", "cell", "number"), NUMBERS)
def test_the_cells_of_the_number_table_are_read_as_it_says(
    convention: NumberConvention, cell: str, number: str
) -> None:
    read = pl.select(parsing.decimal_number(pl.lit(cell), convention)).item()
    assert read == float(number)


@pytest.mark.parametrize(
    ("pattern", "cell"),
    [
        ("%d.%m.%Y %H:%M", "03.05.2026 14:30"),
        ("%m/%d/%Y %I:%M %p", "05/03/2026 02:30 PM"),
        ("%F %R", "2026-05-03 14:30"),
        ("%d %B %Y %H:%M", "3 May 2026 14:30"),
        ("%Y-%m-%d %H:%M %z", "2026-05-03 16:30 +0200"),
        ("epoch", "1777818600"),
        ("epoch", "1777818600000"),
    ],
)
def test_the_same_time_is_read_from_any_pattern(pattern: str, cell: str) -> None:
    read = pl.select(parsing.instant(pl.lit(cell), (pattern,), "UTC")).item()
    assert read == datetime(2026, 5, 3, 14, 30)


@pytest.mark.parametrize(
    ("pattern", "cell", "day"),
    [
        ("%Y", "2026", datetime(2026, 1, 1)),
        ("%Y-%m", "2026-05", datetime(2026, 5, 1)),
        ("%b %Y", "May 2026", datetime(2026, 5, 1)),
        ("%B %Y", "May 2026", datetime(2026, 5, 1)),
        ("%d %B %Y", "03 May 2026", datetime(2026, 5, 3)),
        ("%F", "2026-05-03", datetime(2026, 5, 3)),
    ],
)
def test_a_day_is_read_and_a_year_or_month_stands_for_its_first(pattern: str, cell: str, day: datetime) -> None:
    assert pl.select(parsing.day(pl.lit(cell), pattern)).item() == day.date()
    assert pl.select(parsing.instant(pl.lit(cell), (pattern,), "UTC")).item() == day
