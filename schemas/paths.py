"""Paths into nested JSON, as sources.toml writes them: `profile.follower_count`, `tags[].name`, `.month`."""

import re
from dataclasses import dataclass

PATH = re.compile(r"\.|\.?[^.\[\]|\s][^.\[\]|]*(?:\[\])*(?:\.[^.\[\]|]+(?:\[\])*)*")
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
