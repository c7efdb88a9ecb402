"""What a file is to be read as, told from its declaration or its header, and what an unknown header is answered with."""

import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from ingest.detect import Detected, detected, find_layout
from schemas.errors import FileRefused
from schemas.sources import Source

Form = Literal["NFC", "NFD"]
ACCOUNTS = "platform,account_id,followers_count"


def found_in(tmp_path: Path, header: str, source: Source | None = None) -> Detected:
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n", encoding="utf-8")
    source = source or Source(files="a.csv")
    layout = find_layout(path, "a.csv", source)
    assert layout is not None
    return detected("a.csv", source, layout)


@pytest.mark.parametrize(
    ("header", "dataset", "note"),
    [
        (ACCOUNTS, "accounts", None),
        (ACCOUNTS.replace(",", ";"), "accounts", None),
        (ACCOUNTS.replace(",", "\t"), "accounts", None),
        (f"\ufeff{ACCOUNTS}", "accounts", None),
        (f"mood,{ACCOUNTS},score", "accounts", "columns not read: mood, score"),
        ("platform,post_id,account_id,like_count", "posts", None),
        ("platform,account_id,follower_id", "follows", None),
        ("platform,post_id,liker_id", "likes", None),
    ],
)
def test_a_canonical_header_needs_no_declaration(tmp_path: Path, header: str, dataset: str, note: str | None) -> None:
    found = found_in(tmp_path, header)
    assert [load.dataset for load in found.loads] == [dataset]
    assert found.note == note


@pytest.mark.parametrize(
    ("header", "rule", "fix"),
    [
        ("who,what", "unknown_header", "name its columns as a dataset does"),
        ("who|what", "unknown_header", 'delimiter = "|"'),
        ("who;what", "unknown_header", 'delimiter = ";"'),
        (f"{ACCOUNTS},account_id", "repeated_column", "by position"),
        ("Platform,Account_ID,Followers_Count", "unknown_header", "sources.toml"),
        ("account_id,followers_count", "unknown_header", "sources.toml"),
    ],
)
def test_another_header_is_refused_and_the_fix_said(tmp_path: Path, header: str, rule: str, fix: str) -> None:
    with pytest.raises(FileRefused) as refused:
        found_in(tmp_path, header)
    assert refused.value.rule == rule
    assert fix in str(refused.value.fix)


def test_a_long_unknown_header_is_cut_short(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        found_in(tmp_path, ",".join(f"{'wide' * 50}{number}" for number in range(40)))
    assert len(str(refused.value)) < 2_000


@pytest.mark.parametrize(
    ("reading", "rule", "fix"),
    [
        ("who", None, ""),
        ({"position": 2}, None, ""),
        ("nobody", "missing_column", "correct the column's name"),
        ({"position": 9}, "missing_column", "correct the position"),
        ("twice", "repeated_column", "by position"),
    ],
)
def test_a_declared_column_must_be_there_once(tmp_path: Path, reading: object, rule: str | None, fix: str) -> None:
    columns = {"platform": {"value": "x"}, "account_id": reading, "followers_count": "count"}
    source = Source.model_validate({"files": "a.csv", "load": [{"dataset": "accounts", "columns": columns}]})
    header = "who,count,twice,twice"
    if rule is None:
        assert found_in(tmp_path, header, source).loads == source.load
        return
    with pytest.raises(FileRefused) as refused:
        found_in(tmp_path, header, source)
    assert refused.value.rule == rule
    assert fix in str(refused.value.fix)


@pytest.mark.parametrize("declared", ["NFC", "NFD"])
@pytest.mark.parametrize("delivered", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "names",
    [("Nom", "Abonn\u00e9s"), ("\u540d\u524d", "\u30d5\u30a9\u30ed\u30ef\u30fc\u30ac"), ("Ti\u00ean", "H\u1ecd")],
)
def test_how_accents_are_kept_in_a_name_makes_no_difference(
    tmp_path: Path, names: tuple[str, str], declared: Form, delivered: Form
) -> None:
    who, fans = (unicodedata.normalize(declared, name) for name in names)
    source = Source.model_validate(
        {"files": "a.csv", "text_columns": [fans], "constants": {"platform": "instagram"}, "dataset": "accounts",
         "columns": {"account_id": who, "followers_count": fans}, "where": {fans: {"blank": False}}}
    )  # fmt: skip
    found = found_in(tmp_path, unicodedata.normalize(delivered, ",".join(names)), source)
    (load,) = found.loads
    assert (load.columns["account_id"].source, load.columns["followers_count"].source) == names
    assert load.columns_asked == [names[1]]
