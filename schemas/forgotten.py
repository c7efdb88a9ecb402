"""Who is forgotten: people and accounts whose rows no file brings in any more.

They are known by a hash of platform and name. It is no secret, as anybody can hash a name, so the lake keeps the hashes
encrypted under the key of the home folder.
"""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from schemas.keys import person_key, stable_key

MEMBER_COLUMNS = ("follower_id", "liker_id", "commenter_id")
ACCOUNT_COLUMNS = ("account_id", "username")


@dataclass(frozen=True)
class Forgotten:
    """Hashes of the names of forgotten members and accounts (`person_key`), and of those accounts' posts (`stable_key`)."""

    members: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    posts: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.members or self.accounts or self.posts)

    def __or__(self, other: "Forgotten") -> "Forgotten":
        return Forgotten(self.members | other.members, self.accounts | other.accounts, self.posts | other.posts)

    def is_in(self, columns: Collection[str], *, undirected: bool = False, prefix: str = "") -> pl.Expr:
        """Whether a canonical row tells of somebody forgotten. In an undirected list both ends are members."""
        members = [name for name in MEMBER_COLUMNS if f"{prefix}{name}" in columns]
        if undirected:
            members.append("account_id")
        found = [
            _among(person_key(f"{prefix}platform", f"{prefix}{name}"), keys)
            for names, keys in ((members, self.members), (ACCOUNT_COLUMNS, self.accounts))
            for name in names
            if keys and f"{prefix}{name}" in columns
        ]
        # A post row has its account, and one post may be delivered for several.
        if self.posts and f"{prefix}post_id" in columns and f"{prefix}account_id" not in columns:
            found.append(_among(stable_key(f"{prefix}platform", f"{prefix}post_id"), self.posts))
        return pl.any_horizontal(found).fill_null(value=False) if found else pl.lit(value=False)


NOBODY = Forgotten()


def _among(key: pl.Expr, keys: Collection[int]) -> pl.Expr:
    return key.is_in(pl.Series(sorted(keys), dtype=pl.UInt64).implode())
