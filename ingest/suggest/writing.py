"""How a file writes its numbers and times, column by column, as the lines of sources.toml that say so."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping

import polars as pl

from ingest.cast import grammars
from ingest.cast.units import factor_named, has_bare_numbers
from ingest.suggest import cells
from ingest.suggest.look import Looked
from ingest.suggest.names import Meaning
from schemas.columns import columns_of, polars_schema
from schemas.tables import DATASETS

# Figures that somebody else computed, by the unit they are in.
CLAIMS = {
    "engagement_rate": "ratio",
    "like_count_mean": "count",
    "comment_count_mean": "count",
    "view_count_mean": "count",
}
PERCENT_IN_NAME = re.compile(r"%|\bpercent|\bpct\b", re.IGNORECASE)
# What stands for a number that is not known, whoever writes it; any other word may be out of its place.
NOT_KNOWN = (
    "-",
    "--",
    "\u2013",
    "\u2014",
    "n/a",
    "na",
    "n.a.",
    "nan",
    "none",
    "null",
    "nil",
    "unknown",
    "hidden",
    "private",
    "?",
)


def toml(text: str) -> str:
    """A text as TOML writes it; what a terminal would obey is escaped."""
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in escaped)


def toml_list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(toml, texts))}]"


def reading(origin: str, *more: str) -> str:
    """What stands behind `=` for a column: its name alone where that is enough."""
    said = [part for part in more if part]
    if origin.startswith("position"):
        return f"{{ {', '.join([origin, *said])} }}"
    return f"{{ {', '.join([f'from = {origin}', *said])} }}" if said else origin


class Writing:
    """What the columns of a file show of how it is written. `questions` are what could be meant in two ways."""

    def __init__(self, looked: Looked) -> None:
        self.looked = looked
        self.questions: list[str] = []
        self.number = "plain"
        self._zone_asked = False
        self._null_words: dict[str, None] = {}

    def lines(self) -> list[str]:
        """How the file is written, as keys of its source."""
        source = self.looked.source
        lines = [f"format = {toml('json')}"] if self.looked.format == "json" else []
        lines += [
            f"{key} = {json.dumps(value, ensure_ascii=False)}"
            for key, value in source.model_dump(exclude_unset=True).items()
            if key != "files"
        ]
        lines += [f"number = {toml(self.number)}"] if self.number != "plain" else []
        lines += ['time_zone = "UTC"'] if self._zone_asked else []
        lines += [f"null_words = {toml_list(self._null_words)}"] if self._null_words else []
        return lines

    def settle_numbers(self, columns: Mapping[str, Meaning]) -> None:
        """The convention that reads most of the columns of numbers is that of the file."""
        votes: Counter[str] = Counter()
        for name, meaning in columns.items():
            if meaning.column and self._is_number(meaning.column) and (told := self._numbers(name, meaning.column)):
                votes.update(way for way in told.fitting if way != "percent")
        if votes:
            most = max(votes.values())
            self.number = next(
                way for way in ("plain", "comma", "dot", "suffix", "words", "dot_words", "prices") if votes[way] == most
            )

    @staticmethod
    def _is_number(column: str) -> bool:
        every = {fact.name: fact.dtype for model in DATASETS.values() for fact in columns_of(model)}
        return column in CLAIMS or (column in every and every[column].is_numeric())

    def _numbers(self, name: str, column: str) -> cells.Written | None:
        return cells.numbers(self.texts(name), whole=column.endswith("_count") and self._unit(name) is None)

    def _unit(self, name: str) -> int | None:
        """What the numbers of a column are counted in, where its name says so and its cells do not."""
        return factor_named(name) if has_bare_numbers(self.texts(name)) else None

    def reading_of(self, dataset: str, column: str, name: str) -> str | None:
        """A column with how it is written, where that is not how the file is; null for times that none can read."""
        dtype = polars_schema(DATASETS[dataset])[column]
        said: str | None = ""
        if dtype.is_numeric():
            said = self._said_of_numbers(column, name)
        elif dtype.is_temporal():
            said = self._said_of_times(name, day=dtype == pl.Date)
        return None if said is None else reading(self.origin(name), said)

    def _said_of_numbers(self, column: str, name: str) -> str:
        told = self._numbers(name, column)
        if told is None:
            sample = ", ".join(map(repr, self.texts(name).head(3)))
            language = cells.in_a_language(self.texts(name), whole=column.endswith("_count"))
            read = f"; {language} would read the first" if language else ""
            known = "is read where its language is declared" if language else "is written in no way that is known"
            self.questions.append(f"{name!r} {known}, such as {sample}{read}")
            return ""
        self._null_words |= dict.fromkeys(told.not_known)
        if odd := [word for word in told.not_known if word.lower() not in NOT_KNOWN]:
            self.questions.append(f"{', '.join(map(repr, odd))} in {name!r} is taken for not known")
        way = self.number if self.number in told.fitting else told.fitting[0]
        if column == "value" and "percent" in told.fitting and self._is_percentage(name):
            way = "percent"
        elif len(told.ways) > 1 and self.looked.format == "csv":
            others = " or ".join(f'"{other}"' for other in told.ways if other != way)
            shown = ", ".join(map(repr, told.telling))
            self.questions.append(
                f'{name!r} is read as number = "{way}"; {shown} would be other figures under {others}'
            )
        said = [f"number = {toml(way)}"] if way != self.number else []
        if unit := self._unit(name):
            said.append(f"times = {unit}")
            self.questions.append(
                f"{name!r} is taken to count in units of {unit:,}; write times = 1 if its cells are whole figures"
            )
        return ", ".join(said)

    def _is_percentage(self, name: str) -> bool:
        """Whether the cells have a sign of percent, or the name of their column has it for all of them; asked where it may
        not be all of them that are meant."""
        texts = self.texts(name)
        bare = texts.filter(~texts.str.contains(grammars.PERCENT))
        if bare.len() == texts.len() and not PERCENT_IN_NAME.search(name):
            return False
        if bare.len():
            why = "by the name of the column" if bare.len() == texts.len() else "as others have their sign"
            self.questions.append(f"{bare[0]!r} in {name!r} is taken for {bare[0]} %, {why}")
        return True

    def _said_of_times(self, name: str, *, day: bool) -> str | None:
        told = cells.times(self.texts(name), day=day)
        if told is None:
            if self.texts(name).len():
                sample = ", ".join(map(repr, self.texts(name).head(3)))
                self.questions.append(
                    f"{name!r} is no time in a way that is known, such as {sample}; it is left unread"
                )
            return None
        fmt = told.ways[0]
        if len(told.ways) > 1:
            others = " or ".join(f'"{other}"' for other in told.ways[1:3])
            self.questions.append(
                f'{name!r} is read as date_format = "{fmt}"; {", ".join(map(repr, told.telling))} can be {others} as well'
            )
        if not day and cells.needs_zone(fmt, self.texts(name)) and not self._zone_asked:
            self._zone_asked = True
            self.questions.append(
                'time_zone = "UTC" is a guess: write the zone of its times of day, such as "Europe/Berlin"'
            )
        return f"date_format = {toml(fmt)}" if fmt else ""

    def origin(self, name: str) -> str:
        """The column by its name, or by its position where another has the same name or it has none."""
        if name in self.looked.repeated:
            return f"position = {self.looked.header.index(name) + 1}"
        return toml(name)

    def texts(self, name: str) -> pl.Series:
        texts = self.looked.rows.get_column(name).str.strip_chars()
        return texts.filter(texts != "").drop_nulls()
