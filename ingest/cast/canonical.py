"""Files that need no declaration: whose header has the columns of a dataset, or names of networks beside a creator."""

from collections.abc import Collection

from schemas.columns import polars_schema
from schemas.conditions import Condition
from schemas.platforms import PLATFORM_OF
from schemas.sources import KeyRecipe, Load, Reading
from schemas.tables import DATASETS, REQUIRED
from schemas.vendor_tables import Case, KnownLoad, KnownTable, MadeColumn
from schemas.visible import column_name

CREATOR = "creator"
# Lists about accounts: what any other dataset has the columns of is no such list, even where it names topics or creators.
LISTS = ("niches", "creators", "brands")
# Never told by a header: posts whose account was forgotten would look the same.
NEVER_TOLD = ("post_metrics",)
# Datasets whose account may be named by a handle in `username`. In a list of followers that might be either side.
NAMED_BY_USERNAME = ("accounts", "posts", "rates", "published_metrics", *LISTS)
# What a list of brands has beside the brand.
NAMES_OF_BRANDS = ("account_id", "username", "alias")
FIRST_OR_NONE = "__first_or_none"
# What a cell with an account has; a dash alone is none.
ACCOUNT = r"[\p{L}\p{N}]"
NO_ACCOUNT = ("-", "\u2013", "\u2014")


def canonical_dataset(header: Collection[str], *, is_table: bool = False) -> str | None:
    """The dataset whose required columns the header has and which knows most of its columns; null if none or several.

    Datasets that name their account by `account_id` come first, then those that can take it from `username`, and last the
    lists about accounts. Where the header is that of a known table too (`is_table`), only the first go before the table.
    """
    others = [name for name in DATASETS if name not in (*LISTS, *NEVER_TOLD)]
    by_username = [name for name in others if name in NAMED_BY_USERNAME]
    steps = ((others, False), (by_username, True), (LISTS, True))
    for names, takes_username in steps[:1] if is_table else steps:
        if fitting := [name for name in names if _fits(name, set(header), takes_username=takes_username)]:
            return _knows_most(fitting, set(header))
    return None


def is_canonical(header: list[str]) -> bool:
    """Whether a file of this header is read without a declaration."""
    return canonical_dataset(header) is not None or bool(creators_by_platform(header))


def canonical_load(dataset: str, header: list[str]) -> Load:
    """The load of a file whose header is a canonical one: each column from the column of its own name.

    The account is taken from `username` where there is no `account_id`, and where that is blank.
    """
    known = polars_schema(DATASETS[dataset])
    columns = {name: Reading(source=name) for name in header if name in known}
    has_username = "username" in header and dataset in NAMED_BY_USERNAME
    if "account_id" in columns and (has_username or dataset in LISTS):
        key: KeyRecipe | None = "account" if dataset in LISTS else None
        columns["account_id"] = Reading(source="account_id", key=key, or_username="username" if has_username else None)
    elif has_username:
        columns["account_id"] = Reading(source="username", key="username")
    return Load(dataset=dataset, columns=columns)


def creators_by_platform(header: list[str]) -> tuple[Load, ...]:
    """A load for each network, of a list that has a creator a line and a column for each network; none of any other.

    Blank cells and dashes are no accounts.
    """
    first, *others = [column_name(name).lower() for name in header] or [""]
    platforms = [PLATFORM_OF.get(name) for name in others]
    if first != CREATOR or not platforms or None in platforms or len(set(platforms)) < len(platforms):
        return ()
    return tuple(
        Load(
            dataset="creators",
            columns={
                CREATOR: Reading(source=header[0]),
                "platform": Reading(value=platform),
                "account_id": Reading(source=name, key="handle", null_words=NO_ACCOUNT),
            },
            where={FIRST_OR_NONE if name == header[1] else name: Condition(matches=ACCOUNT)},
        )
        for name, platform in zip(header[1:], platforms, strict=True)
    )


def by_platform(header: list[str]) -> KnownTable:
    """Such a list as a table: with a column that is blank where a creator has accounts, and none in the first network.

    By it a creator without any account is a record of the first network, which rejects it.
    """
    name, first, *others = header
    cases = [Case(when={first: ACCOUNT}, text=first), *(Case(when={other: ACCOUNT}, text="") for other in others)]
    return KnownTable(
        name="a list of creators with a column for each network",
        header=tuple(header),
        made=(MadeColumn(column=FIRST_OR_NONE, cases=tuple(cases), otherwise=name),),
        load=(KnownLoad(dataset="creators", columns={CREATOR: (Reading(source=name),)}),),
    )


def _fits(dataset: str, header: set[str], *, takes_username: bool) -> bool:
    needed = set(REQUIRED[dataset]) - {"price"}
    if takes_username and "account_id" not in header and "username" in header:
        needed -= {"account_id"}
    if dataset == "rates" and not {"price", "price_min"} & header:
        return False
    if dataset == "brands" and not header.intersection(NAMES_OF_BRANDS):
        return False
    return needed <= header


def _knows_most(datasets: list[str], header: set[str]) -> str | None:
    scores = {name: len(header & set(polars_schema(DATASETS[name]))) for name in datasets}
    best = [name for name, score in scores.items() if score == max(scores.values())]
    return best[0] if len(best) == 1 else None
