"""What may be said of a file: names that a vocabulary has, and texts of files alone that can hold no member."""

import polars as pl
import pytest

from ingest.privacy import (
    MASK,
    code_told,
    columns_listed,
    hidden_rejects,
    kept_by_name,
    key_named,
    keys_listed,
    masked,
    names_of_table,
    names_told,
    samples_told,
)
from schemas.rejects import Reject, as_rejects, rejects_of
from schemas.sources import Source

CANONICAL = Source(files="*")
BY_NAME, BY_POSITION = (
    Source.model_validate({"files": "*", "load": [{"dataset": "likes", "columns": columns}]})
    for columns in (
        {"platform": {"value": "x"}, "post_id": "clip", "liker_id": "fan"},
        {"platform": {"value": "x"}, "post_id": {"position": 1}, "liker_id": {"position": 2}},
    )
)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (["partner", "fee"], "partner, fee"),
        (["Likes", "Post ID", "zara_k"], "Likes, Post ID and 1 other column"),
        (["tiktok", "a1", "zara_k", "2026-07-01"], "4 columns"),
        (["zara_k"], "1 column"),
        (["likes;zara_k"], "1 column"),
        (["partner;fee"], "partner;fee"),
        ([], "no column"),
    ],
)
def test_a_name_that_may_be_a_member_is_counted(header: list[str], said: str) -> None:
    assert columns_listed(header, names_told(header)) == said


def test_a_key_is_told_where_it_is_known() -> None:
    assert keys_listed(["count", "status", "zara_k", "likes"]) == "status, likes and 2 other keys"
    assert keys_listed(["clip", "zara_k"], {"clip"}) == "clip and 1 other key"
    assert key_named("followers_count") == "key 'followers_count'"
    assert key_named("zara_k") == "a key"


@pytest.mark.parametrize(
    ("format", "source", "names"),
    [
        ("csv", CANONICAL, ["post_id", "mood"]),
        ("ndjson", CANONICAL, ["post_id", "column 2"]),
        ("parquet", BY_NAME, ["post_id", "mood"]),
        ("csv", BY_POSITION, ["post_id", "column 2"]),
    ],
)
def test_all_names_are_told_of_a_table_whose_header_is_recognised(
    format: str, source: Source, names: list[str]
) -> None:
    kinds: dict[str, str | None] = {"post_id": "number", "mood": "words"}
    assert list(kept_by_name(kinds, names_of_table(kinds, format, source))) == names


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (190, "190"),
        ("access_token_invalid", "access_token_invalid"),
        ("Not Found Error", "Not Found Error"),
        (1300000000000000003, "its text is not shown"),
        ("zara_k not found", "its text is not shown"),
        ("error 17841400000000077", "its text is not shown"),
        (None, "its text is not shown"),
        ({"zara_k": 1}, "its text is not shown"),
    ],
)
def test_of_an_error_its_code_is_told(code: object, said: str) -> None:
    assert code_told(code) == said


def rejects() -> pl.DataFrame:
    """Of a whole record, of a cell of posts, and of a cell of likes."""
    cells = pl.DataFrame(
        {
            "record": [2, 3],
            "column_name": ["likes", "when"],
            "value": ["1.234", "zara_k"],
            "rule": "not a whole number",
            "allowed": "a whole number",
            "fix": 'declare number = "dot" (1234) for this source',
            "dataset": ["posts", "likes"],
        }
    )
    whole = rejects_of([Reject("record has 2 cells", "3 cells", "quote cells", "zara_k,1", dataset="posts", record=1)])
    return pl.concat([whole, as_rejects(cells)])


@pytest.mark.parametrize(
    ("datasets", "of_format", "values"),
    [
        (["accounts", "posts"], False, ["zara_k,1", "1.234", "zara_k"]),
        (["posts", "likes"], False, [MASK] * 3),
        (["posts", "likes"], True, [MASK, "1.234", MASK]),
        (["comments"], False, [MASK] * 3),
    ],
)
def test_rejects_are_masked_where_they_may_name_a_member(
    datasets: list[str], of_format: bool, values: list[str]
) -> None:
    told = masked(rejects(), hidden_rejects(datasets, of_format=of_format))
    assert told.get_column("value").to_list() == values
    for value, fix in told.select("value", "fix").rows()[1:]:
        assert ("(1234)" in fix) == (value != MASK)


def test_cells_are_shown_of_files_alone_that_hold_no_member() -> None:
    cells = pl.Series(["b", None, "a", "b"])
    assert samples_told(cells, ["posts"]) == "such as 'b', 'a'"
    assert samples_told(cells, ["posts", "follows"]) == f"such as {MASK}"
