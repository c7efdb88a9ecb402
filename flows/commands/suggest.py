"""A draft of sources.toml for files that nothing recognises. It only drafts: what a run reads is what was declared."""

import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from flows import console
from ingest.export_file import ExportFile
from ingest.files import SOURCES_FILE, list_exports
from ingest.sources import CANONICAL, read_sources, source_of
from ingest.suggest.draft import Preview, draft, previews
from ingest.suggest.look import look_at
from schemas.errors import FileRefused, UsageError
from schemas.sources import Sources
from warehouse.atomic_write import write_text_durably


def suggest(paths: Sequence[Path], exports: Path | None, *, write: bool) -> bool:
    """Print a block for each file, on stdout, and its first records as they would load, on stderr.

    Args:
        paths: Export files; of an archive each member gets a block.
        exports: The folder that will be run, which globs are relative to; the folder of each file if absent.
        write: Also append the blocks to its sources.toml.

    Returns:
        Whether every file got a block, or needs none.
    """
    every = True
    for path in paths:
        root = exports or path.absolute().parent
        for file in _files_at(path, root):
            try:
                block, shown = _drafted(file)
            except FileRefused as refused:
                console.show_error(refused)
                every = False
                continue
            if not block:
                console.err.print(console.plain(f"{file.name}: needs no declaration"))
                continue
            console.out.print(console.plain(block))
            _show(shown)
            if write:
                _append(root, file, block)
    return every


def _files_at(path: Path, root: Path) -> list[ExportFile]:
    """The file, or the members of the archive."""
    found = [file for file in list_exports(root) if file.path.absolute() == path.absolute()]
    if not found:
        raise UsageError(
            f"{path}: is no export file below {root}", fix="name a file, and its folder with --exports FOLDER"
        )
    return found


def _drafted(file: ExportFile) -> tuple[str, list[Preview]]:
    with tempfile.TemporaryDirectory() as scratch:
        looked = look_at(file, Path(scratch))
    block = draft(looked)
    return block, [] if looked.known else previews(looked, block)


def _show(shown: list[Preview]) -> None:
    for preview in shown:
        rejected = f"; {preview.rejected} of them would be rejected" if preview.rejected else ""
        title = f"The first records as {preview.dataset}{rejected}"
        console.show_table(title, preview.rows.columns, preview.rows.rows(), on_stderr=True)


def _append(root: Path, file: ExportFile, block: str) -> None:
    if source_of(file.name, read_sources(root)) is not CANONICAL:
        raise UsageError(
            f"{file.name}: is declared in {SOURCES_FILE} already", fix="take that declaration out, or change it by hand"
        )
    path = root / SOURCES_FILE
    before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    text = f"{before.rstrip()}\n\n{block}" if before.strip() else block
    Sources.model_validate(tomllib.loads(text))
    write_text_durably(path, text)
    console.err.print(Text("written to ") + console.plain(str(path)))
