"""How old the newest data are: by platform when it was observed, and when a file last brought rows.

A file that is delivered again looks new and is not, so both are asked. Nothing at all is stale too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.settings import Settings
from warehouse.published import open_published
from warehouse.sql_files import sql_of

FIX = "look whether deliveries still arrive in the exports folder, and at `tierwise ledger`"


@dataclass(frozen=True)
class Newest:
    """The newest of something, and how old it may be; a null instant is one that nobody knows."""

    what: str
    at: datetime | None
    allowed: timedelta

    def stale(self, now: datetime) -> bool:
        return self.at is None or now - self.at > self.allowed

    def days(self, now: datetime) -> float | None:
        return None if self.at is None else round((now - self.at).total_seconds() / 86_400, 2)

    def reason(self) -> str:
        """What is wrong, in words that stay the same until it changes."""
        if self.at is None:
            return f"{self.what}: nothing with a date"
        return f"{self.what}: of {self.at:%Y-%m-%d %H:%M} UTC, older than {_spelled(self.allowed)}"


def newest(settings: Settings) -> list[Newest]:
    """Of each platform in the warehouse, and of the loads; without a warehouse, of the loads alone."""
    may_be_seen = timedelta(days=settings.observation_max_age_days)
    may_be_loaded = timedelta(hours=settings.load_max_age_hours)
    if not settings.warehouse.is_file():
        return [Newest("newest load", None, may_be_loaded)]
    with open_published(settings.warehouse) as connection:
        platforms = connection.execute(sql_of("flows", "newest_observations")).fetchall()
        loaded = connection.execute(sql_of("flows", "newest_load")).fetchone()
    seen = [Newest(f"newest observation of {platform}", at, may_be_seen) for platform, at in platforms]
    return [*seen, Newest("newest load", loaded[0] if loaded else None, may_be_loaded)]


def _spelled(allowed: timedelta) -> str:
    hours = allowed.total_seconds() / 3_600
    return f"{hours / 24:g} days" if hours >= 72 else f"{hours:g} hours"
