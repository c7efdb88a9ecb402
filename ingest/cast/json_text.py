"""Values of JSON as the text of cells."""

import json
from typing import Any


def cell(value: Any) -> str | None:
    """A value as the text that a CSV file would have; ids keep every digit."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
