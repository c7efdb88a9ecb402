"""Records of several streams in one file, as Airbyte and Singer write them: which of them each load reads."""

from collections.abc import Iterable
from typing import Any

from ingest.formats.base import at
from ingest.formats.json_paths import CellsByPath
from schemas.conditions import Condition
from schemas.errors import FileRefused
from schemas.paths import Steps, has_path
from schemas.sources import Load

# Where a record names its stream, and where its own fields are: by itself, or in a message around it.
ENVELOPES = ((("stream",), "data"), (("stream",), "record"), (("record", "stream"), "record"))
# Of each stream, for each load, the paths that no record of it has had so far.
Missing = dict[str, list[list[tuple[str, list[Steps]]]]]


def with_streams(
    name: str, records: Iterable[Any], head: list[dict[str, Any]], loads: tuple[Load, ...]
) -> tuple[Load, ...]:
    """The loads, each with the stream that it reads: as declared, else the only one that has all of its columns.

    `FileRefused` where none has, or several have: a user read as a post, or a post as an account, would be counted.
    """
    named_at = next(filter(None, map(stream_at, head)), None)
    if named_at is None or all(load.where for load in loads):
        return loads
    missing = _missing_paths(records, named_at, loads)
    if len(missing) == 1:
        return loads
    found = []
    for place, load in enumerate(loads):
        fitting = [stream for stream, paths in missing.items() if not paths[place]]
        if not load.where and len(fitting) != 1:
            raise _asked(name, load, named_at, len(missing))
        where = load.where or {".".join(named_at): Condition(one_of=(fitting[0],))}
        found.append(load.model_copy(update={"where": where}))
    return tuple(found)


def stream_at(record: dict[str, Any]) -> tuple[str, ...] | None:
    """Where a record names the stream that it is of; null where it names none."""
    return next(
        (way for way, own in ENVELOPES if isinstance(at(record, *way), str) and isinstance(record.get(own), dict)), None
    )


def _missing_paths(records: Iterable[Any], named_at: tuple[str, ...], loads: tuple[Load, ...]) -> Missing:
    cells = [CellsByPath(load) for load in loads]
    missing: Missing = {}
    for record in records:
        stream = at(record, *named_at)
        if isinstance(stream, str):
            of_loads = missing.setdefault(stream, [each.wanted() for each in cells])
            for place, wanted in enumerate(of_loads):
                if wanted:
                    of_loads[place] = [path for path in wanted if not any(has_path(record, steps) for steps in path[1])]
    return missing


def _asked(name: str, load: Load, named_at: tuple[str, ...], streams: int) -> FileRefused:
    path = named_at[0] if len(named_at) == 1 else f'"{".".join(named_at)}"'
    return FileRefused(
        "several_streams",
        f"{name}: has records of {streams} streams, and it cannot be told which of them {load.dataset} are read from",
        fix=f'add where = {{ {path} = "name_of_the_stream" }} to the [[source.load]] of {load.dataset} in sources.toml',
    )
