"""Who a request to forget means: every way a name is written, and the accounts that bear it as id or handle."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import product

import polars as pl

from schemas.forgotten import Forgotten
from schemas.keys import member_key, person_key, stable_key, without_first
from schemas.tables import DATASETS
from schemas.times import times_of
from warehouse.lake.commits import Entry
from warehouse.lake.edges import EDGE_SCHEMAS
from warehouse.lake.forgotten import Name, Request
from warehouse.lake.ledger import ACCOUNTS_OF_LISTS, Lake

NOT_SHOWN = "(not shown: it names somebody who is forgotten)"
# Of a name with so few letters every mix of capitals and small letters is looked for, as of all handles of X; of others
# those that are usual.
LETTERS_MAX = 15
# A shorter name is in too many texts that do not mean it.
FOUND_IN_TEXT_MIN = 6
NAMES = pl.Schema({"platform": pl.String, "name": pl.String})


@dataclass(frozen=True)
class Sought:
    """The keys and names that a request is about, as segments and the ledger have them."""

    request: Request
    secret: str

    @cached_property
    def forgotten(self) -> Forgotten:
        """What later deliveries are asked for."""
        members, accounts = (_keys(_frame(names), person_key("platform", "name")) for names in self._names)
        return Forgotten(members, accounts, frozenset(self.request.posts))

    def is_gone(self, dataset: str, columns: Collection[str], *, undirected: bool = False) -> pl.Expr:
        """Whether a row of a segment that has these columns is to be taken out."""
        keys = {"member_key": self._member_keys, "account_key": self._account_keys, "post_key": self.request.posts}
        if undirected:
            keys["account_key"] = self._account_keys | self._members_as_accounts
        found = [_among(name, own) for name, own in keys.items() if own and name in columns]
        if dataset not in EDGE_SCHEMAS and dataset != ACCOUNTS_OF_LISTS:
            found.append(self.forgotten.is_in(columns))
        if self.request.before and dataset in EDGE_SCHEMAS:
            found.append(is_expired(dataset, columns, datetime.fromisoformat(self.request.before)))
        return pl.any_horizontal(found).fill_null(value=False) if found else pl.lit(value=False)

    def is_named(self, text: pl.Expr) -> pl.Expr:
        """Whether a text is one of the names, or has one in it."""
        bare = text.str.strip_chars().str.strip_chars_start("@").str.to_lowercase()
        found = bare.is_in(pl.Series(self._bare, dtype=pl.String).implode())
        if long := [name for name in self._bare if len(name) >= FOUND_IN_TEXT_MIN]:
            found |= text.str.to_lowercase().str.contains_any(long)
        return found.fill_null(value=False)

    def without_names(self, entry: Entry) -> Entry:
        """The entry of a file without pages of these accounts' lists, and without a note or a column that names somebody."""
        pages = pl.DataFrame(
            [(page.platform, page.account_id, page.post_id) for page in entry.pages],
            schema=dict.fromkeys(("platform", "account_id", "post_id"), pl.String),
            orient="row",
        )
        of_post = stable_key("platform", "post_id").is_in(pl.Series(self.request.posts, dtype=pl.UInt64).implode())
        gone = pages.select(self.forgotten.is_in(pages.columns) | of_post.fill_null(value=False)).to_series()
        if entry.note and pl.select(self.is_named(pl.lit(entry.note))).item():
            entry = replace(entry, note=NOT_SHOWN)
        columns = {NOT_SHOWN if _bare(name) in self._bare else name: kind for name, kind in entry.columns.items()}
        entry = replace(entry, columns=columns)
        return replace(entry, pages=tuple(page for page, is_gone in zip(entry.pages, gone, strict=True) if not is_gone))

    @property
    def _names(self) -> tuple[Sequence[Name], Sequence[Name]]:
        """Whoever is forgotten as an account is so as a member too."""
        return (*self.request.members, *self.request.accounts), self.request.accounts

    @cached_property
    def _bare(self) -> list[str]:
        return sorted({_bare(name) for _, name in self._names[0]})

    @cached_property
    def _member_keys(self) -> frozenset[int]:
        written = _written(self._names[0])
        ways = (member_key("name", way) for way in (self.secret, without_first(self.secret)))
        return frozenset().union(*(_keys(written, way) for way in ways))

    @cached_property
    def _account_keys(self) -> frozenset[int]:
        return _keys(_written(self.request.accounts), stable_key("platform", "name"))

    @cached_property
    def _members_as_accounts(self) -> frozenset[int]:
        return _keys(_written(self.request.members), stable_key("platform", "name"))


def resolved(lake: Lake, request: Request) -> Request:
    """The request with every name that the lake knows of the same people and accounts, and with those accounts' posts."""
    listed = _listed_accounts(lake)
    members, accounts = (_with_known_names(listed, names) for names in (request.members, request.accounts))
    return replace(request, members=members, accounts=accounts, posts=_posts_of(lake, accounts))


