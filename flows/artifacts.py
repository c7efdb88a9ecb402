"""The story of a run for somebody at the Prefect UI. Text from exports is shown and does nothing else."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from flows.freshness import Newest
from flows.settings import Settings
from flows.summary import RunSummary
from marts.plan_result import Plan
from marts.plan_words import columns_of, percent, row_of, title, told
from reports.terminal import CONTROL
from warehouse.lake.commits import Entry
from warehouse.published import open_published

ROWS_SHOWN = 200
# Single characters between words make no mark-up.
SENTENCE = re.compile(r"[^\W_](?:[^\W_]|[ ,.:;%()'=-])*")
WORDS = re.compile(r"[^\W_]+(?:[ ./_-][^\W_]+)*")


def shown(value: object) -> str:
    """Text from an export without what would steer a terminal."""
    return "" if value is None else CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))


def inert(value: object) -> str:
    """The same as Markdown that does nothing else: words as they are, and whatever could be more as code.

    Of Prefect's two UIs one shows character references as they are written and the other makes links of bare addresses
    whatever is escaped in them; both leave code alone.
    """
    text = shown(value).replace("\n", "\N{RETURN SYMBOL}").replace("\t", " ")
    if WORDS.fullmatch(text) and "www" not in text.lower():
        return text
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    padding = " " if text[:1] in {"`", " "} or text[-1:] in {"`", " "} else ""
    return f"{fence}{padding}{text}{padding}{fence}" if text.strip() else ""


def sentence(text: str) -> str:
    """A sentence of ours as it is, and as code where a name in it could be more than words."""
    return text if SENTENCE.fullmatch(text) and "www" not in text.lower() else inert(text)


def run_name(exports: Path, summary: RunSummary) -> str:
    """What a list of runs says of one that has ended."""
    figures = f"{summary.rows_loaded:,} rows loaded, {summary.rows_rejected:,} rejected"
    cut_off = f", {summary.files_quarantined:,} files quarantined" if summary.files_quarantined else ""
    return f"{source_name(exports)}: {figures if summary.rows_read or cut_off else 'nothing new'}{cut_off}"


def source_name(exports: Path) -> str:
    return shown(exports.name or exports)


def show_artifacts(summary: RunSummary, entries: list[Entry], settings: Settings) -> None:
    """What came in, what was rejected, the headline figures, what changed, and where the report lies."""
    with open_published(settings.warehouse) as connection:
        rejects = connection.table("rejects_by_reason").limit(ROWS_SHOWN).to_dicts()
        headline = connection.table("headline_engagement").limit(ROWS_SHOWN).to_dicts()
    loaded = [
        {
            "file": inert(entry.file), "verdict": entry.verdict, "dataset": counts.dataset or "", "read": counts.rows_read,
            "loaded": counts.rows_loaded, "duplicate": counts.rows_duplicate, "rejected": counts.rows_rejected,
            "left out": counts.rows_left_out, "forgotten": counts.rows_forgotten, "note": inert(entry.note),
        }
        for entry in entries[:ROWS_SHOWN]
        for counts in entry.counts
    ]  # fmt: skip
    create_table_artifact(key="rows-loaded", table=loaded, description="What became of each file of this run")
    create_table_artifact(
        key="rejected-rows",
        table=[{name: inert(value) for name, value in row.items()} for row in rejects],
        description="What was rejected, by file and rule, and how to fix it",
    )
    create_markdown_artifact(
        key="run-summary", markdown=_summary_text(summary, headline), description="What this run did"
    )
    if summary.schema_changes:
        create_table_artifact(
            key="columns-changed",
            table=[{"change": inert(change)} for change in summary.schema_changes[:ROWS_SHOWN]],
            description="Columns that are not what they were in the file before of the same source",
        )
    _show_report(settings.report)


def _show_report(report: Path) -> None:
    """A browser does not follow a link from the UI to a file: the path itself is there to be copied."""
    if report.is_file():
        path = report.resolve()
        create_link_artifact(
            key="report", link=path.as_uri(), link_text=inert(path), description="The report, on the machine of the run"
        )


def show_freshness(figures: list[Newest], now: datetime) -> None:
    """How old the newest of each kind is, beside what is allowed."""
    rows = [
        {
            "what": inert(each.what), "newest": f"{each.at:%Y-%m-%d %H:%M} UTC" if each.at else "nothing", "days": each.days(now),
            "allowed days": round(each.allowed.total_seconds() / 86_400, 2), "verdict": "stale" if each.stale(now) else "fresh",
        }
        for each in figures
    ]  # fmt: skip
    create_table_artifact(
        key="freshness", table=rows, description="The newest observation of each platform, the newest load"
    )


def show_plan(found: Plan) -> None:
    """The plan as text, and its accounts as a table."""
    columns, said = columns_of(found), sentence(title(found))
    rows = [
        {columns.get(name, name): inert(value) for name, value in row_of(account).items()} for account in found.accounts
    ]
    create_table_artifact(key="plan-accounts", table=rows, description=f"Whom to book: {said}")
    create_markdown_artifact(key="campaign-plan", markdown=_plan_text(found), description=said)


def _plan_text(found: Plan) -> str:
    columns = columns_of(found)
    rows = [row_of(account) for account in found.accounts]
    lines = [f"**{sentence(title(found))}**", ""]
    lines += _table([*columns.values()], [[row[name] for name in columns] for row in rows])
    lines += ["", *(f"- {name}: {sentence(words)}" for name, words in told(found).items())]
    if found.left_out:
        lines += ["", "Accounts that are not in it:", "", *_table(["reason", "accounts"], found.left_out.items())]
    if found.frontier:
        points = [
            (percent(point.rate_floor), percent(point.rate_mean), round(point.value), round(point.bound), point.account_count)
            for point in found.frontier
        ]  # fmt: skip
        names = ["least rate", "mean rate", "value", "no set brings more than", "accounts"]
        lines += ["", "The same budget, with a least rate for each account:", "", *_table(names, points)]
    return "\n".join([*lines, "", *(f"- {sentence(note)}" for note in found.notes)])


def _table(names: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A table in Markdown."""
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(value: object) -> str:
    """A cell of a Markdown table ends at a bar, in code too."""
    return inert(value).replace("|", "\\|")


