"""Pandera without what it imports wherever that is installed, for more than a second, and nothing here needs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from threading import get_ident

NOT_NEEDED = frozenset({"pandas", "hypothesis"})


class _NotInstalled(MetaPathFinder):
    """Says to one thread that they are not installed, in the words that Pandera waits for."""

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(self, name: str, _path: object, _target: object = None) -> None:
        if name in NOT_NEEDED and get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextmanager
def pandera_alone() -> Iterator[None]:
    """While this lasts, pandas and hypothesis cannot be imported; what was imported before stays."""
    finder = _NotInstalled()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
