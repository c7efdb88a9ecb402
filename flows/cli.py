"""The command line. Results go to stdout, talk to stderr; Prefect is imported only for a tracked run."""

from pathlib import Path
from typing import Annotated

from flows.start import ending, main

if __name__ == "__main__":
    main()  # here, as the imports below take a while, and a signal may come in between

import typer

from flows.commands import forget, plan
from flows.options import All, AsOf, Exports, Home, Json, Timeout, settings_for, show_version
from flows.settings import Settings, instant_from
from schemas.errors import UsageError
from warehouse.analyst import ROWS_SHOWN, TIMEOUT_SECONDS, Limits

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

rejects_app = typer.Typer(invoke_without_command=True)
app.add_typer(rejects_app, name="rejects")
app.command()(plan.plan)
app.command()(forget.forget)
app.add_typer(forget.key_app, name="key")


@app.callback(help=__doc__)
def options(
    version: Annotated[  # its callback answers
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and end")
    ] = False,
) -> None: ...


def limits_for(settings: Settings, rows: int | None, seconds: float = TIMEOUT_SECONDS) -> Limits:
    """What an answer keeps to. It only reads: from now on a signal ends it at once."""
    ending.grace = 0.0
    return Limits(rows, seconds, settings.memory)


@app.command()
def run(
    exports: Exports,
    home: Home = None,
    as_of: AsOf = None,
    track: Annotated[bool, typer.Option("--track", help="Run as a tracked Prefect flow")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash every file again, also those that look untouched")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Publish everything anew, also where nothing changed")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read new exports and publish the warehouse. Example: tierwise run exports --home tierwise"""
    from flows import console

    settings, instant = settings_for(home), instant_from(as_of)
    if track or console.prefect_is_configured():
        from flows.pipeline import run_tracked

        summary = run_tracked(exports, settings, instant, verify=verify, rebuild=rebuild)
    elif settings.dask:
        raise UsageError(
            "TIERWISE_DASK is set, and only a tracked run goes to its workers",
            fix="add --track, or unset TIERWISE_DASK",
        )
    else:
        from flows.run import AtTerminal
        from flows.run import run as run_here

        with console.progress() as tick:
            here = AtTerminal(tick, console.warn)
            summary = run_here(exports, settings, instant, here, verify=verify, rebuild=rebuild)
    if as_json:
        print(console.json_text(summary.as_json()))
    else:
        console.show_summary(summary, settings)
    if summary.evidence_left_out or summary.faults:
        raise typer.Exit(3)
    if summary.nothing_loaded or summary.is_rejected_beyond(settings.rejects_limit):
        raise typer.Exit(1)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="A SELECT over the warehouse")],
    home: Home = None,
    every: All = False,
    timeout: Timeout = TIMEOUT_SECONDS,
    as_json: Json = False,
) -> None:
    """Ask the published warehouse, read-only. Example: tierwise query "from headline_engagement" """
    from flows import console

    settings = settings_for(home)
    limits = limits_for(settings, None if every else ROWS_SHOWN, timeout)
    console.show_query(settings.warehouse, sql, limits, as_json=as_json)


@app.command()
def report(
    home: Home = None,
    as_csv: Annotated[Path | None, typer.Option("--csv", help="Write the shortlist as CSV here instead")] = None,
    as_xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Write the shortlist as a workbook here instead")
    ] = None,
    people: Annotated[
        bool, typer.Option("--people", help="A line for each person of a list of creators, not for each account")
    ] = False,
) -> None:
    """Draw report.html anew, or write its shortlist. Example: tierwise report --xlsx shortlist.xlsx"""
    settings, ending.grace = settings_for(home), 1.0
    from flows import console
    from flows.drawing import write_report_alone
    from reports import sheets
    from reports.shortlist import COLUMNS, OF_PEOPLE, SHARES, people_of, shortlist_of
    from warehouse.published import open_published

    if as_csv is None and as_xlsx is None:
        if people:
            raise UsageError("--people is for the shortlist in a file", fix="add --csv FILE or --xlsx FILE")
        write_report_alone(settings)
        console.out.print(console.plain(f"report     {settings.report.resolve()}"))
        return
    with open_published(settings.warehouse) as connection:
        rows, columns = (people_of(connection), OF_PEOPLE) if people else (shortlist_of(connection), COLUMNS)
    for target in sheets.write(rows, columns, (as_csv, as_xlsx), name="shortlist", shares=SHARES):
        console.out.print(console.plain(f"shortlist  {target}"))


@app.command()
def ledger(home: Home = None, every: All = False, as_json: Json = False) -> None:
    """What came in: each file, what became of it, its counts. Example: tierwise ledger --json"""
    from flows import console
    from warehouse.sql_files import sql_of

    settings = settings_for(home)
    limits = limits_for(settings, None if every else ROWS_SHOWN)
    console.show_query(settings.warehouse, sql_of("flows", "ledger"), limits, as_json=as_json)


@rejects_app.callback()
def rejects(context: typer.Context, home: Home = None, every: All = False, as_json: Json = False) -> None:
    """What was rejected, by reason, and how to fix it. Example: tierwise rejects"""
    if context.invoked_subcommand is None:
        settings = settings_for(home)
        limits = limits_for(settings, None if every else ROWS_SHOWN)
        from flows.commands import rejects as rejected

        rejected.show_reasons(settings.warehouse, limits, as_json=as_json)
    elif home or as_json or every:
        raise UsageError(
            "an option stands before the subcommand of rejects",
            fix="write it at the end: tierwise rejects show --home DIR --json",
        )


@rejects_app.command("show")
def rejects_show(
    file: Annotated[str | None, typer.Option("--file", help="Of this file alone; * and ? stand for any text")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Of rules that have this text in them")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many rows")] = 50,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """The rejected rows themselves. Example: tierwise rejects show --file 'posts-*.csv' --rule 'must not be empty'"""
    settings = settings_for(home)
    limits = limits_for(settings, limit)
    from flows.commands import rejects as rejected

    rejected.show_rejected(settings.warehouse, file, rule, limits, as_json=as_json)


@rejects_app.command("replay")
def rejects_replay(exports: Exports, home: Home = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Read files with rejects again, by sources.toml as it is now. Example: tierwise rejects replay exports"""
    from flows import console
    from flows.commands import rejects as rejected

    settings, instant = settings_for(home), instant_from(as_of)
    with console.progress() as tick:
        replay = rejected.replay(exports, settings, instant, tick=tick)
    rejected.show_replay(replay, settings, as_json=as_json)
    if replay.summary.evidence_left_out or replay.summary.faults:
        raise typer.Exit(3)
    if replay.gone or replay.summary.nothing_loaded or replay.summary.is_rejected_beyond(settings.rejects_limit):
        raise typer.Exit(1)


@app.command()
def suggest(
    files: Annotated[list[Path], typer.Argument(help="Export files that nothing recognises")],
    exports: Annotated[
        Path | None, typer.Option("--exports", help="The folder that will be run; that of the file if absent")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Append the drafts to sources.toml of that folder")] = False,
) -> None:
    """Draft sources.toml for files, and show what they would become. Example: tierwise suggest exports/creators.csv"""
    from flows.commands.suggest import suggest as draft_for

    if not draft_for(files, exports, write=write):
        raise typer.Exit(1)


@app.command()
def serve(
    exports: Annotated[Path, typer.Argument(help="Folder of export files")] = Path("exports"),
    home: Home = None,
    port: Annotated[
        int, typer.Option("--port", min=1, max=65_535, help="Port of the Prefect UI on this machine")
    ] = 4200,
    every: Annotated[
        float | None, typer.Option("--every", min=0.1, help="Minutes between runs, the first at once; 60 if absent")
    ] = None,
    cron: Annotated[str | None, typer.Option("--cron", help="Times of the runs instead, such as '15 5 * * *'")] = None,
    timezone: Annotated[str, typer.Option("--timezone", help="Zone of --cron, such as Europe/Berlin")] = "UTC",
) -> None:
    """Keep the warehouse up to date and show it in the Prefect UI. Example: tierwise serve exports --every 15"""
    from flows.serve import serve as serve_until_stopped

    ending.grace = None  # it ends its processes one after the other, and then itself
    serve_until_stopped(exports, settings_for(home), port=port, every=every, cron=cron, timezone=timezone)


@app.command()
def doctor(
    home: Home = None,
    fix: Annotated[bool, typer.Option("--fix", help="Fix what is safe to fix")] = False,
    retire: Annotated[str | None, typer.Option("--retire", help="Take a file out of all figures")] = None,
    unretire: Annotated[str | None, typer.Option("--unretire", help="Have a retired file read again")] = None,
    as_json: Json = False,
) -> None:
    """What is wrong with the home folder, and what to do. Example: tierwise doctor --fix"""
    from flows.commands import doctor as care

    if not care.doctor(settings_for(home), retire, unretire, fix_it=fix, as_json=as_json):
        raise typer.Exit(1)
