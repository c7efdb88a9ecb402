"""What is said of a number of the warehouse, whichever columns hold it."""

from dataclasses import dataclass

NEVER = "never"


@dataclass(frozen=True)
class Metric:
    """One number: how it is worked out, when it is null, where it comes from, and which columns it fills."""

    name: str
    label: str  # a heading that a marketer understands
    formula: str
    unit: str  # that of its columns in the schemas; `percent` in views made for reading
    null_rule: str  # when it is null, and what the reason column beside it says then
    source: str
    columns: tuple[str, ...]  # as `table.column`
    example: str  # a test, or a folder of tests/golden, where it is worked out by hand
