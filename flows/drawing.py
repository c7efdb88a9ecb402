"""The report of a home folder, drawn where it is older than the warehouse."""

from pathlib import Path

import filelock

from flows.settings import Settings
from warehouse.locks import PRIVATE_FILE


def draw_report(settings: Settings, *, published: bool) -> str | None:
    """Draw the report of the home folder where it is older than the warehouse. It never makes a run fail.

    Returns:
        What went wrong, in words; null where nothing did.
    """
    if not settings.draw_report or (not published and _is_newer(settings.report, settings.warehouse)):
        return None
    try:
        write_report_alone(settings)
    except Exception as error:  # noqa: BLE001  # whatever it is, the warehouse is published and the run went well
        return f"the report was not drawn: {error}"
    return None


def write_report_alone(settings: Settings) -> None:
    """Draw the report of what is published, while nobody else draws it: the last to draw has seen the newest."""
    # Altair takes most of a second to import: only where something is drawn.
    from reports.report import write_report

    with filelock.FileLock(settings.home / "report.lock", mode=PRIVATE_FILE):
        write_report(settings.warehouse, settings.report)


def _is_newer(report: Path, published: Path) -> bool:
    """Whether the report was drawn after the warehouse was published: the drawing of an earlier run may have failed."""
    return report.is_file() and report.stat().st_mtime_ns >= published.stat().st_mtime_ns
