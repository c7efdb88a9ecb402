"""The script that draws the charts, made once for each user and version, which takes two seconds, and kept.

`python -m reports.script_bundle` makes it ahead of the first report.
"""

import hashlib
import os
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from warehouse.atomic_write import write_text_durably


def script_bundle(folder: Path | None = None) -> str:
    """Vega, Vega-Lite and vega-embed as one script: the one kept, or one made now where none is kept whole."""
    folder = folder or cache_folder()
    if folder is None:
        return _made()
    kept = folder / f"vega-{version('vl-convert-python')}.js"
    text = _read(kept)
    if text is None:
        text = _made()
        # A folder that cannot be written costs the time to make it again, and nothing else.
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            write_text_durably(kept, f"{_digest_line(text)}\n{text}")
    return text


def cache_folder() -> Path | None:
    """Where this user's programs keep what they can make again; null for a user without a home."""
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given) / "tierwise"
    with suppress(RuntimeError):
        return Path.home() / ".cache" / "tierwise"
    return None


def _read(kept: Path) -> str | None:
    """What is kept; null where it is absent, cannot be read or was damaged."""
    with suppress(OSError, UnicodeDecodeError):
        digest, _, text = kept.read_text(encoding="utf-8").partition("\n")
        return text if digest == _digest_line(text) else None
    return None


def _digest_line(text: str) -> str:
    return f"// sha256 of what follows: {hashlib.sha256(text.encode()).hexdigest()}"


def _made() -> str:
    import vl_convert

    made: str = vl_convert.javascript_bundle("window.__embed = vegaEmbed;")
    return made


if __name__ == "__main__":
    script_bundle()
