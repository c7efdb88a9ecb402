"""The tier of a follower count under a scheme, and the marts that show the schemes."""

import polars as pl

from schemas.tiers import DEFAULT, DEFAULT_SCHEME, SCHEMES, Scheme


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
