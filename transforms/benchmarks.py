"""Published benchmark tables as data, each with its source, its date and what speaks against it.

A benchmark without its date and its denominator cannot be compared: the same page has shown TikTok rates six times as
high from one year to the next, most likely because it began to divide by views.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from schemas.benchmarks import Benchmarks
from schemas.columns import polars_schema

SECOND_HAND = "quoted by others; the source's own page was not seen"
ROUNDED_FLAT = f"'about 1.7 %, then flat': the exact value was not published; {SECOND_HAND}"
SWAPPED = "the labels mean and median are probably swapped: with such a skew no median lies above the mean"
SILENT_CHANGE = "six times the figures of March 2023 on the same page with the same formula: the denominator seems to have become views"
NOT_UP_TO = "an average, where the article of 2017 says up to"


@dataclass(frozen=True)
class Published:
    """One figure for each band of a table. Bands follow one another: each ends where the next begins, the last is open."""

    source: str
    scheme: str
    platform: str
    statistic: str
    numerator: str
    denominator: str
    on: date
    values: tuple[float, ...]
    bounds: tuple[int | None, ...]
    unit: str = "ratio"
    precision: str = "month"
    caveat: str | None = None
    caveats: tuple[tuple[int, str], ...] = ()  # by the lower bound of the band concerned


def percent(*values: float) -> tuple[float, ...]:
    """Rates as sources print them, as fractions."""
    return tuple(round(value / 100, 8) for value in values)


MARKERLY_BANDS = (0, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, None)
HYPEAUDITOR_BANDS = (0, 1_000, 5_000, 20_000, 100_000, 1_000_000, None)
MODASH_BANDS = (1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, None)
INFLUENCE4YOU_BANDS = (1_000, 5_000, 20_000, 100_000, 500_000, 1_000_000, None)
INFLUENCERDB_BANDS = (1_000, 5_000, 10_000, None)
CAPTIV8_BAND = (3_000_000, 7_000_000)
EDGES = ("below_usual_under", "average_from", "average_below", "high_from")

MODASH_INSTAGRAM = (
    percent(1.72, 0.62, 0.39, 0.32, 0.41, 0.46, 0.57),
    percent(3.38, 1.25, 0.84, 0.75, 0.87, 0.88, 1.02),
    percent(4.42, 1.62, 1.11, 1.01, 1.14, 1.13, 1.27),
    percent(7.97, 3.54, 2.61, 2.47, 2.63, 2.46, 2.60),
)
MODASH_YOUTUBE = (
    percent(0.41, 0.16, 0.09, 0.05, 0.04, 0.03, 0.02),
    percent(1.47, 0.59, 0.36, 0.23, 0.19, 0.16, 0.13),
    percent(2.02, 0.82, 0.51, 0.33, 0.27, 0.24, 0.18),
    percent(6.42, 2.62, 1.66, 1.08, 0.86, 0.71, 0.59),
)
MODASH_ON = date(2025, 1, 1)
NO_DATE = "the page prints no date; it was read in 2025"


def _modash_tiktok(
    on: date, edge: str, values: tuple[float, ...], denominator: str, caveat: str | None
) -> list[Published]:
    """Three bands of seven are known, so each is a table of its own."""
    bands = ((1_000, 5_000), (10_000, 50_000), (1_000_000, None))
    return [
        Published(
            "Modash", "modash", "tiktok", edge, "likes_and_comments", denominator, on, (value,), band, caveat=caveat
        )
        for value, band in zip(values, bands, strict=True)
    ]  # fmt: skip


PUBLISHED: tuple[Published, ...] = (
    Published(
        "Markerly", "markerly_bands", "instagram", "mean", "likes", "followers", date(2016, 4, 1),
        percent(8, 4, 2.37, 1.7, 1.66, 1.6), MARKERLY_BANDS, caveats=((100_000, ROUNDED_FLAT),),
    ),
    *(
        Published(
            "HypeAuditor", "hypeauditor_2018", "instagram", statistic, "likes_and_comments", "followers",
            date(2018, 3, 1), percent(*values), HYPEAUDITOR_BANDS, caveat=caveat,
        )
        for statistic, values, caveat in (
            ("mean", (10.58, 4.26, 2.28, 1.62, 1.55, 1.54), SWAPPED),
            ("median", (16.99, 6.45, 3.76, 2.63, 2.57, 2.56), SWAPPED),
            ("max", (6600, 281.17, 220.69, 268.76, 98.16, 34.77), None),
        )
    ),
    *(
        Published(
            "Modash", "modash", platform, edge, "likes_and_comments", "followers", MODASH_ON, values, MODASH_BANDS,
            precision="year", caveat=NO_DATE,
        )
        for platform, table in (("instagram", MODASH_INSTAGRAM), ("youtube", MODASH_YOUTUBE))
        for edge, values in zip(EDGES, table, strict=True)
    ),
    *_modash_tiktok(date(2023, 3, 1), "average_from", percent(1.82, 0.76, 1.06), "followers", None),
    *_modash_tiktok(date(2023, 3, 1), "average_below", percent(2.19, 1.04, 1.34), "followers", None),
    *_modash_tiktok(date(2025, 11, 1), "average_from", percent(12.06, 8.38, 6.20), "not_stated", SILENT_CHANGE),
    *_modash_tiktok(date(2025, 11, 1), "average_below", percent(14.04, 9.37, 6.84), "not_stated", SILENT_CHANGE),
    Published(
        "Influence4You", "influence4you_2020", "instagram", "mean", "likes_and_comments", "followers",
        date(2020, 1, 1), percent(8.11, 4.11, 3.65, 3.27, 3.26, 2.89), INFLUENCE4YOU_BANDS,
        precision="year", caveat=SECOND_HAND,
    ),
    Published(
        "InfluencerDB", "influencerdb_2019", "instagram", "mean", "likes_and_comments", "followers",
        date(2019, 1, 1), percent(8.8, 6.3, 3.6), INFLUENCERDB_BANDS, precision="year", caveat=SECOND_HAND,
    ),
    *(
        Published(
            "Captiv8", "captiv8_2016", platform, "mean", "price", "posts", date(2016, 10, 1), (value,), CAPTIV8_BAND,
            unit="USD", caveat=NOT_UP_TO,
        )
        for platform, value in (
            ("youtube", 187_500.0), ("facebook", 93_750.0), ("instagram", 75_000.0), ("snapchat", 75_000.0),
            ("twitter", 30_000.0),
        )
    ),
)  # fmt: skip


def benchmarks() -> pl.DataFrame:
    """The mart `benchmarks`."""
    return pl.DataFrame(
        [
            {
                "source": table.source,
                "scheme": table.scheme,
                "platform": table.platform,
                "band": _band(low, below),
                "statistic": table.statistic,
                "numerator": table.numerator,
                "denominator": table.denominator,
                "as_of_date": table.on,
                "as_of_precision": table.precision,
                "followers_min": low,
                "followers_below": below,
                "value": value,
                "unit": table.unit,
                "caveat": dict(table.caveats).get(low, table.caveat),
            }
            for table in PUBLISHED
            for (low, below), value in zip(_bands(table), table.values, strict=True)
        ],
        schema=polars_schema(Benchmarks),
    )


def _bands(table: Published) -> list[tuple[int, int | None]]:
    return [(low, below) for low, below in pairwise(table.bounds) if low is not None]


def _band(low: int, below: int | None) -> str:
    return f"{_short(low)} or more" if below is None else f"{_short(low)} to {_short(below)}"


def _short(count: int) -> str:
    return f"{count // 1_000_000}M" if count >= 1_000_000 else f"{count // 1_000}k" if count >= 1_000 else str(count)
