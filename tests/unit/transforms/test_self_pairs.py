"""Which members an account itself is, by small examples."""

import polars as pl
import pytest

from schemas.keys import member_key, stable_key
from transforms import self_pairs
from transforms.audience_edges import pair
from transforms.self_pairs import accounts_to_selves

KEY = "a secret of the tests"


def selves_of(account: str, username: str | None, secret: str | None) -> set[int]:
    rows = [("x", account, username), ("x", "another", "@Other"), ("y", "solo", None)]
    accounts = pl.DataFrame(rows, ["platform", "account_id", "username"], orient="row")
    return set(accounts_to_selves(accounts, secret).get_column("pair"))


def pair_of(account: str, member: str, secret: str | None) -> int:
    row = pl.DataFrame({"platform": ["x"], "account_id": [account], "member": [member]})
    keys = [stable_key("platform", "account_id").alias("account_key"), member_key("member", secret).alias("member_key")]
    return int(row.select(keys).select(pair()).item())


@pytest.mark.parametrize(
    ("account", "username", "member", "is_self"),
    [
        *(("1001", "Kim.Name", member, True) for member in ("1001", "Kim.Name", "kim.name", "@Kim.Name", "@kim.name")),
        *(("1001", "kim.name", member, True) for member in ("kim.name", "@kim.name", "Kim.Name", "@Kim.name")),
        *(("1001", "@KimName", member, True) for member in ("KimName", "@KimName", "kimname", "@kimname")),
        *(("solo", None, member, True) for member in ("solo", "@solo", "Solo", "@Solo")),
        *(("@Solo", None, member, True) for member in ("@Solo", "Solo", "solo", "@solo")),
        ("solo", None, "sol", False),
        ("solo", None, "Other", False),
        ("1001", None, "@1001", False),
        ("@1001", None, "1001", False),
        ("@1001", None, "@1001", True),
        ("1001", "2002", "@2002", True),
        ("UC" + "aB" * 11, None, "UC" + "aB" * 11, True),
        ("UC" + "aB" * 11, None, "uc" + "ab" * 11, False),
    ],
)
def test_an_account_is_a_member_by_every_usual_writing_of_its_names(
    account: str, username: str | None, member: str, is_self: bool
) -> None:
    assert (pair_of(account, member, KEY) in selves_of(account, username, KEY)) == is_self


@pytest.mark.parametrize("secret", [None, KEY])
def test_members_who_are_pseudonyms_are_written_in_one_way(secret: str | None) -> None:
    selves = selves_of("solo", "@Kim", secret)
    found = {member for member in ("solo", "@solo", "Solo", "Kim", "kim") if pair_of("solo", member, None) in selves}
    assert found == {"solo", "Kim", "kim"}


def test_many_accounts_are_paired_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = selves_of("1001", "Kim.Name", KEY)
    monkeypatch.setattr(self_pairs, "ACCOUNTS", 1)
    assert selves_of("1001", "Kim.Name", KEY) == whole
    none = pl.DataFrame(schema=dict.fromkeys(("platform", "account_id", "username"), pl.String))
    assert accounts_to_selves(none, KEY).is_empty()
