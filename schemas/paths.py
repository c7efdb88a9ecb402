"""Paths into nested JSON, as sources.toml writes them: `profile.follower_count`, `tags[].name`, `.month`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PATH = re.compile(r"\.|\.?[^.\[\]|\s][^.\[\]|]*(?:\[\])*(?:\.[^.\[\]|]+(?:\[\])*)*")
# Columns that hold a list of names in one text; of several values any other column takes the first.
LISTS = ("niche", "sponsors")
BETWEEN_NAMES = ", "
# A step that goes through every element of a list; keys are their own names.
EVERY = None
Steps = tuple[str | None, ...]


@dataclass(frozen=True)
class Path:
    """One way into a record, or into the element that `each` gives."""

    text: str
    steps: Steps
    is_inside: bool


def paths_of(text: str) -> tuple[Path, ...]:
    """`a.b | a.c` as its two paths. `ValueError` says what is wrong with one."""
    return tuple(_path_of(part.strip()) for part in text.split("|"))


def _path_of(text: str) -> Path:
    if not PATH.fullmatch(text):
        raise ValueError(f'{text!r} is no path; write keys with dots between them, such as "profile.tags[].name"')
    steps: list[str | None] = []
    for part in text.removeprefix(".").split("."):
        key = part.rstrip("[]")
        steps += [key] if key else []
        steps += [EVERY] * part.count("[]")
    return Path(text, tuple(steps), text.startswith("."))


def values_at(value: Any, steps: Steps) -> Iterator[Any]:
    """Every value that a path leads to; none where anything on the way is missing or null."""
    if value is None:
        return
    if not steps:
        yield value
    elif steps[0] is EVERY:
        for item in value if isinstance(value, list) else ():
            yield from values_at(item, steps[1:])
    elif isinstance(value, dict):
        yield from values_at(value.get(steps[0]), steps[1:])


def elements_at(value: Any, steps: Steps, passed: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every value that a path leads to, after the elements of the lists that it goes through on the way."""
    if value is None:
        return
    if not steps:
        yield (*passed, value)
    elif steps[0] is EVERY:
        for item in value if isinstance(value, list) else ():
            yield from elements_at(item, steps[1:], (*passed, item))
    elif isinstance(value, dict):
        yield from elements_at(value.get(steps[0]), steps[1:], passed)


def after_shared_lists(steps: Steps, other: Steps) -> tuple[int, Steps]:
    """Through how many lists a path goes together with another one, and the steps that are left behind the last of them."""
    common = next((n for n, (own, its) in enumerate(zip(steps, other, strict=False)) if own != its), len(other))
    lists = [n for n, step in enumerate(steps[:common]) if step is EVERY]
    return len(lists), steps[lists[-1] + 1 :] if lists else steps


def has_path(value: Any, steps: Steps) -> bool:
    """Whether a path is there. What is null or empty on the way might have held the rest."""
    if value is None or not steps:
        return True
    if steps[0] is EVERY:
        return isinstance(value, list) and (not value or any(has_path(item, steps[1:]) for item in value))
    return isinstance(value, dict) and steps[0] in value and has_path(value[steps[0]], steps[1:])
