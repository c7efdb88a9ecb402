"""The names that a plan is asked with, against those of the published warehouse."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from marts.follower_lists import NAMES
from marts.set_overlap import find
from schemas.errors import UsageError
from schemas.plans import Objective
from transforms.exchange import Exchange
from transforms.niches import normalise_niche
from transforms.plan_candidates import NO_EXCHANGE, UNIT, Wish
from warehouse.published import frame_of, open_published

# Of names that there are many of, so many are shown.
SHOWN = 12
KNOWN = {
    "currency": "SELECT DISTINCT currency FROM rates WHERE compensation = 'cash' AND currency IS NOT NULL ORDER BY 1",
    "platform": "SELECT DISTINCT platform FROM accounts ORDER BY 1",
    "niche": "SELECT niche FROM accounts GROUP BY niche ORDER BY count(*) DESC, niche",
    "tier": "SELECT tier FROM tiers JOIN tier_schemes USING (scheme) WHERE is_default ORDER BY tier_rank",
    "media_type": "SELECT DISTINCT lower(media_type) FROM rates WHERE media_type IS NOT NULL ORDER BY 1",
}
BRAND = """
    SELECT a.platform, a.account_id, a.username, a.followers_count, u.followers_known_count AS listed_count
    FROM accounts AS a
    JOIN (FROM audience WHERE time_window = 'all_time' AND followers_known_count > 0) AS u USING (platform, account_id)
    WHERE a.platform = $platform AND a.account_id = $account_id
"""


def known(wish: Wish, warehouse: Path, exchange: Exchange = NO_EXCHANGE) -> Wish:
    """The same with its names as the warehouse writes them. A budget may be in what prices can be converted into, too.

    Raises:
        UsageError: There is no such name; it says which there are.
    """
    meant: dict[str, Any] = {
        "currency": _currency(wish.currency, warehouse),
        "platform": _lower(wish.platform),
        "niche": _niche(wish.niche),
        "tier": _lower(wish.tier),
        "media_type": _lower(wish.media_type),
    }
    with open_published(warehouse) as connection:
        for what, name in meant.items():
            if name is not None:
                names = [row[0] for row in connection.execute(KNOWN[what]).fetchall()]
                if what == "currency":
                    names += sorted(
                        {rate.to_currency for rate in exchange.rates if rate.from_currency in names} - {*names}
                    )
                _refuse_unknown(what, name, names)
    return replace(wish, **meant)


def _currency(name: str, warehouse: Path) -> str:
    """The one that is named; without a name the only one that prices are in."""
    with open_published(warehouse) as connection:
        names = [row[0] for row in connection.execute(KNOWN["currency"]).fetchall()]
    if name.strip() or not names:
        return name.strip().upper()
    if len(names) > 1:
        raise UsageError(
            f"prices are in {', '.join(names)}, and a budget is in one currency",
            fix=f"say which: --currency {names[0]}",
        )
    return str(names[0])


def _lower(name: str | None) -> str | None:
    return None if name is None else name.strip().lower()


def _niche(name: str | None) -> str | None:
    """As topics are normalised in `accounts`."""
    return None if name is None else str(pl.select(normalise_niche(pl.lit(name, pl.String))).item())


def _refuse_unknown(what: str, name: str, names: Sequence[str]) -> None:
    if name in names:
        return
    label = what.replace("_", " ")
    if not names:
        raise UsageError(f"no {label} is known in the warehouse", fix="deliver a list of prices, and run again")
    close = get_close_matches(name, names, n=3)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    there_are = f"there are {', '.join(names[:SHOWN])}{more}"
    meant = f"did you mean {' or '.join(close)}? " if close else ""
    raise UsageError(f"{name!r}: no {label} of the warehouse is called so", fix=f"{meant}{there_are}")


def found(asked: Sequence[str], warehouse: Path) -> pl.DataFrame:
    """The accounts that are named, with platform, account_id and username."""
    return find(asked, warehouse).select(NAMES) if asked else pl.DataFrame(schema=dict.fromkeys(NAMES, pl.String))


def bare(handle: str) -> str:
    """A brand as `brand_mentions` has it."""
    return handle.strip().lstrip("@").lower()


def brand(asked: str, wish: Wish, warehouse: Path) -> pl.DataFrame:
    """The account of a brand, whose followers are known."""
    if wish.objective == Objective.ENGAGEMENTS:
        raise UsageError(
            "--new-to counts people, and engagements are not counted by person",
            fix="add --objective reach or --objective engaged_followers",
        )
    named = find([asked], warehouse).row(0, named=True)
    values = {"platform": named["platform"], "account_id": named["account_id"]}
    with open_published(warehouse) as connection:
        row = frame_of(connection.sql(BRAND, params=values))
    if row.is_empty():
        raise UsageError(
            f"--new-to {asked}: there is no follower list of it, so nobody can tell who is new to it",
            fix="deliver its followers as a list, and run again",
        )
    return row


def label_of(account: pl.DataFrame) -> str:
    """One account as it is shown: by its handle where it has one."""
    return str(account.select(pl.concat_str("platform", pl.coalesce("username", "account_id"), separator=":")).item())


def refuse_both(included: pl.DataFrame, excluded: pl.DataFrame) -> None:
    both = _labels(included.join(excluded, on=["platform", "account_id"], how="semi"))
    if both:
        raise UsageError(f"{both}: both included and excluded", fix="name each account with one of the two")


def refuse_lost(included: pl.DataFrame, candidates: pl.DataFrame, wish: Wish) -> None:
    """What is to be in the plan and has no price in it that the budget could pay."""
    lost = _labels(included.join(candidates, on=["platform", "account_id"], how="anti"))
    if lost:
        kind = f" for {wish.media_type}" if wish.media_type else ""
        raise UsageError(
            f"{lost}: included, and no cash price in {wish.currency}{kind} within the budget is known",
            fix="leave it out of --include, raise --budget, bring exchange rates with --rates, or see its prices with: "
            'tierwise query "from rates"',
        )


def too_much(candidates: pl.DataFrame, most: int | None, wish: Wish) -> UsageError:
    included = candidates.filter("included")
    cost = included.get_column("price").sum() / UNIT
    places = "" if most is None else f" and {most} accounts"
    return UsageError(
        f"{_labels(included)}: included, and together {included.height} accounts for {cost:,.2f} {wish.currency}, "
        f"more than {wish.budget / UNIT:,.2f} {wish.currency}{places}",
        fix="raise --budget or --max-accounts, or include fewer",
    )


def _labels(accounts: pl.DataFrame) -> str:
    return ", ".join(accounts.select(pl.concat_str("platform", "account_id", separator=":")).to_series().to_list())
