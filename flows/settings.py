"""Settings: flags first, then TIERWISE_ environment variables, then these defaults."""

import os
from datetime import datetime, time, timedelta
from pathlib import Path

from pydantic import ByteSize, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.errors import UsageError

CONTAINER_MEMORY = Path("/sys/fs/cgroup/memory.max")


class Settings(BaseSettings):
    """Everything a run can be told, beside the exports folder and as_of."""

    model_config = SettingsConfigDict(env_prefix="TIERWISE_", frozen=True)

    home: Path = Field(default=Path("tierwise"), description="Folder of the lake, the warehouse and the report")
    member_key: SecretStr | None = Field(
        default=None,
        description="Secret of the pseudonyms of followers, likers, commenters; else a file made at first use",
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
        default=0.5, ge=0, le=1, description="Share of refused rows above which a run ends with exit code 1"
    )

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def lake(self) -> Path:
        return self.home / "lake"

    @property
    def lock(self) -> Path:
        return self.home / "run.lock"


def machine_memory() -> int:
    """Bytes of memory of this machine, or of the container where that has a bound of its own."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    bound = CONTAINER_MEMORY.read_text(encoding="ascii").strip() if CONTAINER_MEMORY.exists() else "max"
    return installed if bound == "max" else min(installed, int(bound))


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
    if len(text) == 10:
        return datetime.combine(parsed.date(), time.min) + timedelta(days=1, microseconds=-1)
    return (parsed - (parsed.utcoffset() or timedelta())).replace(tzinfo=None)
