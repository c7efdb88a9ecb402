"""Pandera without pandas: it imports pandas wherever that is installed, for more than a second, and nothing here needs it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from threading import get_ident


class _NoPandas(MetaPathFinder):
    """Says to one thread that there is no pandas, in the words that Pandera waits for."""

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        if name == "pandas" and get_ident() == self._thread:
            raise ModuleNotFoundError("No module named 'pandas'", name=name)


@contextmanager
def without_pandas() -> Iterator[None]:
    """While this lasts, importing pandas fails as where it is not installed; pandas that is there already stays."""
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
