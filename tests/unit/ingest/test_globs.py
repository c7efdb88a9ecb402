"""Globs fit what a regular expression of the same meaning fits, and take the same from a name, without its bad cases."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.globs import told_by
from schemas.globs import TOLD

PIECES = ("*", "?", "**/", "{owner}", "{niche}", "/", "a", "b", ".csv", "_", "\n", "é", "[a]")


def by_regular_expression(glob: str, name: str) -> dict[str, str] | None:
    meanings = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"} | {f"{{{key}}}": f"(?P<{key}>[^/]+?)" for key in TOLD}
    whole = re.sub(r"/\*\*$", "/**/*", glob if "/" in glob else "**/" + glob)
    parts = re.split(r"(\*\*/|\*|\?|\{\w+\})", whole)
    pattern = "".join(meanings.get(part) or re.escape(part) for part in parts)
    match = re.fullmatch(pattern, name, re.DOTALL)
    return match.groupdict() if match else None


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join).filter(
        lambda glob: all(glob.count(f"{{{key}}}") < 2 for key in TOLD)
    ),
    st.lists(st.sampled_from(("/", "a", "b", ".csv", "_", "\n", "é", "[a]")), max_size=9).map("".join),
)  # fmt: skip
def test_a_glob_fits_and_takes_what_a_regular_expression_does(glob: str, name: str) -> None:
    assert told_by(glob, name) == by_regular_expression(glob, name)


@pytest.mark.parametrize(
    ("glob", "fitting", "others"),
    [
        ("a/**", ("a/b.csv", "a/b/c.csv", "a/b/c/d.zip/e.csv"), ("b.csv", "ab/c.csv", "b/a/c.csv", "a")),
        ("**/a/**", ("a/b.csv", "c/a/b/d.csv"), ("c/ab/d.csv",)),
        ("{owner}/**", ("kim/b.csv", "kim/b/c.csv"), ("b.csv",)),
        ("**", ("a", "a/b/c.csv"), ()),
    ],
)
def test_two_stars_at_the_end_are_all_files_below(glob: str, fitting: tuple[str, ...], others: tuple[str, ...]) -> None:
    assert all(told_by(glob, name) is not None for name in fitting)
    assert all(told_by(glob, name) is None for name in others)


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        ("*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*xy", "x" * 250),
        ("*x" * 200 + "y", "x" * 250 + "zy"),
        ("**/x" * 100 + "/y", "x/" * 1500 + "y"),
        ("**/*x" * 90 + "y", "xx/" * 1000 + "zy"),
        ("{owner}x{post}x{niche}x{observed_at}x*x*x*xy", "x" * 250 + "zy"),
        ("?*" * 200 + "y", "x" * 250 + "zy"),
    ],
)
def test_no_glob_takes_long(glob: str, name: str) -> None:
    began = time.process_time()
    told_by(glob, name)
    assert time.process_time() - began < 2
