"""sources.toml: reading it, and finding the declaration of a file."""

import hashlib
import os
import re
import tomllib
from pathlib import Path, PurePosixPath

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ingest.files import SOURCES_FILE
from ingest.globs import told_by
from ingest.languages import is_known
from schemas.errors import DeclarationError, FileRefused
from schemas.globs import OF_THE_FILE
from schemas.sources import Source, Sources

CANONICAL = Source(files="*")
# Whoever fills the exports folder may write it, so it is read with the same care as an export.
SOURCES_BYTES_MAX, DEPTH_MAX, FAULTS_SHOWN = 1 << 20, 20, 20
# A file that is read of an Instagram account download, whose folder or ZIP is called by its owner and day.
ARCHIVE = re.compile(
    r"(?:^|/)instagram-(?P<owner>[\w.]+)-(?P<observed_at>\d{4}-\d{2}-\d{2})(?:-\w+)?(?:/|\.zip/)"
    r"(?:.*/)?(?:followers|following|liked_posts|personal_information|past_instagram_insights/(?:posts|reels))[^/]*\.json$"
)
# What is wrong in the words of a TOML file, where the checker's own are those of Python.
PLAIN_WORDS = {
    "extra_forbidden": "is no key of sources.toml",
    "missing": "is missing",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
}


def read_sources(exports: Path) -> Sources:
    """The declarations of an exports folder; none where there is no sources.toml."""
    path = exports / SOURCES_FILE
    if not os.path.lexists(path):
        return Sources()
    if not path.is_file():
        raise DeclarationError(f"{path}: is no plain file", fix="put the declarations themselves there")
    try:
        with path.open("rb") as stream:
            content = stream.read(SOURCES_BYTES_MAX + 1)
        if len(content) > SOURCES_BYTES_MAX:
            raise DeclarationError(
                f"{path}: has more than {SOURCES_BYTES_MAX:,} bytes", fix="declare files by globs, not one by one"
            )
        declared = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
        _check_depth(path, declared)
        return _with_known_languages(Sources.model_validate(declared))
    except RecursionError:
        raise _too_deep(path) from None
    except ValidationError as error:
        wrong = [f"{_place(fault['loc'])}: {_said(fault)}" for fault in error.errors(include_input=False)]
        more = f"; and {len(wrong) - FAULTS_SHOWN:,} more" if len(wrong) > FAULTS_SHOWN else ""
        raise DeclarationError(
            f"{path}, {'; '.join(wrong[:FAULTS_SHOWN])}{more}", fix="correct it; docs/sources.md lists every key"
        ) from error
    except (ValueError, OSError) as error:  # of TOML, of its characters, or a number of too many digits
        raise DeclarationError(f"{path}: {error}", fix="correct the file; docs/sources.md shows its form") from error


def _with_known_languages(sources: Sources) -> Sources:
    """The same declarations. `ValueError` for a language that CLDR does not know."""
    loads = [load for source in sources.source for load in source.load]
    declared = [source.language for source in sources.source] + [load.language for load in loads]
    declared += [reading.language for load in loads for reading in load.columns.values()]
    for language in dict.fromkeys(declared):
        if language is not None and not is_known(language):
            raise ValueError(f'{language!r} is no language; write a code such as "de", "tr" or "pt-BR"')
    return sources


def _check_depth(path: Path, declared: object) -> None:
    """Refuse what is nested deeper than any declaration: the checker would go down as far as it is led."""
    level = [declared]
    for _ in range(DEPTH_MAX):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
        ]
        if not level:
            return
    raise _too_deep(path)


def _too_deep(path: Path) -> DeclarationError:
    return DeclarationError(
        f"{path}: is nested more than {DEPTH_MAX} levels deep", fix="correct the file; docs/sources.md shows its form"
    )


def _said(fault: ErrorDetails) -> str:
    return PLAIN_WORDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))


def _place(location: tuple[int | str, ...]) -> str:
    """`source 1, load 2, columns.value`: numbered as a reader counts, from 1."""
    place = ""
    for part in location:
        place += f" {part + 1}, " if isinstance(part, int) else f".{part}" if place and place[-1] != " " else part
    return place.removesuffix(", ") or "the file"


def source_of(name: str, sources: Sources) -> Source:
    """The declaration whose glob fits the file; the canonical one where none does."""
    if name.endswith(f"/{SOURCES_FILE}"):
        raise FileRefused(
            "misplaced_declarations",
            f"{name}: declarations are only read at the top of the exports folder",
            fix=f"move what it says into the {SOURCES_FILE} at the top",
        )
    matches = ((source, told_by(source.files, name)) for source in sources.source)
    fitting = [(source, told) for source, told in matches if told is not None]
    if len(fitting) > 1:
        raise FileRefused(
            "declared_twice",
            f"{name}: is named by {len(fitting)} sources ({', '.join(source.files for source, _ in fitting)})",
            fix="narrow their globs in sources.toml so that one source names the file",
        )
    if fitting:
        return _told(*fitting[0])
    match = ARCHIVE.search(name)
    return _told(CANONICAL, match.groupdict()) if match else CANONICAL


def ignored_by(name: str, sources: Sources) -> str | None:
    """The glob that has a file left alone: it names the file, or a folder or an archive that the file is in."""
    if not sources.ignore:
        return None  # as mostly; a folder may hold forty thousand files
    above = [parent.as_posix() for parent in PurePosixPath(name).parents][:-1]
    return next(
        (glob for glob in sources.ignore if any(told_by(glob, each) is not None for each in (name, *above))), None
    )


def _told(source: Source, told: dict[str, str]) -> Source:
    """The declaration with what the path tells."""
    if not told:
        return source
    constants = {key: text for key, text in told.items() if key not in OF_THE_FILE}
    said = source.model_dump(by_alias=True, exclude_unset=True)
    own = {key: text for key, text in told.items() if key in OF_THE_FILE}
    return Source.model_validate({**said, **own, "constants": {**source.constants, **constants}})


def declaration_hash(source: Source) -> str:
    """The identity of a declaration: what it says, not which files it names."""
    said = source.model_dump_json(exclude={"files"}, by_alias=True, exclude_unset=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
