"""What time it is. Nothing that is computed asks: figures are as of an instant of the data."""

from datetime import UTC, datetime


def now_utc() -> datetime:
    """UTC without a zone, as every instant past the readers."""
    return datetime.now(UTC).replace(tzinfo=None)
