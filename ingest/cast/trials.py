"""Declarations tried on cells that are rejected: which of them would read a cell, and as what."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import get_args

import polars as pl

from ingest import languages
from ingest.cast import dates, grammars
from ingest.cast.parsing import Convention
from schemas.columns import EARLIEST, LATEST
from schemas.sources import NumberConvention

VALUE = pl.col("value")
# Of a batch, so many different words are looked up, and so many languages tried for each.
WORDS_MAX, LANGUAGES_MAX, COMMON_MAX = 20, 6, 20
WITH_COMMA = "de"  # of the languages that write a comma before decimals
PERCENT_WITH_COMMA = f'number = "percent", language = "{WITH_COMMA}"'
NO_WORD = r"[\p{Nd}.,'\x{2019}+~<>%-]"
MONTH = r"[\pL\pM]{3,}"
# How people write days, for cells that no declaration is about; the month first and the day first where both are usual.
FORMATS = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%y", "%Y年%m月%d日",
    "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p", "epoch",
)  # fmt: skip
NAMED_FORMATS = (
    "%d %b %Y", "%d. %b %Y", "%b %d, %Y", "%b %d %Y", "%d de %b de %Y", "%d %b %Y %H:%M", "%b %d, %Y %H:%M", "%Y %b %d",
)  # fmt: skip


LookUp = Callable[[Iterable[str]], dict[str, tuple[str, ...]]]
DECLARED = pl.Schema({"value": pl.String, "declare": pl.String})


def word_of(text: pl.Expr) -> pl.Expr:
    """What stands beside the number in a cell, in small letters and without a dot at its end."""
    bare = text.str.replace_all(NO_WORD, "").str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.when(text.str.contains(r"\p{Nd}") & (bare != "")).then(bare.str.to_lowercase())


def months_in(text: pl.Expr) -> pl.Expr:
    """The words in a cell that may be months."""
    words = text.str.replace_all("İ", "i", literal=True).str.to_lowercase().str.extract_all(MONTH)
    return pl.when(text.str.contains(r"\p{Nd}")).then(words)


def has_known_word(cells: pl.Series, *, of_months: bool) -> pl.Series:
    """Whether a number stands beside an abbreviation that some language has, or a month that some language names."""
    texts = cells.alias("value").to_frame()
    if of_months:
        known = _known(texts.select(months_in(VALUE)).to_series().explode(), languages.languages_of_months)
        is_known = months_in(VALUE).list.eval(pl.element().is_in(list(known))).list.any()
    else:
        known = _known(texts.select(word_of(VALUE)).to_series(), languages.languages_of_words)
        is_known = word_of(VALUE).is_in(list(known))
    return texts.select(is_known.fill_null(value=False)).to_series()


def _known(words: pl.Series, look_up: LookUp) -> dict[str, tuple[str, ...]]:
    """The languages of the commonest of these words."""
    counts = words.drop_nulls().value_counts(sort=True)
    return look_up(counts.head(WORDS_MAX).to_series().to_list())


def by_language(
    values: pl.DataFrame, number: NumberConvention | None, read: Callable[[Convention], pl.Expr]
) -> pl.DataFrame:
    """The texts with `declare`, the languages that read each, and the number each language finds there.

    Numbers that a convention finds too, in a column of its own among `values`, are left to that convention.

    `number` is the convention that is declared, `read` gives the number that another one finds. Beside a convention only
    languages are named that put the same sign before decimals.
    """
    conventions = [name for name in get_args(NumberConvention) if name in values.columns]
    # Twenty languages cost most of a second: they are asked of numbers that nothing else reads.
    texts = values.filter(
        VALUE.str.contains(r"\p{Nd}"), *(pl.col(name).is_null() for name in conventions)
    ).with_columns(word_of(VALUE).alias("word"))
    texts = texts.filter(pl.col("word").is_not_null())
    if texts.is_empty():
        return DECLARED.to_frame()
    sign = grammars.GRAMMARS[number].decimal if number in ("comma", "dot", "suffix", "words", "dot_words") else None
    candidates = _candidates(texts.get_column("word"), sign)
    found = DECLARED.to_frame()
    if number != "plain":
        alike = [code for code in candidates if sign in (None, languages.signs_of(code)[0])]
        ways = {f'language = "{code}"': read(grammars.in_language(code, number)) for code in alike}
        found = _that_read(texts, ways)
    left = texts.join(found, on="value", how="anti")
    if number is None or not left.height:
        return found
    ways = {f'language = "{code}" without number = "{number}"': read(grammars.in_language(code)) for code in candidates}
    return pl.concat([found, _that_read(left, ways)])


def _candidates(words: pl.Series, sign: str | None) -> list[str]:
    """The languages to try: of each word those that have it, before the others those with this sign before decimals."""
    found: dict[str, None] = {}
    for word, codes in _known(words, languages.languages_of_words).items():
        own = sorted(codes, key=lambda code: sign is not None and languages.signs_of(code)[0] != sign)
        found |= dict.fromkeys(_of_different_meaning(word, own)[:LANGUAGES_MAX])
    return list(found)


def _of_different_meaning(word: str, codes: Iterable[str]) -> list[str]:
    """Of languages that read a word alike the first alone."""
    first: dict[object, str] = {}
    for code in codes:
        first.setdefault((languages.words_of(code).get(word), languages.signs_of(code)), code)
    return list(first.values())


def by_date_format(values: pl.DataFrame, zone: str | None) -> pl.DataFrame:
    """The texts with `declare`, the formats and languages that read each as a time, and the time each finds there."""
    ways = {f'date_format = "{fmt}"': dates.instant(VALUE, (fmt,), zone) for fmt in FORMATS}
    for language in _languages_of_months(values):
        for fmt in NAMED_FORMATS:
            spelling = dates.Spelling(language)
            ways[f'date_format = "{fmt}", language = "{language}"'] = dates.instant(VALUE, (fmt,), zone, spelling)
    return _that_read(values, {said: _bounded(way) for said, way in ways.items()})


def by_month(values: pl.DataFrame, fmt: str, zone: str | None, spelling: dates.Spelling) -> pl.DataFrame:
    """The texts with `declare`, the languages in whose words the declared format reads each."""
    names = _languages_of_months(values) if dates.names_month(fmt) else []
    if not names and dates.names_day_or_half(fmt):
        names = list(languages.COMMON[:COMMON_MAX])
    ways = {
        f'language = "{name}"': dates.instant(VALUE, (fmt,), zone, replace(spelling, language=name)) for name in names
    }
    return _that_read(values, {said: _bounded(way) for said, way in ways.items()})


def _bounded(time: pl.Expr) -> pl.Expr:
    """Years of two digits read as four, and the like, are no reading."""
    return pl.when(time.is_between(EARLIEST, LATEST)).then(time)


def _languages_of_months(values: pl.DataFrame) -> list[str]:
    known = _known(values.select(months_in(VALUE)).to_series().explode(), languages.languages_of_months)
    return list(dict.fromkeys(code for codes in known.values() for code in codes[:LANGUAGES_MAX]))


def _that_read(values: pl.DataFrame, ways: dict[str, pl.Expr]) -> pl.DataFrame:
    """The texts that one of the ways reads, with these ways in one text.

    Of equal readings one is named: that of the way which reads the most of these texts.
    """
    conventions = [name for name in get_args(NumberConvention) if name in values.columns]
    found = values.select("value", *conventions, *(way.alias(said) for said, way in ways.items()))
    counts = {said: -found.get_column(said).count() for said in ways}
    best = sorted(ways, key=lambda said: counts[said])
    said: dict[str, str] = {}
    for value, *readings in found.select("value", *conventions, *best).iter_rows():
        first: dict[object, str] = {}
        for way, reading in zip([*conventions, *best], readings, strict=True):
            if reading is not None:
                first.setdefault(reading, way)
        own = [f"{way} ({_shown(reading)})" for reading, way in first.items() if way not in conventions]
        if own:
            said[value] = " or ".join(own)
    return pl.DataFrame({"value": list(said), "declare": list(said.values())}, schema=DECLARED)


def _shown(reading: object) -> str:
    return str(reading).removesuffix(" 00:00:00")
