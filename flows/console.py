"""What a person at a terminal sees. Text from exports is data: never markup, never control codes."""

import os
import sys
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb
from rich.text import Text

from flows.settings import Settings
from flows.summary import RunSummary
from reports.terminal import CONTROL, err, json_text, out, plain, show_blocks, show_table
from schemas.errors import OUR_FAULT, TierwiseError
from warehouse.analyst import Limits, asked
from warehouse.published import open_published
from warehouse.sql_files import sql_of

__all__ = ["err", "json_text", "out", "plain", "show_table"]  # beside what is written here
NAMED_MAX = 10


def prefect_is_configured() -> bool:
    """Whether the environment names a Prefect API to report to."""
    return bool(os.environ.get("PREFECT_API_URL"))


def show_error(error: TierwiseError) -> None:
    """One line of what is wrong, one of what to do."""
    err.print(Text("error: ", style="bold red") + plain(error))
    if error.fix:
        err.print(Text("  fix: ", style="bold") + plain(error.fix))


def warn(text: str) -> None:
    """What went wrong beside the run, which went well."""
    err.print(plain(text))


def show_fault() -> None:
    """A fault of ours: the traceback, for a report."""
    err.print(Text(CONTROL.sub("", traceback.format_exc())))
    err.print(Text("error: this is a fault of Tierwise; what was published before is untouched", style="bold red"))
    err.print(Text("  fix: report the lines above"))


