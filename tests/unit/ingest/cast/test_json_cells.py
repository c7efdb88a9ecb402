"""Values inside of cells: JSON, and dictionaries as Python writes them."""

import polars as pl
import pytest

from ingest.cast.json_cells import NO_RECORD, NO_VALUE, at_path, listed
from ingest.readers.cell_records import PYTHON_MAX, parsed

METRICS = "{'like_count': 31, 'reply_count': None, 'deep': {'view': 12345678901234567890, 'rate': 0.10}, 'ok': True}"


@pytest.mark.parametrize(
    ("cell", "path", "value"),
    [
        (METRICS, "like_count", "31"),
        (METRICS, "reply_count", None),
        (METRICS, "quote_count", None),
        (METRICS, "deep.view", "12345678901234567890"),
        (METRICS, "deep.rate", "0.1"),
        (METRICS, "ok", "true"),
        (METRICS, "missing | like_count", "31"),
        ('{"rate": 0.10, "id": "007"}', "rate", "0.10"),
        ('{"rate": 0.10, "id": "007"}', "id", "007"),
        ('{"likes": null}', "likes", None),
        ("{'it\\'s': 'l\\u00e9'}", "it's", "lé"),
        ("  {'a': 1} ", "a", "1"),
        ("", "a", None),
        (" ", "a", None),
        ("None", "a", None),
        (" null ", "a", None),
        ("nan", "a", None),
        ("<NA>", "a", None),
        ("none of it", "a", NO_RECORD + "none of it"),
        (None, "a", None),
        ("12", "a", NO_RECORD + "12"),
        ("{'a': 1", "a", NO_RECORD + "{'a': 1"),
        ("{'a': open('x')}", "a", NO_RECORD + "{'a': open('x')}"),
        ("{'a': nan}", "a", NO_RECORD + "{'a': nan}"),
        ("{'a': {'b': 1}}", "a", NO_VALUE + "{'a': {'b': 1}}"),
        ('{"a": [1, 2]}', "a", NO_VALUE + '{"a": [1, 2]}'),
        ('{"a": [1, 2]}', "a[]", "1"),
    ],
)
def test_a_value_at_a_path(cell: str | None, path: str, value: str | None) -> None:
    assert pl.select(at_path(pl.lit(cell, pl.String), path)).item() == value


def test_all_values_of_a_list() -> None:
    cell = "{'tags': [{'name': 'food'}, {'name': 'art'}, {'name': 'food'}, {}]}"
    assert pl.select(at_path(pl.lit(cell), "tags[].name", ", ")).item() == "food, art"


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ('["art", "tea"]', "art, tea"),
        (" ['art', 'tea', 'art'] ", "art, tea"),
        ('["art"]', "art"),
        ('["art", null, ""]', "art"),
        ("[7, 8]", "7, 8"),
        ("[]", None),
        ('[""]', None),
        (None, None),
        ("art; tea", "art; tea"),
        ("[art]", "[art]"),
        ("[ad] tea", "[ad] tea"),
        ('["art"', '["art"'),
        ('[{"name": "art"}]', NO_VALUE + '[{"name": "art"}]'),
        ('[["art"]]', NO_VALUE + '[["art"]]'),
        ('{"name": "art"}', NO_VALUE + '{"name": "art"}'),
    ],
)
def test_a_cell_that_is_a_list_of_names(cell: str | None, names: str | None) -> None:
    cells = pl.DataFrame({"names": [cell, "others"]}, schema={"names": pl.String})
    assert cells.select(listed(pl.col("names"), ", ")).to_series().to_list() == [names, "others"]


@pytest.mark.parametrize(
    "cell",
    [
        "[" * 5_000 + "]" * 5_000,
        "{'a': " * 2_000 + "1" + "}" * 2_000,
        "{'a': " + "-" * 20_000 + "1}",
        "{'a': " + "9" * 5_000 + "}",
        "{'a': '" + "x" * PYTHON_MAX + "'}",
        "{'a': 1j}",
        "{'a': b'x'}",
        "{[]: 1}",
        "{'a': 1}\x00",
        "('a', 1)",
        "{1, 2}",
        "\ud800",
    ],
)
def test_no_cell_is_more_than_its_reader_bears(cell: str) -> None:
    """A hostile cell is no record, or a harmless one: never an exception."""
    assert parsed(cell) is None or isinstance(parsed(cell), dict | list)
