"""sources.toml: reading it, and finding the declaration of a file."""

import hashlib
import tomllib
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from schemas.errors import DeclarationError, FileRefused
from schemas.sources import Source, Sources
from warehouse.landing import SOURCES_FILE

CANONICAL = Source(files="*")


def read_sources(exports: Path) -> Sources:
    """The declarations of an exports folder; none where there is no sources.toml."""
    path = exports / SOURCES_FILE
    if not path.exists():
        return Sources()
    try:
        return Sources.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise DeclarationError(f"{path}: {error}", fix="correct the file; docs/sources.md shows its form") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DeclarationError(
            f"{path}, {where}: {first['msg']}", fix="correct that entry; docs/sources.md lists every key"
        ) from error


def source_of(name: str, sources: Sources) -> Source:
    """The declaration whose glob fits the file; the canonical one where none does."""
    fitting = [source for source in sources.source if _fits(name, source.files)]
    if len(fitting) > 1:
        raise FileRefused(
            "declared_twice",
            f"{name}: is named by {len(fitting)} sources ({', '.join(source.files for source in fitting)})",
            fix="narrow their globs in sources.toml so that one source names the file",
        )
    return fitting[0] if fitting else CANONICAL


def _fits(name: str, glob: str) -> bool:
    """Globs match the whole path; a glob without a slash matches in every folder."""
    path = PurePosixPath(name)
    return path.match(glob) if "/" not in glob else path.as_posix() == glob or path.match("/" + glob) or PurePosixPath("/" + name).match("/" + glob)


def declaration_hash(source: Source) -> str:
    """The identity of a declaration: what it says, not which files it names."""
    said = source.model_dump_json(exclude={"files"}, by_alias=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
