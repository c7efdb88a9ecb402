"""The Prefect flow `freshness`: fails with the reason where data are stale, or where no run has ended well for too long."""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.states import Completed, Failed

from flows import alerts
from flows.artifacts import show_freshness, shown
from flows.freshness import FIX, newest
from flows.settings import Settings, not_served, now_utc


@flow(name="freshness", flow_run_name="freshness", persist_result=False, validate_parameters=False)
def freshness(home: Path | None = None) -> Any:
    """Whether the newest data are as new as they should be.

    Args:
        home: Folder of the lake and the warehouse; TIERWISE_HOME if absent.
    """
    settings = Settings(home=Path(home)) if home else Settings()
    if refused := not_served(settings):
        return Failed(message=shown(refused))
    now = now_utc()
    figures = newest(settings)
    show_freshness(figures, now)
    reasons = []
    for each in figures:
        reason = each.reason() if each.stale(now) else None
        alerts.settle(settings, each.what, f"{reason} (fix: {FIX})" if reason else None)
        reasons += [reason] if reason else []
    missed = alerts.silence(settings, now)
    alerts.settle(settings, alerts.SILENCE, missed)
    if reasons:
        return Failed(message=shown(f"{'; '.join([*reasons, *([missed] if missed else [])])} (fix: {FIX})"))
    return Failed(message=missed) if missed else Completed(message=f"{len(figures)} figures, all fresh")
