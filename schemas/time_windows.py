"""The windows of time that figures are for."""

from datetime import datetime, timedelta

TIME_WINDOWS = ("all_time", "last_90_days", "last_12_posts")
LAST_DAYS, LAST_POSTS = 90, 12


def window_bounds(as_of: datetime | None) -> dict[str, tuple[datetime | None, datetime | None]]:
    """Each window's bounds: posts later than the first, which may have none, and not later than the second."""
    recent = as_of - timedelta(days=LAST_DAYS) if as_of else None
    return {"all_time": (None, as_of), "last_90_days": (recent, as_of), "last_12_posts": (None, as_of)}
