"""Keys that are stored: accounts and posts by their hash, members by a pseudonym.

Unlike hashes that live inside one query, these stay the same across versions. A member (follower, liker, commenter) is
a person: the lake keeps an HMAC of the id under a secret that lies outside of it, or, where the source declares that its
members are pseudonyms already, the plain hash.

A secret may be a chain, a part a line, the oldest first: what a lake holds is made anew from what it held
(`rekeyed`) each time that its key is rotated. The first part of the secret of plain hashes is empty.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl
import polars_hash as plh

NEXT_PART = "\n"


def stable_key(platform: str, identity: str) -> pl.Expr:
    """UInt64 of `platform:identity`, by xxh3; null where either column is."""
    key: pl.Expr = plh.concat_str(pl.col(platform), pl.col(identity), separator=":").nchash.xxh3_64()
    return key


def person_key(platform: str, name: str) -> pl.Expr:
    """The same of a name however it is written: with or without @, in capitals or small letters."""
    bare = pl.col(name).str.strip_chars().str.strip_chars_start("@").str.to_lowercase()
    key: pl.Expr = plh.concat_str(pl.col(platform), bare, separator=":").nchash.xxh3_64()
    return key


def member_key(member: str, secret: str | None) -> pl.Expr:
    """UInt64 of `platform:member`: 64 bits of its HMAC-SHA256 under the secret, its plain hash without one."""
    first, *later = (secret or "").split(NEXT_PART)
    text: Any = plh.concat_str(pl.col("platform"), pl.col(member), separator=":")
    key: pl.Expr = text.nchash.xxh3_64()
    return rekeyed(_under(text, first) if first else key, later)


def rekeyed(key: pl.Expr, secrets: Sequence[str]) -> pl.Expr:
    """A pseudonym made anew under each of these secrets in turn."""
    for secret in secrets:
        key = _under(key.cast(pl.String), secret)
    return key


def without_first(secret: str) -> str:
    """The secret of members who are pseudonyms already: what a chain was rotated to is for them too."""
    return NEXT_PART.join(["", *secret.split(NEXT_PART)[1:]])


def _under(text: Any, secret: str) -> pl.Expr:
    key: pl.Expr = text.chash.hmac_sha256(key=secret).nchash.xxh3_64()
    return key
