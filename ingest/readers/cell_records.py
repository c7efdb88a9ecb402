"""The object or list that one cell holds: JSON, or a dictionary as Python writes it."""

import ast
from typing import Any

from ingest.readers.json_values import AS_WRITTEN, NOT_JSON, RepeatedKey, decoded

PYTHON_MAX = 32_767  # characters of a cell that are parsed as Python writes them: as many as a spreadsheet's cell has
NOT_PYTHON = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)


def parsed(text: str) -> Any:
    """The object or list, its numbers with all digits that are written; null where the cell holds none.

    A literal of Python is taken apart and never run.
    """
    try:
        record = decoded(text, AS_WRITTEN)
    except RepeatedKey:
        return None
    except NOT_JSON:
        record = _as_python(text)
    return record if isinstance(record, dict | list) else None


def _as_python(text: str) -> Any:
    if len(text) > PYTHON_MAX:
        return None
    try:
        return ast.literal_eval(text.strip())
    except NOT_PYTHON:
        return None