def listed_among(lake: Lake, names: Sequence[Name]) -> int:
    """How many accounts of the lake bear one of the names."""
    return _bearers(_listed_accounts(lake), names).select("platform", "account_id").n_unique()


def files_named(lake: Lake, names: Sequence[Name]) -> int:
    """How many files of the ledger have one of the names in their own, which stays as it is in the exports."""
    files = pl.Series([entry.file for _, entry in lake.entries()], dtype=pl.String)
    return int(pl.select(Sought(Request("", tuple(names)), "").is_named(pl.lit(files)).sum()).item())


def is_expired(dataset: str, columns: Collection[str], before: datetime) -> pl.Expr:
    """Whether all that an edge tells of its time lies before an instant; of one without a time nothing tells."""
    times = [pl.col(name) for name in times_of(dataset) if name in columns]
    return (pl.max_horizontal(times) < before).fill_null(value=False) if times else pl.lit(value=False)


def _with_known_names(listed: pl.DataFrame, names: Sequence[Name]) -> tuple[Name, ...]:
    found = _bearers(listed, names)
    known = [
        (platform, name)
        for column in ("account_id", "username")
        for platform, name in found.select("platform", column).drop_nulls().rows()
    ]
    return tuple(dict.fromkeys([*names, *known]))


def _bearers(listed: pl.DataFrame, names: Sequence[Name]) -> pl.DataFrame:
    """The accounts whose id or handle is among the names."""
    keys = Forgotten(accounts=_keys(_frame(names), person_key("platform", "name")))
    return listed.filter(keys.is_in(listed.columns))


def _listed_accounts(lake: Lake) -> pl.DataFrame:
    """platform, account_id and username of every account that any row tells of."""
    schema = {"platform": pl.String, "account_id": pl.String, "username": pl.String}
    found = [pl.DataFrame(schema=schema)]
    for dataset in (*(name for name in DATASETS if name not in EDGE_SCHEMAS), ACCOUNTS_OF_LISTS):
        for path in sorted((lake.root / "segments" / dataset).rglob("*.parquet")):
            rows = pl.scan_parquet(path, glob=False)
            columns = rows.collect_schema().names()
            if "account_id" in columns:
                given = [name if name in columns else pl.lit(None, pl.String).alias(name) for name in schema]
                found.append(rows.select(given).unique().collect())
    return pl.concat(found).unique()


def _posts_of(lake: Lake, accounts: Sequence[Name]) -> tuple[int, ...]:
    """The keys of posts that no delivery gives to any other account."""
    keys = Forgotten(accounts=_keys(_frame(accounts), person_key("platform", "name")))
    if not keys:
        return ()
    found: tuple[list[pl.DataFrame], list[pl.DataFrame]] = ([], [])
    for path in sorted((lake.root / "segments" / "posts").rglob("*.parquet")):
        own = keys.is_in(("platform", "account_id"))
        rows = pl.scan_parquet(path, glob=False).select(
            stable_key("platform", "post_id").alias("key"), own.alias("own")
        )
        for part, wanted in zip(found, (True, False), strict=True):
            part.append(rows.filter(pl.col("own") == wanted).select("key").unique().collect())
    if not found[0]:
        return ()
    theirs, others = (pl.concat(part).unique() for part in found)
    return tuple(theirs.join(others, on="key", how="anti").get_column("key").sort())


def _written(names: Iterable[Name]) -> pl.DataFrame:
    """Every way in which the names may have been delivered."""
    found = {(platform, form) for platform, name in names for form in _forms(name)}
    return _frame(sorted(found))


def _forms(name: str) -> set[str]:
    given = name.strip()
    bare = given.lstrip("@")
    if sum(letter.lower() != letter.upper() for letter in bare) <= LETTERS_MAX:
        cases = {"".join(letters) for letters in product(*({letter.lower(), letter.upper()} for letter in bare))}
    else:
        cases = {bare.lower(), bare.upper(), bare.capitalize(), bare.title()}
    forms = cases | {bare}
    return {name, given} | forms | {f"@{form}" for form in forms}


def _bare(name: str) -> str:
    return name.strip().lstrip("@").lower()


def _frame(names: Iterable[Name]) -> pl.DataFrame:
    return pl.DataFrame(list(names), schema=NAMES, orient="row")


def _keys(names: pl.DataFrame, key: pl.Expr) -> frozenset[int]:
    return frozenset(names.select(key).to_series().drop_nulls())


def _among(name: str, keys: Collection[int]) -> pl.Expr:
    return pl.col(name).is_in(pl.Series(sorted(keys), dtype=pl.UInt64).implode())
