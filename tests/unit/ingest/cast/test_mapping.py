"""What a header is taken for, and the format of a time column told from its first cells."""

import polars as pl
import pytest

from ingest.cast.canonical import canonical_dataset, canonical_load
from ingest.cast.mapping import plan_of
from schemas.errors import FileRefused
from schemas.sources import Source


@pytest.mark.parametrize(
    ("header", "dataset"),
    [
        ("platform account_id followers_count", "accounts"),
        ("followers_count account_id platform", "accounts"),
        ("platform account_id followers_count mood", "accounts"),
        ("platform post_id account_id like_count comment_count", "posts"),
        ("platform post_id account_id followers_count", "posts"),
        ("platform account_id follower_id", "follows"),
        ("platform post_id liker_id", "likes"),
        ("platform post_id commenter_id", "comments"),
        ("platform account_id price currency", "rates"),
        ("platform account_id price_min price_max currency", "rates"),
        # Posts whose account was forgotten look like their counts.
        ("platform post_id like_count", None),
        ("account_id followers_count", None),
        ("Platform Account_ID Followers_Count", None),
        ("platform", None),
        ("", None),
    ],
)
def test_the_dataset_of_a_header(header: str, dataset: str | None) -> None:
    assert canonical_dataset(header.split()) == dataset


def formats_of(source: Source, *cells: str | None) -> tuple[str, ...]:
    """The formats of observed_at, the best first, by these cells."""
    header = ["platform", "account_id", "followers_count", "observed_at"]
    sample = pl.DataFrame({name: ["1"] * len(cells) for name in header[:3]} | {"observed_at": list(cells)})
    return plan_of(canonical_load("accounts", header), source, header, sample).instant_formats["observed_at"]


@pytest.mark.parametrize(
    ("cells", "best"),
    [
        (["2026-08-01T12:00:00Z"], "%Y-%m-%dT%H:%M:%SZ"),
        (["2026-08-01 12:00:00 UTC"], "%Y-%m-%d %H:%M:%S UTC"),
        (["2026-08-01T12:00:00+02:00"] * 2 + ["2026-08-01T12:00:00Z"], "%Y-%m-%dT%H:%M:%S%z"),
        ([None, "", "2026-08-01 12:00:00+0200"], "%Y-%m-%d %H:%M:%S%z"),
    ],
)
def test_the_format_that_fits_most_cells_comes_first(cells: list[str | None], best: str) -> None:
    formats = formats_of(Source(files="a.csv"), *cells)
    assert formats[0] == best
    assert len(formats) > 1, "the others are tried where it fits not"


def test_clock_times_are_read_where_the_zone_is_declared() -> None:
    clock_time = "2026-08-01 12:00:00"
    assert "%Y-%m-%d %H:%M:%S" not in formats_of(Source(files="a.csv"), clock_time)
    assert formats_of(Source(files="a.csv", time_zone="Europe/Berlin"), clock_time)[0] == "%Y-%m-%d %H:%M:%S"


@pytest.mark.parametrize(
    ("date_format", "time_zone", "is_refused"),
    [
        ("%d.%m.%Y %H:%M", None, True),
        ("%d.%m.%Y %H:%M %Z", None, True),
        ("%d.%m.%Y %H:%M", "UTC", False),
        ("%d.%m.%Y %H:%M %z", None, False),
        ("%d.%m.%Y", None, False),  # a day alone
    ],
)
def test_a_declared_format_is_the_only_one_and_needs_a_zone(
    date_format: str, time_zone: str | None, is_refused: bool
) -> None:
    source = Source(files="a.csv", date_format=date_format, time_zone=time_zone)
    if is_refused:
        with pytest.raises(FileRefused, match="do not tell their zone"):
            formats_of(source, "01.08.2026")
    else:
        first, *others = formats_of(source, "01.08.2026")
        assert first == date_format
        assert others == (["%d.%m.%Y %H:%M %#z"] if "%z" in date_format else [])  # an offset of hours alone
