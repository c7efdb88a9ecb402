"""Settings: flags first, then TIERWISE_ environment variables, then these defaults."""

from datetime import datetime, time, timedelta
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.errors import UsageError


class Settings(BaseSettings):
    """Everything a run can be told, beside the exports folder and as_of."""

    model_config = SettingsConfigDict(env_prefix="TIERWISE_", frozen=True)

    home: Path = Field(default=Path("tierwise"), description="Folder of the lake, the warehouse and the report")
    member_key: SecretStr | None = Field(
        default=None,
        description="Secret of the pseudonyms of followers, likers, commenters; else a file made at first use",
    )
    memory: str | None = Field(
        default=None, description="Memory limit of DuckDB, such as 4GB; its own default if absent"
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
