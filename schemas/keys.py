"""Keys that are stored: accounts and posts by their hash, members by a pseudonym.

Unlike the hashes of `keys.py`, which live inside one query, these stay the same across versions. A member (follower,
liker, commenter) is a person: the lake keeps an HMAC of the id under a secret that lies outside of it, or, where the
source declares that its members are pseudonyms already, the plain hash.
"""

from typing import Any

import polars as pl
import polars_hash as plh


def stable_key(platform: str, identity: str) -> pl.Expr:
    """UInt64 of `platform:identity`, by xxh3; null where either column is."""
    key: pl.Expr = plh.concat_str(pl.col(platform), pl.col(identity), separator=":").nchash.xxh3_64()
    return key


def member_key(member: str, secret: str | None) -> pl.Expr:
    """UInt64 of `platform:member`: 64 bits of its HMAC-SHA256 under the secret, its plain hash without one."""
    text: Any = plh.concat_str(pl.col("platform"), pl.col(member), separator=":")
    pseudonym = text if secret is None else text.chash.hmac_sha256(key=secret)
    key: pl.Expr = pseudonym.nchash.xxh3_64()
    return key
