"""Tier schemes as data, and the tier of a follower count under one of them."""

from dataclasses import dataclass

import polars as pl

from schemas.tiers import DEFAULT_SCHEME


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


def tier_rank_of(followers: pl.Expr, scheme: Scheme) -> pl.Expr:
    """UInt8 from 1, small to large; null without followers or below the scheme's lowest bound."""
    rank = pl.sum_horizontal(followers >= bound for _, bound in scheme.tiers).cast(pl.UInt8)
    return pl.when(followers.is_not_null() & (rank > 0)).then(rank)


def tier_names(rank: pl.Expr, scheme: Scheme) -> pl.Expr:
    """The names of ranks."""
    names = {number: name for number, (name, _) in enumerate(scheme.tiers, start=1)}
    return rank.replace_strict(names, default=None, return_dtype=pl.String)


def tier_of(followers: pl.Expr, scheme: Scheme) -> pl.Expr:
    """Text; null without followers or below the scheme's lowest bound."""
    return tier_names(tier_rank_of(followers, scheme), scheme)


def default_tier_of(followers: pl.Expr) -> pl.Expr:
    """The tier under the default scheme."""
    return tier_of(followers, DEFAULT)


def default_tier_rank_of(followers: pl.Expr) -> pl.Expr:
    """The rank of that tier."""
    return tier_rank_of(followers, DEFAULT)


def tier_schemes() -> pl.DataFrame:
    """The mart `tier_schemes`."""
    return pl.DataFrame(
        [{"scheme": s.name, "description": s.description, "is_default": s.name == DEFAULT_SCHEME} for s in SCHEMES]
    )


def tiers() -> pl.DataFrame:
    """The mart `tiers`."""
    return pl.DataFrame(
        [
            {
                "scheme": scheme.name,
                "tier": name,
                "tier_rank": rank,
                "followers_min": bound,
                "followers_below": scheme.tiers[rank][1] if rank < len(scheme.tiers) else None,
            }
            for scheme in SCHEMES
            for rank, (name, bound) in enumerate(scheme.tiers, start=1)
        ],
        schema_overrides={"followers_below": pl.Int64},
    )
