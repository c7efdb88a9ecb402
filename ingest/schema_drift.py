"""What changed in the columns of a source since its last file: said in plain words, refused where a header slipped."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from pathlib import Path

from ingest.cast.header_check import slipped
from ingest.quarantine import quarantined_after_all
from ingest.readers.base import OF_SHEETS
from ingest.sources import read_sources, source_of
from ingest.workbooks.workbook import SUFFIXES
from schemas.errors import FileRefused
from schemas.sources import Sources
from warehouse.lake.commits import Entry
from warehouse.lake.ledger import Lake

ALIKE = 0.7
NAME_LENGTH = 60
CONTAINERS = (".zip", *SUFFIXES)
# The formats whose cells stand below a header, which can slip.
BY_PLACE = ("csv", *OF_SHEETS)
Columns = Mapping[str, str | None]


def against_earlier_files(exports: Path, lake: Lake, entries: list[Entry]) -> tuple[list[Entry], list[str]]:
    """What was just read, not yet committed, beside the last file of its source.

    Returns the entries, those quarantined of which a column that was numbers holds words throughout, and a line for each
    file whose columns are others than those of the file before it.
    """
    if not any(entry.columns for entry in entries):
        return entries, []
    sources = read_sources(exports)
    earlier = sorted(lake.entries(), key=lambda known: (known[0].sequence, known[1].file))
    newest: dict[tuple[str, ...], Entry] = {}
    for _, entry in earlier:
        _note(entry, sources, newest)
    refused: dict[str, Entry] = {}
    lines = []
    for entry in sorted((entry for entry in entries if entry.columns), key=lambda entry: entry.file):
        before = newest.get((*_source(entry.file, sources), *_datasets(entry)))
        changes = changed(before.columns, entry.columns) if before else []
        if before and changes:
            lines.append(f"{entry.file}, other columns than {before.file}: {'; '.join(changes)}")
        column = _slipped_column(before, entry, sources) if before else None
        if before and column is not None:
            said = f"was numbers in {before.file}, and holds words"
            refused[entry.file] = quarantined_after_all(entry, slipped(entry.file, column, said), lake)
        else:
            _note(entry, sources, newest)
    return [refused.get(entry.file, entry) for entry in entries], lines


def _slipped_column(before: Entry, entry: Entry, sources: Sources) -> str | None:
    """The first column of a CSV file or a sheet that was numbers in the file before it, and holds words throughout."""
    if entry.verdict != "loaded" or entry.format not in BY_PLACE:
        return None
    declared = source_of(entry.file, sources).text_columns
    return next(
        (
            name
            for name, kind in entry.columns.items()
            if kind == "words" and before.columns.get(name) == "number" and name not in declared
        ),
        None,
    )


def _note(entry: Entry, sources: Sources, newest: dict[tuple[str, ...], Entry]) -> None:
    """Only what was loaded is an example; by what it became, and for files that will be refused by its source alone."""
    if entry.verdict == "loaded" and entry.columns:
        source = _source(entry.file, sources)
        newest[source] = newest[(*source, *_datasets(entry))] = entry


def _datasets(entry: Entry) -> tuple[str, ...]:
    return tuple(sorted(counts.dataset for counts in entry.counts if counts.dataset))


def _source(file: str, sources: Sources) -> tuple[str, ...]:
    """The source that names the file, else its folder and its name without the digits, as those of its workbook or archive:
    the sheet `IG` of `list-01.xlsx` comes before that of `list-02.xlsx`."""
    try:
        source = source_of(file, sources)
    except FileRefused:
        return "name", file
    if any(source.files == declared.files for declared in sources.source):
        return "source", source.files
    *around, name = file.split("/")
    packed = (re.sub(r"\d+", "#", each) if each.lower().endswith(CONTAINERS) else each for each in around)
    return "name", *packed, re.sub(r"\d+", "#", name)


def changed(before: Columns, after: Columns) -> list[str]:
    """What a person should know of columns that are not what they were. Their order does not matter."""
    missing, new = [name for name in before if name not in after], [name for name in after if name not in before]
    renamed = _renamed(list(before), list(after), missing, new)
    lines = [f"{_shown(old)} is now called {_shown(renamed[old])}" for old in before if old in renamed]
    lines += [f"{_shown(name)} is missing" for name in missing if name not in renamed]
    lines += [f"{_shown(name)} is new" for name in new if name not in renamed.values()]
    for old, kind in before.items():
        name = renamed.get(old, old)
        if kind == "number" and after.get(name) in ("text", "words"):
            lines.append(f"{_shown(name)} was numbers and is now text")
    return lines


def _renamed(before: list[str], after: list[str], missing: list[str], new: list[str]) -> dict[str, str]:
    """Each missing column with the new one that it seems to be: most alike first, else the one at its place."""
    pairs = sorted(((_likeness(old, name), old, name) for old in missing for name in new), reverse=True)
    pairs = [pair for pair in pairs if pair[0] >= ALIKE]
    pairs += [(0, old, name) for old in missing for name in new if before.index(old) == after.index(name)]
    found: dict[str, str] = {}
    for _, old, name in pairs:
        if old not in found and name not in found.values():
            found[old] = name
    return found


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, _bare(one), _bare(other), autojunk=False).ratio()


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


def _shown(name: str) -> str:
    return repr(name[:NAME_LENGTH])
