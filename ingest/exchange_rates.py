"""A file of exchange rates, as somebody brings it to a plan: every line is read, or the file is refused with the reason."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

from ingest.cast.currencies import code_named
from schemas.columns import EARLIEST, LATEST
from schemas.errors import UsageError
from schemas.exchange_rates import HIGHEST, LOWEST, PLACES, ExchangeRate

BYTES_MAX, FAULTS_SHOWN, VALUE_SHOWN = 1 << 26, 5, 40
NAMES = {
    "date": ("date", "day"),
    "from_currency": ("from_currency", "from"),
    "to_currency": ("to_currency", "to"),
    "rate": ("rate", "exchange_rate"),
}
HEADER = "date,from_currency,to_currency,rate"
DELIMITERS = (",", ";", "\t")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NUMBER = re.compile(r"\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
DECIMAL_COMMA = re.compile(r"\d{1,30},\d{1,30}", re.ASCII)
Lines = Iterator[tuple[int, list[str]]]


class Fault(ValueError):
    """What is wrong with a line, and how to write it."""


def read_exchange_rates(path: Path) -> tuple[ExchangeRate, ...]:
    """The rates of a CSV file, in the order of day and currencies; a rate that stands there twice counts once.

    Raises:
        UsageError: There is no such file, it holds no rates, or a line of it is none: it says which line and value, what
            is allowed, and how to correct it.
    """
    lines = _lines(path)
    places = _places(path, lines)
    found: dict[tuple[date, str, str], tuple[ExchangeRate, int]] = {}
    faults: list[str] = []
    for number, cells in lines:
        try:
            rate = _rate(places, cells)
            key = (rate.day, rate.from_currency, rate.to_currency)
            earlier, line = found.setdefault(key, (rate, number))
            if earlier.rate != rate.rate:
                raise Fault(
                    f"{rate.rate} from {rate.from_currency} to {rate.to_currency} on {rate.day}, and line {line} has"
                    f" {earlier.rate}: one rate a day is allowed; keep the one that is meant"
                )
        except Fault as fault:
            faults.append(f"line {number}: {fault}")
    if faults:
        more = f"; and {len(faults) - FAULTS_SHOWN:,} more" if len(faults) > FAULTS_SHOWN else ""
        raise UsageError(f"{path}, {'; '.join(faults[:FAULTS_SHOWN])}{more}", fix="correct these lines")
    if not found:
        raise _no_rates(path)
    return tuple(found[key][0] for key in sorted(found))


def _lines(path: Path) -> Lines:
    """The lines of a file that hold anything, as cells, each with its number."""
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file", fix=f"name a CSV file of exchange rates: {HEADER}")
    try:
        with path.open("rb") as stream:
            content = stream.read(BYTES_MAX + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})", fix="name a file that you may read") from error
    if len(content) > BYTES_MAX:
        raise UsageError(f"{path}: has more than {BYTES_MAX >> 20} MiB", fix="keep the days that matter")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: is not UTF-8 ({error.reason} at byte {error.start:,})", fix="save it as CSV UTF-8"
        ) from error
    head = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    return _cells(path, text, max(DELIMITERS, key=head.count))


def _cells(path: Path, text: str, delimiter: str) -> Lines:
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: {error}", fix="close every quote, or write none") from error


def _places(path: Path, lines: Lines) -> Mapping[str, int]:
    """Where each column stands; others may stand beside them."""
    number, header = next(lines, (0, []))
    if not header:
        raise _no_rates(path)
    names = [cell.lower().replace(" ", "_") for cell in header]
    places = {column: [names.index(name) for name in known if name in names] for column, known in NAMES.items()}
    missing = [column for column, where in places.items() if not where]
    twice = [column for column, known in NAMES.items() if sum(names.count(name) for name in known) > 1]
    if missing or twice:
        wrong = f"no column {', '.join(missing)}" if missing else f"two columns {', '.join(twice)}"
        raise UsageError(
            f"{path}, line {number}: {wrong} among {', '.join(map(_shown, header[:8]))}",
            fix=f"begin the file with the line {HEADER}",
        )
    return {column: where for column, (where,) in places.items()} | {"cells": len(header)}


def _rate(places: Mapping[str, int], cells: list[str]) -> ExchangeRate:
    if len(cells) != places["cells"]:
        raise Fault(
            f"{len(cells)} cells where the header has {places['cells']}; a rate is written with a point, as 1.0834"
        )
    readers: dict[str, Callable[[str], object]] = {
        "date": _day,
        "from_currency": partial(_currency, "from_currency"),
        "to_currency": partial(_currency, "to_currency"),
        "rate": _number,
    }
    read: dict[str, object] = {column: reader(cells[places[column]]) for column, reader in readers.items()}
    day, source, target, rate = read.values()
    if source == target:
        raise Fault(f"from {source} to {source}: two currencies are needed; leave the line out")
    assert isinstance(day, date)
    assert isinstance(rate, Decimal)
    return ExchangeRate(day, str(source), str(target), rate)


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not EARLIEST.date() <= found < LATEST.date():
        raise Fault(f"date {_shown(text)}: not a day from 1990 on; write it as 2026-05-31")
    return found


def _currency(column: str, text: str) -> str:
    code = code_named(text)
    if code is None:
        raise Fault(f"{column} {_shown(text)}: not a currency; write its three letters, as EUR")
    return code


def _number(text: str) -> Decimal:
    allowed = f"write a number from {LOWEST:f} to {HIGHEST:,.0f} with a point and at most {PLACES} decimals, as 1.0834"
    if DECIMAL_COMMA.fullmatch(text):
        raise Fault(f"rate {_shown(text)}: a comma may stand for decimals or for thousands; {allowed}")
    if not NUMBER.fullmatch(text):
        raise Fault(f"rate {_shown(text)}: not a number; {allowed}")
    rate = Decimal(text)
    if not LOWEST <= rate <= HIGHEST or rate != round(rate, PLACES):
        raise Fault(f"rate {_shown(text)}: not a rate; {allowed}")
    return rate


def _shown(text: str) -> str:
    return repr(text if len(text) <= VALUE_SHOWN else f"{text[:VALUE_SHOWN]}...")


def _no_rates(path: Path) -> UsageError:
    return UsageError(
        f"{path}: holds no exchange rates", fix=f"write {HEADER} in its first line, and a rate in each other"
    )
