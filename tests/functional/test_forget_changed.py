"""Whoever is forgotten is in no byte of a warehouse whose rows were taken over from one publication to the next."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from schemas.columns import polars_schema
from schemas.tables import MARTS
from tests.functional.test_forget import AS_OF, exports_without, figures, forget, tierwise
from warehouse import changed
from warehouse.changed import KEPT, Changed
from warehouse.contents import Contents, fill
from warehouse.publish import Rows, publish
from warehouse.published import frame_of, open_published, published_state

OWNERS = ["wren", "ibis", "dove", "kite", "rook", "gull", "tern", "lark"]
GONE = "wren"


def publish_changed(home: Path, media_type: str) -> None:
    """What a run does that finds one account changed: its posts are of another type now."""
    warehouse, kept = home / "warehouse.duckdb", home / "lake" / "cache" / "published"
    state = published_state(warehouse)
    assert state
    with open_published(warehouse) as opened:
        tables = {name: frame_of(opened.sql(f"FROM {name}")) for name in (*MARTS, "load_ledger", "rejected_rows")}
    posts = tables["posts"].filter(pl.col("account_id") == GONE).with_columns(media_type=pl.lit(media_type))
    change = Changed(
        posts.select(polars_schema(MARTS["posts"]).names()).lazy(), posts.select("platform", "account_id").unique()
    )
    marts: Mapping[str, Rows] = {**{name: tables[name] for name in MARTS}, "posts": change}
    contents = Contents(marts, tables["load_ledger"], tables["rejected_rows"], state.runs)
    filling = partial(fill, contents=contents, log=lambda: state.runs.row(-1, named=True))
    publish(warehouse, filling, changed=contents.changed, kept=kept, keep=kept)


@pytest.mark.parametrize("way", ["forget", "rebuild"])
def test_rows_that_were_deleted_are_in_no_byte_afterwards(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports, home = exports_without(tmp_path / "exports", owners=OWNERS), tmp_path / "home"
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    assert (home / "lake" / "cache" / "published" / KEPT).is_file()
    publish_changed(home, "zq-reel-88")
    monkeypatch.setattr(changed, "SMALL_BYTES", 0)  # from now on the file is copied
    publish_changed(home, "zq-story-89")
    warehouse = home / "warehouse.duckdb"
    assert b"zq-reel-88" in warehouse.read_bytes(), "a deleted row keeps its bytes, and the search finds them"
    if way == "forget":
        assert forget(home, "--account", f"tiktok:{GONE}")["published"]
        assert f"post-{GONE}-1".encode() not in warehouse.read_bytes()
    else:
        assert tierwise("run", exports, "--home", home, "--as-of", AS_OF, "--rebuild").exit_code == 0
    assert b"zq-" not in warehouse.read_bytes()
    others = [name for name in OWNERS if way == "rebuild" or name != GONE]
    never = tmp_path / "never"
    assert (
        tierwise(
            "run", exports_without(tmp_path / "others", owners=others), "--home", never, "--as-of", AS_OF
        ).exit_code
        == 0
    )
    assert figures(home) == figures(never)
