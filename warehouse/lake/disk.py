"""The disk that a publication takes while it is under way, by the rows that it is made of.

Measured on ten million posts of a million accounts and on ninety million follows and likes: the new file, figures and
caches kept beside it, and what waits in files until its table is filled.
"""

from collections import Counter

from warehouse.lake.edges import EDGE_SCHEMAS
from warehouse.lake.ledger import Lake

# Of an account three windows with their rates and ranks, twice; of a post its row, twice, and its figures.
OF_ACCOUNT, OF_ROW, OF_EDGE = 1200, 220, 40
# A file of empty tables with their comments.
OF_TABLES = 16 << 20


def bytes_to_publish(lake: Lake) -> int:
    """What a warehouse of all that the lake holds may take."""
    rows = Counter[str]()
    for entry in lake.deliveries().values():
        for segment in entry.segments:
            rows[segment.dataset] += segment.rows
    return OF_TABLES + sum(count * _bytes_of(dataset) for dataset, count in rows.items())


def _bytes_of(dataset: str) -> int:
    return OF_ACCOUNT if dataset == "accounts" else OF_EDGE if dataset in EDGE_SCHEMAS else OF_ROW
