"""Whose a row is that names its account by a handle, in plain Python."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

Row = dict[str, Any]
# Platform, id, name in the form that names are compared in, and when the one was seen with the other.
Sighting = tuple[str, str, str, datetime | None]
TIMES = {
    "accounts": ("observed_at",),
    "posts": ("observed_at", "published_at"),
    "rates": ("quoted_on",),
    "published_metrics": ("observed_at",),
    "follows": ("observed_at",),
}


def name_of(text: str) -> str:
    return text.lstrip("@").lower()


def sightings_of(accounts: Iterable[Row]) -> list[Sighting]:
    """Which id was seen with which name."""
    return [
        (row["platform"], row["account_id"], name_of(row["username"]), row["observed_at"])
        for row in accounts
        if row.get("username") and name_of(row["username"]) != name_of(row["account_id"])
    ]


def bearer(platform: str, name: str, at: datetime | None, seen: list[Sighting]) -> str | None:
    """The id that a name means at a time; null where that is not known, or nobody bore it."""
    own = [(account, time) for on, account, called, time in seen if (on, called) == (platform, name)]
    ids = {account for account, _ in own}
    if len(ids) < 2:
        return ids.pop() if ids else None
    if any(all(time is None for account, time in own if account == each) for each in ids):
        return None
    by_time: dict[datetime, set[str]] = {}
    for account, time in own:
        if time is not None:
            by_time.setdefault(time, set()).add(account)
    if at is None:
        around = {max(by_time)}
    else:
        before, after = [time for time in by_time if time <= at], [time for time in by_time if time >= at]
        around = {*([max(before)] if before else []), *([min(after)] if after else [])}
    found = set().union(*(by_time[time] for time in around))
    return found.pop() if len(found) == 1 else None


def account_of(platform: str, named: str, at: datetime | None, seen: list[Sighting]) -> str:
    if named.isdigit() or any((on, account) == (platform, named) for on, account, _, _ in seen):
        return named
    return bearer(platform, name_of(named), at, seen) or named


def under_ids(rows: dict[str, list[Row]], seen: list[Sighting]) -> dict[str, list[Row]]:
    """The rows of each dataset under the ids of their accounts."""
    given = dict(rows)
    for dataset in TIMES.keys() & rows.keys():
        given[dataset] = [
            row | {"account_id": account_of(row["platform"], row["account_id"], _at(row, TIMES[dataset]), seen)}
            for row in rows[dataset]
        ]
    return given


def own_names(seen: list[Sighting]) -> dict[tuple[str, str], set[str]]:
    """The names of each account that nobody else bore."""
    bearers: dict[tuple[str, str], set[str]] = {}
    for platform, account, name, _ in seen:
        bearers.setdefault((platform, name), set()).add(account)
    found: dict[tuple[str, str], set[str]] = {}
    for (platform, name), ids in bearers.items():
        if len(ids) == 1:
            found.setdefault((platform, ids.pop()), set()).add(name)
    return found


def _at(row: Row, columns: tuple[str, ...]) -> datetime | None:
    return next((row[name] for name in columns if row.get(name) is not None), None)
