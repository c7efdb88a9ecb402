"""Settings: flags first, then TIERWISE_ environment variables, then these defaults."""

import os
import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import ByteSize, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ingest.limits import Limits
from schemas.audience_overlap import LISTED_MIN, PARTNERS_MAX, Bounds
from schemas.columns import EARLIEST, LATEST
from schemas.errors import UsageError
from schemas.times import within_reach

# Where `tierwise serve` tells its runs which exports they are for; TIERWISE_HOME is the home then.
SERVED_EXPORTS = "TIERWISE_SERVED_EXPORTS"
RETENTION, DAYS_MAX = re.compile("([0-9]{1,9}) ?d(?:ays)?"), 365_000
# Windows reach back from it, and nothing has a time beyond these.
AS_OF_FIRST, AS_OF_LAST = EARLIEST.year + 1, LATEST.year - 1
CONTAINER_MEMORY = Path("/sys/fs/cgroup/memory.max")


class Settings(BaseSettings):
    """Everything a run can be told, beside the exports folder and as_of."""

    model_config = SettingsConfigDict(env_prefix="TIERWISE_", frozen=True)

    home: Path = Field(default=Path("tierwise"), description="Folder of the lake, the warehouse and the report")
    member_key: SecretStr | None = Field(
        default=None,
        description="Secret of the pseudonyms of followers, likers, commenters; else a file made at first use",
    )
    member_key_file: Path | None = Field(
        default=None, description="File of that secret, made at first use; member.key in the home folder unless set"
    )
    retention: timedelta | None = Field(
        default=None,
        description="How long before as_of follows, likes and comments are kept, such as 400d; else for good",
    )
    memory: ByteSize = Field(
        default_factory=lambda: ByteSize(machine_memory() // 4),
        ge=1 << 26,
        description="Memory that DuckDB and the counting of audiences keep to, such as 4GB; a quarter of the machine's",
    )
    dask: str | None = Field(
        default=None,
        min_length=1,
        description="Address of a Dask scheduler whose workers read and count for tracked runs; else threads do",
    )
    rejects_limit: float = Field(
        default=0.5, ge=0, le=1, description="Share of rejected rows above which a run ends with exit code 1"
    )
    line_max: ByteSize = Field(
        default=ByteSize(Limits.line_bytes), ge=1 << 10, description="Longest line of a file that is read, in bytes"
    )
    columns_max: int = Field(default=Limits.columns, ge=100, description="Most columns that a file may have")
    document_max: ByteSize = Field(
        default=ByteSize(Limits.document_bytes),
        ge=1 << 10,
        description="Largest JSON document that is read: in memory it takes several times as much",
    )
    members_max: int = Field(default=Limits.members, ge=1, description="Most members that a ZIP archive may have")
    overlap_listed_min: int = Field(
        default=LISTED_MIN,
        ge=1,
        description="Listed followers below which the followers an account shares with others are left out",
    )
    overlap_partners_max: int = Field(
        default=PARTNERS_MAX,
        ge=1,
        lt=1 << 31,
        description="How many other accounts are listed beside an account, those it shares most followers with",
    )
    use_suggested_niches: bool = Field(
        default=False,
        description="Whether accounts without a niche are counted in the one that hashtags of their posts suggest",
    )
    plan_seconds: float = Field(
        default=10,
        ge=0,
        le=3_600,
        description="How long a plan may look for the best set before it says how far off it can be",
    )
    draw_report: bool = Field(default=True, description="Whether a run that publishes draws report.html")
    database: SecretStr | None = Field(
        default=None,
        description="Where `tierwise serve` keeps its runs, as postgresql+asyncpg://...; else an SQLite file in the home",
    )
    alert_urls: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(), description="Whom to tell of what goes wrong: addresses for apprise, with blanks between them"
    )
    observation_max_age_days: float = Field(
        default=30, gt=0, description="Age of a platform's newest observation above which its data are stale"
    )
    load_max_age_hours: float = Field(
        default=48, gt=0, description="Age of the newest loaded file above which deliveries are missed"
    )
    success_max_age_hours: float = Field(
        default=26, gt=0, description="Time without a scheduled run that ended well above which one is missed"
    )

    @field_validator("alert_urls", mode="before")
    @classmethod
    def _separate(cls, given: object) -> object:
        return tuple(given.split()) if isinstance(given, str) else given

    @field_validator("retention", mode="before")
    @classmethod
    def _days(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        days = RETENTION.fullmatch(given.strip())
        if not days or not 0 < int(days[1]) < DAYS_MAX:
            raise UsageError(
                f"TIERWISE_RETENTION {given!r}: not a number of days",
                fix="write it as 400d, or leave it out to keep all",
            )
        return timedelta(days=int(days[1]))

    @field_validator("member_key")
    @classmethod
    def _long_enough(cls, given: SecretStr | None) -> SecretStr | None:
        # What it imports takes a while, and only who gives a key needs it.
        from warehouse.lake.member_key import checked_secret

        return SecretStr(checked_secret(given.get_secret_value(), "TIERWISE_MEMBER_KEY")) if given else None

    @model_validator(mode="after")
    def _one_key(self) -> "Settings":
        if self.member_key and self.member_key_file:
            raise UsageError(
                "TIERWISE_MEMBER_KEY and TIERWISE_MEMBER_KEY_FILE are both set",
                fix="set the one that is meant, unset the other",
            )
        return self

    @property
    def limits(self) -> Limits:
        return Limits(self.line_max, self.columns_max, self.document_max, self.members_max)

    @property
    def overlap_bounds(self) -> Bounds:
        return Bounds(self.overlap_listed_min, self.overlap_partners_max)

    @property
    def member_key_or_file(self) -> tuple[str | None, Path]:
        """The secret of pseudonyms where it was given, and the file that it is in else."""
        given = self.member_key.get_secret_value() if self.member_key else None
        return given, self.member_key_file or self.home / "member.key"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def lake(self) -> Path:
        return self.home / "lake"

    @property
    def lock(self) -> Path:
        return self.home / "run.lock"

    @property
    def report(self) -> Path:
        return self.home / "report.html"

    @property
    def at_work(self) -> Path:
        """One file for each tracked run at work, named by its id: one that is left tells of a run that died."""
        return self.home / "at_work"


def machine_memory() -> int:
    """Bytes of memory of this machine, or of the container where that has a bound of its own."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    bound = CONTAINER_MEMORY.read_text(encoding="ascii").strip() if CONTAINER_MEMORY.exists() else "max"
    return installed if bound == "max" else min(installed, int(bound))


def not_served(settings: Settings, exports: Path | None = None) -> str | None:
    """Why a run of a control room is refused: it was asked for other folders than those that `serve` was started with."""
    served, home = os.environ.get(SERVED_EXPORTS), Settings().home
    if served is None:
        return None
    if settings.home.resolve() == home.resolve() and (exports is None or exports.resolve() == Path(served)):
        return None
    return (
        f"This control room reads {served} into {home} and nothing else."
        " (fix: leave `exports` and `home` as they are, or start `tierwise serve` for the other folders)"
    )


def instant_from(text: str | None) -> datetime | None:
    """An as_of: an instant, or a day, which means its end (UTC)."""
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--as-of {text!r}: not a date", fix="write it as 2026-08-01 or 2026-08-01T10:00:00Z"
        ) from error
    if not AS_OF_FIRST <= parsed.year <= AS_OF_LAST:
        raise UsageError(
            f"--as-of {text!r}: no figures are of then", fix=f"give a day of {AS_OF_FIRST} to {AS_OF_LAST}"
        )
    if len(text) == 10:
        return datetime.combine(parsed.date(), time.min) + timedelta(days=1, microseconds=-1)
    return (parsed - (parsed.utcoffset() or timedelta())).replace(tzinfo=None)


def now_utc() -> datetime:
    """What time it is, UTC without a zone, as every instant past the readers. Figures never depend on it.

    A clock that is far off gives the nearest instant that tables hold; `clock_fault` tells.
    """
    try:
        return within_reach(datetime.now(UTC).replace(tzinfo=None))
    except (OverflowError, ValueError):  # years beyond 9999
        return LATEST
