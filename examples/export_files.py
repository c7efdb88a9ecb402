"""Rows as the text of export files."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

Row = dict[str, str | int | bool | None]

SEEN_AT = datetime(2026, 8, 24, 6)
UTC_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def csv_text(rows: Sequence[Mapping[str, object]], *, delimiter: str = ",", header: bool = True) -> str:
    """Rows as CSV; flags in lower case, null as an empty cell."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    if header:
        writer.writeheader()
    for row in rows:
        writer.writerow({name: str(cell).lower() if isinstance(cell, bool) else cell for name, cell in row.items()})
    return out.getvalue()


def ndjson_text(rows: Sequence[Row]) -> str:
    """One object a line; what is null is absent, as the platforms' interfaces do it."""
    return "".join(json.dumps({name: cell for name, cell in row.items() if cell is not None}) + "\n" for row in rows)


def short_number(count: int) -> str:
    """`1.2M`, as rankings print it."""
    for size, suffix in ((1_000_000, "M"), (1_000, "K")):
        if count >= size:
            return f"{count / size:.1f}{suffix}"
    return str(count)
