"""Messages about what goes wrong, to whatever addresses the settings name: one for each problem until it changes.

What was told stands in a small file of the home folder, so that a restart tells nothing twice. A message has figures,
paths and remedies; cells of exports and members are never in it.
"""

import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import filelock

from flows.settings import Settings
from flows.summary import RunSummary
from reports.terminal import CONTROL
from schemas.errors import OUR_FAULT, TierwiseError
from warehouse.atomic_write import private
from warehouse.locks import PRIVATE_FILE
from warehouse.published import LIST

RUN, REJECTS, SILENCE, EVIDENCE = "run", "rejects", "silence", "evidence"
# What chats make mentions and links of.
STEERING = str.maketrans({"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", "@": "\N{FULLWIDTH COMMERCIAL AT}"})


@contextmanager
def _remembered(settings: Settings) -> Iterator[dict[str, Any]]:
    """What was told and when a run last ended well; written back as a whole."""
    path = settings.home / "alerts.json"
    with private(), ExitStack() as locked:
        settings.home.mkdir(parents=True, exist_ok=True)
        locked.enter_context(filelock.FileLock(settings.home / "alerts.lock", timeout=30, mode=PRIVATE_FILE))
        memory = _read(path)
        yield memory
        beside = path.with_suffix(".tmp")
        beside.write_text(json.dumps(memory, indent=1), encoding="utf-8")
        os.replace(beside, path)


def _read(path: Path) -> dict[str, Any]:
    """What the file says; one that cannot be read costs a message told twice."""
    with suppress(OSError, ValueError):
        memory: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return memory
    return {"told": {}}


def settle(settings: Settings, kind: str, problem: str | None) -> None:
    """Tell of a problem that is new or has changed, and of its end. What could not be sent is sent the next time."""
    if not settings.alert_urls:
        return
    # A full disk is among what is told: it must not be in the way.
    with suppress(OSError, filelock.Timeout), _remembered(settings) as memory:
        told = memory["told"].get(kind)
        if problem and problem != told and _send(settings, f"Tierwise: {_titles(kind)}", problem):
            memory["told"][kind] = problem
        elif told and not problem and _send(settings, "Tierwise: recovered", f"No longer so: {told}"):
            del memory["told"][kind]


def _titles(kind: str) -> str:
    titles = {
        RUN: "a run failed", REJECTS: "too many rows rejected", SILENCE: "no run ended well",
        EVIDENCE: "evidence was left out",
    }  # fmt: skip
    return titles.get(kind, "stale data")


def _send(settings: Settings, title: str, text: str) -> bool:
    """False where a receiver could not be reached: never a reason for a run to fail."""
    import apprise  # slow to import, and only wanted where there is something to tell

    receivers = apprise.Apprise()
    known = [receivers.add(url.get_secret_value()) for url in settings.alert_urls]
    body = f"{plain(text)}\nHome: {plain(settings.home.resolve())}"
    try:
        sent = bool(receivers.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT))
    except Exception:  # noqa: BLE001  # whatever it is, the run it would tell of matters more
        sent = False
    if not (sent and all(known)):
        logging.getLogger("prefect.tierwise").warning("an address of TIERWISE_ALERT_URLS is wrong or did not answer")
    return sent


def plain(text: object) -> str:
    """Text that a chat shows and makes nothing of."""
    return re.sub(r"[ \t]+", " ", CONTROL.sub(" ", str(text))).translate(STEERING)


def failure(error: Exception) -> str:
    """What a message may say of an error. The text of an unforeseen one could hold a cell."""
    if isinstance(error, TierwiseError):
        return f"{error} (fix: {error.fix})"
    return f"{type(error).__name__}, a fault of Tierwise: its log in the Prefect UI has the story"


def run_ended_well(settings: Settings, summary: RunSummary, now: datetime) -> None:
    """Remember it; earlier failures are over. A run without new rows says nothing about rejected ones."""
    with suppress(OSError, filelock.Timeout), _remembered(settings) as memory:
        memory["succeeded_at"] = now.isoformat()
    settle(settings, RUN, None)
    settle(settings, SILENCE, None)
    settle(settings, EVIDENCE, left_out(summary))
    if summary.rows_read:
        settle(settings, REJECTS, nothing_loaded(summary) or too_many_rejected(summary, settings))


def nothing_loaded(summary: RunSummary) -> str | None:
    """The words for it, where no file of the folder gives a row."""
    if not summary.nothing_loaded:
        return None
    return (
        f"nothing could be loaded: none of {summary.files_seen:,} files gives a row"
        " (fix: see why with `tierwise ledger` and `tierwise rejects`)"
    )


def too_many_rejected(summary: RunSummary, settings: Settings) -> str | None:
    """What to say where the rejected rows of a run are more than the settings allow."""
    if not summary.is_rejected_beyond(settings.rejects_limit):
        return None
    return (
        f"{summary.rows_rejected:,} of {summary.rows_read:,} rows rejected, allowed are {settings.rejects_limit:.0%}"
        " (fix: see how to fix them with `tierwise rejects`)"
    )


def left_out(summary: RunSummary) -> str | None:
    """The words for it, where rows of evidence, or files, are not in the warehouse by a fault of ours."""
    said = [f"{LIST.join(summary.faults)}; the other files are published"] if summary.faults else []
    if summary.evidence_left_out:
        said.append(f"{LIST.join(summary.evidence_left_out)}; every figure is published")
    return f"{LIST.join(said)} (fix: {OUR_FAULT})" if said else None


def silence(settings: Settings, now: datetime) -> str | None:
    """The words for it, where no run has ended well for too long, or since somebody first looked."""
    with _remembered(settings) as memory:
        since = datetime.fromisoformat(
            memory.get("succeeded_at") or memory.setdefault("watched_since", now.isoformat())
        )
    if (now - since).total_seconds() <= settings.success_max_age_hours * 3_600:
        return None
    return (
        f"no run has ended well since {since:%Y-%m-%d %H:%M} UTC, one is expected every {settings.success_max_age_hours:g} hours"
        " (fix: look at the newest runs in the Prefect UI, and whether `tierwise serve` is up)"
    )
