"""Columns that no metric fills: what names, dates or describes a row, and what is kept as delivered or published."""

from schemas.columns import ColumnFacts, columns_of
from schemas.tables import DATASETS

# Names, words and times: never calculated with.
NAMING_UNITS = frozenset({"id", "label", "text", "instant", "date"})
# Tables written down from what others say, digit by digit.
REFERENCE_TABLES = frozenset({"benchmarks", "tier_schemes", "tiers"})
# Counts and flags of exports, under the same name in a mart: the newest known, or of the observation that the row is of.
DELIVERED = frozenset(
    fact.name for model in DATASETS.values() for fact in columns_of(model) if fact.unit in {"count", "flag"}
)


def is_dimension(table: str, fact: ColumnFacts) -> bool:
    """Whether a column of a mart needs no formula; a flag answers a question that its description asks."""
    return (
        fact.key
        or fact.unit in NAMING_UNITS | {"flag"}
        or table in REFERENCE_TABLES
        or (fact.unit == "count" and fact.name in DELIVERED)
    )
