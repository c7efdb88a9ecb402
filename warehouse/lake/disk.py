"""The disk that a publication takes while it is under way, by the rows that it is made of.

Measured on ten million posts of a million accounts and on ninety million follows and likes: the new file, figures and
caches kept beside it, and what waits in files until its table is filled.
"""

from warehouse.lake.commits import Segment
from warehouse.lake.edges import EDGE_SCHEMAS
from warehouse.lake.ledger import Lake

# Of an account three windows with their rates and ranks, twice; of a post its row, twice, and its figures; of an edge the follower,
# and the whole of it put into a bucket where its delivery was too small to lie in buckets.
OF_ACCOUNT, OF_ROW, OF_EDGE, OF_LOOSE_EDGE = 1200, 220, 16, 40
# A file of empty tables with their comments.
OF_TABLES = 4 << 20


def bytes_to_publish(lake: Lake) -> int:
    """What a warehouse of all that the lake holds may take."""
    segments = (segment for entry in lake.deliveries().values() for segment in entry.segments)
    return OF_TABLES + sum(segment.rows * _bytes_of(segment) for segment in segments)


def _bytes_of(segment: Segment) -> int:
    if segment.dataset in EDGE_SCHEMAS:
        return OF_LOOSE_EDGE if segment.bucket is None else OF_EDGE
    return OF_ACCOUNT if segment.dataset == "accounts" else OF_ROW
