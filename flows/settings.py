"""Settings: flags first, then TIERWISE_ environment variables, then these defaults."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything a run can be told, beside the exports folder and as_of."""

    model_config = SettingsConfigDict(env_prefix="TIERWISE_", frozen=True)

    home: Path = Field(default=Path("tierwise"), description="Folder of the lake, the warehouse and the report")
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
