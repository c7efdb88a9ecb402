"""Tiers: named follower bands, and the schemes that define them. A tier without its scheme means nothing, so both are data."""

from dataclasses import dataclass

import polars as pl

from schemas.columns import Table, column

DEFAULT_SCHEME = "article"


@dataclass(frozen=True)
class Scheme:
    """Tiers from small to large: each begins at its bound and ends below the next; the last is open."""

    name: str
    description: str
    tiers: tuple[tuple[str, int], ...]


SCHEMES = (
    Scheme(
        "article",
        "Who is a Micro-Influencer? (2017); it fixes micro only, the rest completes the line",
        (("nano", 0), ("micro", 1_000), ("macro", 100_000), ("mega", 1_000_000)),
    ),
    Scheme(
        "mediakix",
        "Mediakix, also Hootsuite and IZEA",
        (("nano", 1_000), ("micro", 10_000), ("mid", 50_000), ("macro", 500_000), ("mega", 1_000_000)),
    ),
    Scheme(
        "hypeauditor_2018",
        "HypeAuditor, March 2018",
        (("nano", 1_000), ("micro", 5_000), ("mid", 20_000), ("macro", 100_000), ("mega", 1_000_000)),
    ),
    Scheme(
        "later_fohr",
        "Later and Fohr",
        (("nano", 0), ("micro", 10_000), ("mid", 100_000), ("macro", 500_000), ("mega", 1_000_000)),
    ),
    Scheme(
        "markerly_bands",
        "Markerly, Instagram, April 2016",
        (
            ("under_1k", 0),
            ("1k_10k", 1_000),
            ("10k_100k", 10_000),
            ("100k_1m", 100_000),
            ("1m_10m", 1_000_000),
            ("over_10m", 10_000_000),
        ),
    ),
)
DEFAULT = next(scheme for scheme in SCHEMES if scheme.name == DEFAULT_SCHEME)


class TierSchemes(Table):
    """One row per tier scheme."""

    scheme: str = column("Name of the scheme", "label", key=True)
    description: str = column("Who cuts the bands this way", "text")
    is_default: pl.Boolean = column("The scheme of accounts.tier", "flag")


class Tiers(Table):
    """One row per tier of a scheme, with half-open bounds."""

    scheme: str = column("Name of the scheme", "label", key=True)
    tier: str = column("Name of the tier", "label", key=True)
    tier_rank: pl.Int64 = column("Order from small to large, from 1", "count")
    followers_min: pl.Int64 = column("Fewest followers, inside the tier", "count")
    followers_below: pl.Int64 = column("First count above the tier; null when open", "count", nullable=True)
