"""Globs of sources.toml against names of files, in time that grows with the length of either and no faster.

A regular expression would try every way to share a name out among its wildcards: forty of them never end.
"""

import re
from collections.abc import Iterator
from functools import cache

from schemas.globs import TOLD

ANY, ONE, FOLDERS = "*", "?", "**/"
PLACES = {f"{{{key}}}": key for key in TOLD}
Ends = set[int]


def told_by(glob: str, name: str) -> dict[str, str] | None:
    """What the glob takes from the name, by key; null where it does not fit.

    A glob without a slash fits in every folder; one with a slash fits the whole path.
    """
    tokens = _tokens(glob)
    if tokens[-1] not in (ANY, ONE, FOLDERS, *PLACES) and not name.endswith(tokens[-1]):
        return None
    # From the end: the places in the name from which the tokens on fit the rest of it.
    fitting: list[Ends] = [{len(name)}]
    for token in reversed(tokens):
        fitting.append(_begins(token, name, fitting[-1]))
        if not fitting[-1]:
            return None
    if 0 not in fitting.pop():
        return None
    if PLACES.keys().isdisjoint(tokens):
        return {}
    told, place = {}, 0
    for token, ends in zip(tokens, reversed(fitting), strict=True):
        end = _end(token, name, place, ends)
        if token in PLACES:
            told[PLACES[token]] = name[place:end]
        place = end
    return told


@cache
def _tokens(glob: str) -> tuple[str, ...]:
    """Wildcards and the texts between them; wildcards that say the same twice stand once. `a/**` is all files below."""
    whole = glob if "/" in glob else FOLDERS + glob
    if whole.endswith("/**"):
        whole += "/*"
    parts = [part for part in re.split(r"(\*\*/|\*|\?|\{\w+\})", whole) if part]
    return tuple(
        part
        for number, part in enumerate(parts)
        if not (number and part in (ANY, FOLDERS) and part == parts[number - 1])
    )


def _begins(token: str, name: str, ends: Ends) -> Ends:
    """Where the token may begin so that it ends at one of these places."""
    if token == FOLDERS:
        last = max((end for end in ends if end and name[end - 1] == "/"), default=0)
        return ends.union(range(last))
    if token == ANY:
        return {begin for first, last in _by_part(name, ends) for begin in range(first, last + 1)}
    if token in PLACES:
        return {begin for first, last in _by_part(name, ends) for begin in range(first, last)}
    if token == ONE:
        return {end - 1 for end in ends if end and name[end - 1] != "/"}
    size = len(token)
    return {end - size for end in ends if end >= size and name.startswith(token, end - size)}


def _by_part(name: str, ends: Ends) -> Iterator[tuple[int, int]]:
    """Of each part of the path that holds some of the ends: where it begins, and the last of them."""
    first = len(name) + 1
    for end in sorted(ends, reverse=True):
        if end < first:
            first = name.rfind("/", 0, end) + 1
            yield first, end


def _end(token: str, name: str, begin: int, ends: Ends) -> int:
    """Where the token ends that begins here: what is taken from a name is as short as it can be, all else as long."""
    if token == FOLDERS:
        return max((end for end in ends if end > begin and name[end - 1] == "/"), default=begin)
    if token not in (ANY, *PLACES):
        return begin + (1 if token == ONE else len(token))
    slash = name.find("/", begin)
    inside = range(begin, (len(name) if slash < 0 else slash) + 1)
    if token == ANY:
        return max(end for end in inside if end in ends)
    return min(end for end in inside[1:] if end in ends)
