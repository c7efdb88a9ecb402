"""Whether the cells below a header are of its kind: when a whole file is taken to have another header."""

import polars as pl
import pytest

from ingest.cast.canonical import canonical_load
from ingest.cast.header_check import shifted_column
from ingest.cast.mapping import plan_of
from schemas.sources import Source

NAMES = ["kim", "liina", "ott", "ann", "peeter", "uku"]
TIME = "2026-08-01T12:00:00Z"


def found_in(**columns: list[str | None]) -> str | None:
    """The column of accounts that is said to hold other text."""
    length = len(next(iter(columns.values())))
    texts = {"platform": ["x"] * length, "account_id": ["1"] * length, **columns}
    sample = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String))
    plan = plan_of(canonical_load("accounts", sample.columns), Source(files="a.csv"), sample.columns, sample)
    found = shifted_column(sample, plan)
    return found.name if found else None


@pytest.mark.parametrize(
    ("cells", "is_shifted"),
    [
        (NAMES, True),
        (NAMES[:5], True),
        (NAMES[:4], False),  # too few to tell
        ([*NAMES[:4], None, "", " "], False),
        ([*NAMES[:5], None, ""], True),
        (["kim"] * 19 + ["1"], True),
        (["kim"] * 18 + ["1"], False),
        (["1", "2", "3", "4", "5"], False),
        (["1.2M", "3.4M", "5M", "7k", "9"], False),  # numbers, written otherwise
        (["1.500,50"] * 6, False),
        (["12 %"] * 6, False),
        (["9" * 20] * 6, False),  # too large, and still numbers
        (["-1"] * 6, False),
        ([TIME] * 6, True),
        (["https://x.example/1"] * 6, True),
        ([], False),
    ],
)
def test_a_column_of_counts(cells: list[str | None], is_shifted: bool) -> None:
    assert found_in(followers_count=cells) == ("followers_count" if is_shifted else None)


@pytest.mark.parametrize(
    ("cells", "is_shifted"),
    [
        (NAMES, True),
        (["1", "20", "300", "40", "5"], True),
        ([TIME] * 6, False),
        (["01.08.2026"] * 6, False),  # times, written otherwise
        (["Aug 1"] * 6, False),
        (["2026-08-01 12:00:00"] * 6, False),  # without a zone
        (["1785585600"] * 6, False),
    ],
)
def test_a_column_of_times(cells: list[str | None], is_shifted: bool) -> None:
    assert found_in(followers_count=["1"] * len(cells), observed_at=cells) == ("observed_at" if is_shifted else None)


def test_columns_of_text_hold_any_text() -> None:
    assert found_in(followers_count=["1"] * 6, niche=["5"] * 6, username=["2026-08-01"] * 6) is None