def _summary_text(summary: RunSummary, headline: list[dict[str, object]]) -> str:
    origin = f", the newest time in the lake, from {inert(summary.as_of_file)}" if summary.as_of_file else ""
    windows = (f"{name} {f'from {start} ' if start else ''}to {end}" for name, (start, end) in summary.windows.items())
    as_of = f"{summary.as_of}{origin}; windows: {', '.join(windows)}" if summary.as_of else "no date"
    lines = [
        f"**{'Published' if summary.published else 'Nothing changed'}** as of {as_of}",
        "",
        *([f"**as_of lies in the future:** {inert(summary.ahead_of_clock)}", ""] if summary.ahead_of_clock else []),
        f"{summary.files_seen} files seen, {summary.files_read} read, {summary.files_quarantined} quarantined.",
        f"{summary.rows_read:,} rows read:",
        f"{summary.rows_fates}.",
        *(
            [f"{summary.rows_later:,} rows of the lake are later than as_of and in no figure."]
            if summary.rows_later
            else []
        ),
        "",
        "| platform | niche | tier | accounts | posts | engagement rate, mean over accounts |",
        "|---|---|---|---:|---:|---:|",
    ]
    for row in headline:
        rate = row["engagement_rate_percent"]
        percent = f"{rate:.2f} %" if isinstance(rate, float) else "not known"
        lines.append(
            f"| {_cell(row['platform'])} | {_cell(row['niche'])} | {_cell(row['tier'])} "
            f"| {row['account_count']} | {row['post_count']} | {percent} |"
        )
    lines += ["", *(f"- {inert(line)}" for line in summary.evidence_left_out)]
    if summary.incomplete_lists:
        lines += ["", "Lists without their last page:", ""]
        lines += [f"- {inert(line)}" for line in summary.incomplete_lists[:ROWS_SHOWN]]
    return "\n".join(lines)
