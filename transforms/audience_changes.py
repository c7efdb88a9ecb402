"""Which accounts of an audience must be counted again: those whose inputs have another fingerprint than before."""

from collections.abc import Iterable, Mapping

import polars as pl

KINDS = ("follows", "acts")


def rows_to_fingerprints(parts: Mapping[int, pl.LazyFrame], kind: str) -> pl.DataFrame:
    """A fingerprint of each account's rows: (account_key, <kind>_fingerprint, <kind>_rows).

    The sum of the rows' hashes, and how many rows they are. Parts are hashed with their number as a seed: the same keys
    and time in a list of likes and in one of comments are not the same.
    """
    hashed = [
        rows.select("account_key", pl.struct(pl.all()).hash(seed=seed).alias("hash")) for seed, rows in parts.items()
    ]
    total, rows = pl.col("hash").sum().alias(f"{kind}_fingerprint"), pl.len().alias(f"{kind}_rows")
    return pl.concat(hashed).group_by("account_key").agg(total, rows).collect()


def fingerprints_to_changed(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Accounts whose fingerprints differ: (account_key, follows, rows).

    `follows` is whether their followers may differ, and not only who engaged; `rows` about how many rows are new.
    """
    both = now.join(before, on="account_key", how="full", coalesce=True, suffix="_before")
    follows_differ, acts_differ = (
        pl.any_horizontal(
            pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in (f"{kind}_fingerprint", f"{kind}_rows")
        )
        for kind in KINDS
    )
    rows_now, rows_before = (
        pl.sum_horizontal(pl.col([f"{kind}_rows{at}" for kind in KINDS]).cast(pl.Int64)) for at in ("", "_before")
    )
    new = (rows_now - rows_before).clip(0).alias("rows")
    return both.filter(follows_differ | acts_differ).select("account_key", follows_differ.alias("follows"), new)


def edges_to_changed(edges: pl.LazyFrame, *, is_follows: bool) -> pl.DataFrame:
    """Accounts that edges are new of: (account_key, follows, rows)."""
    accounts = edges.group_by("account_key").agg(pl.len().cast(pl.Int64).alias("rows")).collect()
    return accounts.select("account_key", pl.lit(is_follows).alias("follows"), "rows")


def together(changed: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Changed accounts found in several ways, each once."""
    return pl.concat(changed).group_by("account_key").agg(pl.col("follows").any(), pl.col("rows").sum())


def share_of_edges(counts: pl.DataFrame, changed: pl.DataFrame) -> float:
    """How much of the edges that were counted before, and are new, are those of the changed accounts: 0 to 1."""
    counted = pl.col("followers_known_count") + pl.col("listed_like_count") + pl.col("listed_comment_count")
    every = counts.filter(pl.col("time_window") == "all_time").select("account_key", counted.alias("edges"))
    of_changed = every.join(changed, on="account_key", how="semi")
    total, touched = (int(rows.get_column("edges").sum()) for rows in (every, of_changed))
    new = int(changed.get_column("rows").sum())
    return (touched + new) / (total + new) if total else 1.0


def with_changed(before: pl.DataFrame, changed: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Rows of an earlier count with those of the changed accounts replaced."""
    return pl.concat([before.join(changed, on="account_key", how="anti"), now])


def among(name: str, rows: pl.DataFrame) -> pl.Expr:
    """Whether a key is one of some rows'."""
    return pl.col(name).is_in(rows.get_column(name).implode())
