"""A new key for the pseudonyms of a lake, made from those that it holds: no export is read again."""

import polars as pl

from schemas.errors import UsageError
from schemas.keys import NEXT_PART, rekeyed
from warehouse.atomic_write import write_text_durably
from warehouse.lake.edges import EDGE_SCHEMAS
from warehouse.lake.forget import demand_readable, drop_caches, replace_segment, segment_files
from warehouse.lake.forgotten import encrypt_anew
from warehouse.lake.ledger import FINGERPRINT, Lake
from warehouse.lake.member_key import earlier_fingerprints, fingerprint
from warehouse.lake.shared_segments import KEY_ID


def is_rotating(lake: Lake, secret: str) -> bool:
    """Whether the lake holds pseudonyms under an earlier part of the key."""
    return _recorded(lake) in earlier_fingerprints(secret)


def rekey(lake: Lake, secret: str) -> int:
    """Make every pseudonym of the lake anew, under the parts of the key that it does not know yet.

    Each segment says under which key its pseudonyms are, so that a rotation that was killed goes on where it was.

    Returns:
        How many segments hold pseudonyms.
    """
    parts, earlier, recorded = secret.split(NEXT_PART), earlier_fingerprints(secret), _recorded(lake)
    if recorded not in earlier:
        raise UsageError(
            f"{lake.root}: holds pseudonyms made under another key",
            fix="give the key it was filled with and, on the next line, the new one",
        )
    fresh, new = parts[-1 - earlier.index(recorded) :], fingerprint(secret)
    demand_readable(lake)
    paths = [path for dataset in EDGE_SCHEMAS for path in segment_files(lake, dataset)]
    drop_caches(lake)
    for path in paths:
        if pl.read_parquet_metadata(path).get(KEY_ID) != new:
            rows = pl.read_parquet(path, glob=False, hive_partitioning=False)
            renewed = rows.with_columns(rekeyed(pl.col("member_key"), fresh).alias("member_key"))
            replace_segment(lake, path, renewed, {KEY_ID: new})
    encrypt_anew(lake, secret)
    write_text_durably(lake.root / FINGERPRINT, new)
    return len(paths)


def _recorded(lake: Lake) -> str | None:
    known = lake.root / FINGERPRINT
    return known.read_text(encoding="ascii") if known.exists() else None
