"""The command line. Results go to stdout, talk to stderr; Prefect is imported only for a tracked run."""

import atexit
import gc
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from flows.settings import Settings, instant_from
from schemas.errors import TierwiseError, UsageError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

Home = Annotated[
    Path | None, typer.Option("--home", help="Folder of lake and warehouse; TIERWISE_HOME, else ./tierwise")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document")]


def settings_for(home: Path | None) -> Settings:
    return Settings(home=home) if home else Settings()


@app.command()
def run(
    exports: Annotated[Path, typer.Argument(help="Folder of export files")],
    home: Home = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Day or instant (UTC) the figures are for; newest observation if absent"),
    ] = None,
    track: Annotated[bool, typer.Option("--track", help="Run as a tracked Prefect flow")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash every file again, also those that look untouched")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read new exports and publish the warehouse. Example: tierwise run exports --home tierwise"""
    from flows import console

    settings, instant = settings_for(home), instant_from(as_of)
    if track or console.prefect_is_configured():
        from flows.pipeline import run_tracked

        summary = run_tracked(exports, settings, instant, verify=verify)
    elif settings.dask:
        raise UsageError(
            "TIERWISE_DASK is set, and only a tracked run goes to its workers",
            fix="add --track, or unset TIERWISE_DASK",
        )
    else:
        from flows import steps

        with console.progress() as tick:
            summary = steps.run(exports, settings, instant, verify=verify, tick=tick)
    if as_json:
        print(json.dumps(summary.as_json()))
    else:
        console.show_summary(summary, settings)
    if summary.rows_rejected > settings.rejects_limit * max(summary.rows_read, 1):
        raise typer.Exit(1)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="A SELECT over the warehouse")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Ask the published warehouse, read-only. Example: tierwise query "from headline_engagement" """
    from flows import console

    console.show_query(settings_for(home).warehouse, sql, as_json=as_json)


@app.command()
def plan(
    accounts: Annotated[list[str], typer.Argument(help="Accounts as platform:id or @handle")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Whom accounts reach together, and what each adds. Example: tierwise plan instagram:kim @liina"""
    from flows import plan as planning

    planning.show(planning.set_overlap(accounts, settings_for(home)), as_json=as_json)


@app.command()
def ledger(home: Home = None, as_json: Json = False) -> None:
    """What came in: each file, what became of it, its counts. Example: tierwise ledger --json"""
    from flows import console

    columns = "file, dataset, verdict, rows_read, rows_loaded, rows_duplicate, rows_rejected, rows_waiting, note"
    console.show_query(settings_for(home).warehouse, f"SELECT {columns} FROM load_ledger ORDER BY ALL", as_json=as_json)


@app.command()
def rejects(home: Home = None, as_json: Json = False) -> None:
    """What did not come in, by reason, and what would mend it. Example: tierwise rejects"""
    from flows import console

    console.show_query(settings_for(home).warehouse, "FROM rejects_by_reason", as_json=as_json)


def stopped(number: int, _frame: FrameType | None) -> None:
    """Ctrl-C or a polite kill: leave through every `finally`, so that nothing half-written stays."""
    raise SystemExit(128 + number)


def hush() -> None:
    """DuckDB's binding ends a tracked run with pages about its own references; all that we have to say is said."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def main() -> None:
    """Entry point: an error becomes a line on stderr and an exit code; a fault of ours keeps its traceback."""
    from flows import console

    # Ledgers of many files are objects that live to the end: going through all of them again and again cost seconds.
    gc.set_threshold(200_000, 20, 100)
    atexit.register(hush)  # the first registered is the last to run
    signal.signal(signal.SIGTERM, stopped)
    signal.signal(signal.SIGINT, stopped)
    try:
        app()
    except TierwiseError as error:
        console.show_error(error)
        sys.exit(error.exit_code)
    except Exception:  # noqa: BLE001  # the last stop: whatever it is, it is shown and has its exit code
        console.show_fault()
        sys.exit(3)


if __name__ == "__main__":
    main()
