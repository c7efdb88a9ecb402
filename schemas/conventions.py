"""Texts of sources.toml that say how a file is written, each checked when it is read: a zone, an encoding, a language."""

import re
from datetime import datetime
from typing import Annotated, Literal

import polars as pl
from pydantic import AfterValidator

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


def _known_zone(zone: str) -> str:
    """Asked of Polars, which is what will read times in that zone."""
    try:
        pl.Series([datetime(2026, 1, 1)]).dt.replace_time_zone(zone)
    except pl.exceptions.PolarsError:
        raise ValueError(f'{zone!r} is no time zone; write a name such as "Europe/Berlin" or "UTC"') from None
    return zone


def _known_encoding(encoding: str) -> str:
    try:
        "a".encode(encoding)
    except (LookupError, ValueError):
        raise ValueError(f'{encoding!r} is no text encoding; write a name such as "cp1252" or "utf-16"') from None
    return encoding


def _like_a_language(language: str) -> str:
    """Its form alone: whether CLDR knows it is asked where its tables are read."""
    if not LANGUAGE.fullmatch(language):
        raise ValueError(f'{language!r} is no language; write a code such as "de", "tr" or "pt-BR"')
    return language


def _escaping(escape: str) -> str:
    if len(escape) != 1 or not escape.isascii() or not escape.isprintable() or escape.isalnum() or escape in "\"' ":
        raise ValueError(f'{escape!r} cannot stand before a quote; write one character, mostly "\\\\"')
    return escape


def _separating(delimiter: str) -> str:
    """The CSV reader takes one byte; a quote or a line break there would mean two things at once."""
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n\0':
        raise ValueError(f'{delimiter!r} cannot separate cells; write one character such as ";" or "\\t"')
    return delimiter


# What stands around a cell; nothing where a quote is part of the text.
Quote = Literal['"', ""]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
Encoding = Annotated[str, AfterValidator(_known_encoding)]
Delimiter = Annotated[str, AfterValidator(_separating)]
Escape = Annotated[str, AfterValidator(_escaping)]
Language = Annotated[str, AfterValidator(_like_a_language)]