@contextmanager
def progress() -> Iterator[Callable[[int], None]]:
    """A running count of rows read, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda rows: None
        return
    total = 0
    with err.status("reading exports") as status:

        def tick(rows: int) -> None:
            nonlocal total
            total += rows
            status.update(f"reading exports: {total:,} rows")

        yield tick


def show_summary(summary: RunSummary, settings: Settings) -> None:
    """What came in, the headline table, and where things lie."""
    for note in summary.quarantined[:NAMED_MAX]:
        err.print(Text("quarantined: ", style="bold") + plain(note))
    if summary.cells_rejected:
        err.print(f"{summary.cells_rejected:,} cells of loaded rows could not be read and are null")
    has_rejects = summary.rows_rejected or summary.cells_rejected or summary.files_quarantined_before
    if len(summary.quarantined) > NAMED_MAX or has_rejects:
        err.print("see what was rejected, and how to fix it, with: tierwise rejects")
    show_changes(summary)
    show_incomplete(summary)
    show_left_out(summary)
    with open_published(settings.warehouse) as connection:
        show_as_of(summary, connection)
        relation = connection.table("headline_engagement")
        show_table("Engagement per niche and tier (scheme article, all time)", relation.columns, relation.fetchall())
    out.print(plain(f"warehouse  {settings.warehouse.resolve()}"))
    out.print(plain(f"ledger     {(settings.lake / 'ledger').resolve()}"))
    if settings.report.is_file():
        out.print(plain(f"report     {settings.report.resolve()}"))
    sys.stdout.flush()  # so that the figures of the run come last, wherever both go
    show_counts(summary)


def show_counts(summary: RunSummary) -> None:
    """The last line: what became of the files and rows, above all whether anything did."""
    before = f" ({summary.files_quarantined_before} more in runs before)" if summary.files_quarantined_before else ""
    ignored = f", {summary.files_ignored} ignored" if summary.files_ignored else ""
    nothing = Text("nothing could be loaded: ", style="bold red") if summary.nothing_loaded else Text()
    err.print(
        nothing
        + f"{summary.files_seen} files seen, {summary.files_read} read, {summary.files_quarantined} quarantined{before}{ignored}; "
        f"{summary.rows_read:,} rows = {summary.rows_fates}; {'published' if summary.published else 'nothing changed'} "
        f"in {summary.duration_seconds:.1f} s"
    )


def show_as_of(summary: RunSummary, connection: duckdb.DuckDBPyConnection) -> None:
    """The instant of the figures, what it comes from, the bounds of each window, and what lies beyond."""
    if summary.clock:
        err.print(Text("clock: ", style="bold red") + plain(summary.clock))
    if summary.ahead_of_clock:
        err.print(Text("as_of lies in the future: ", style="bold red") + plain(summary.ahead_of_clock))
    if summary.as_of is None:
        err.print("as of no date: nothing that was loaded has a time, so last_90_days is empty")
        return
    origin = f"the newest time in the lake, from {summary.as_of_file}" if summary.as_of_file else "as given"
    end = _instant(summary.as_of)
    err.print(plain(f"as of {end}, {origin}"))
    starts = ((name, start) for name, (start, _) in summary.windows.items())
    err.print(
        f"windows: {'; '.join(f'{name} {_instant(at)} to {end}' if at else f'{name} up to {end}' for name, at in starts)}"
    )
    newest = connection.sql(sql_of("flows", "newest_post")).fetchall()[0][0]
    if newest and newest.isoformat() <= (summary.windows["last_90_days"][0] or ""):
        err.print(
            f"last_90_days holds no post: the newest was published at {newest:%Y-%m-%d %H:%M}; --as-of moves the window"
        )
    if summary.rows_later:
        err.print(
            f"{summary.rows_later:,} rows are later than that and in no figure: see rows_later in: tierwise ledger"
        )


def _instant(text: str) -> str:
    """An instant of a summary for reading, to the second."""
    return f"{text.replace('T', ' ')[:19]} UTC"


def show_incomplete(summary: RunSummary) -> None:
    """Lists of which the files of this run have pages, and none has the last."""
    for line in summary.incomplete_lists[:NAMED_MAX]:
        err.print(Text("list cut short: ", style="bold") + plain(line))
    if len(summary.incomplete_lists) > NAMED_MAX:
        err.print(
            f"lists cut short in {len(summary.incomplete_lists) - NAMED_MAX:,} more files: see note in: tierwise ledger"
        )


def show_left_out(summary: RunSummary) -> None:
    """What is not in the warehouse by a fault of ours: rows of evidence that break a rule of their own table, and files."""
    for line in summary.evidence_left_out:
        err.print(Text("error: ", style="bold red") + plain(f"{line}; every figure is published"))
    for line in summary.faults[:NAMED_MAX]:
        err.print(Text("error: ", style="bold red") + plain(f"{line}; the other files are published"))
    if summary.evidence_left_out or summary.faults:
        err.print(Text("  fix: ", style="bold") + plain(OUR_FAULT))


def show_changes(summary: RunSummary) -> None:
    """Columns that are not what they were in the file before of the same source."""
    for change in summary.schema_changes[:NAMED_MAX]:
        err.print(Text("columns changed: ", style="bold") + plain(change))
    if len(summary.schema_changes) > NAMED_MAX:
        err.print(f"columns changed in {len(summary.schema_changes) - NAMED_MAX:,} more files: see them with --json")


def show_query(warehouse: Path, sql: str, limits: Limits, *, as_json: bool, below: Collection[str] = ()) -> None:
    """The rows of a query: tables for reading, or one JSON document. Only so many are ever held at once."""
    with asked(warehouse, sql, limits) as answer:
        show_rows(answer.columns, answer.chunks(), answer.left_out, as_json=as_json, below=below)


def show_rows(
    columns: list[str],
    chunks: Iterable[list[tuple[object, ...]]],
    left_out: Callable[[], tuple[int, bool]],
    *,
    as_json: bool,
    more: str = "see them with --all",
    below: Collection[str] = (),
) -> None:
    """A table for reading, or one JSON document; and how many rows are `left_out`, and whether that is all of them.

    Where columns stand `below` the others, a row is as wide as the terminal.
    """
    if as_json:
        _write_json_rows(columns, chunks, left_out)
        return
    show = partial(show_blocks, columns, below=below) if below else partial(show_table, "", columns)
    shown = 0
    for rows in chunks:
        show(rows)
        shown += len(rows)
    if not shown:
        show([])
    out.file.flush()  # they are there before the others are counted, which takes its time
    count, is_all = left_out()
    if count:
        err.print(f"{'' if is_all else 'more than '}{count:,} more: {more.format(rows=shown + count)}")


def _write_json_rows(
    columns: list[str], chunks: Iterable[list[tuple[object, ...]]], left_out: Callable[[], tuple[int, bool]]
) -> None:
    """One document, written as its rows come; `more` is how many there are beside them, at least."""
    written, before = sys.stdout.write, ""
    written('{"schema_version": 1, "rows": [')
    for rows in chunks:
        for row in rows:
            written(before + json_text(dict(zip(columns, row, strict=True))))
            before = ", "
    count, is_all = left_out()
    told = {"truncated": count > 0, "more": count, "more_is_exact": is_all}
    print(f"], {json_text(told).removeprefix('{')}")
