"""The shortlist with a line for each person."""

import csv
from pathlib import Path

from tests.command import in_process as tierwise
from tests.example_home import Examples
from warehouse.published import open_published


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_person_has_one_line_in_the_place_of_the_best_account(examples: Examples, tmp_path: Path) -> None:
    accounts, people = tmp_path / "accounts.csv", tmp_path / "people.csv"
    tierwise("report", "--csv", accounts, "--home", examples.home)
    tierwise("report", "--people", "--csv", people, "--home", examples.home)
    listed, persons = lines(accounts), lines(people)
    with open_published(examples.warehouse) as connection:
        known = dict(connection.sql("SELECT creator, followers_count_upper_bound FROM creators").fetchall())
        owner = {
            (platform, name): creator
            for platform, name, creator in connection.sql(
                "SELECT platform, coalesce(username, account_id), creator FROM accounts"
            ).fetchall()
        }
    wanted: dict[tuple[str, ...], dict[str, str]] = {}
    for row in listed:
        creator = owner[row["platform"], row["account"].lstrip("'")]
        wanted.setdefault((creator,) if creator else (row["platform"], row["account"]), row)
    assert len(wanted) < len(listed), "two accounts of one person are on the list"
    assert [{name: row[name] for name in listed[0]} for row in persons] == list(wanted.values())
    assert [row["person"] for row in persons] == [key[0] if len(key) == 1 else key[1] for key in wanted]
    reach = [known[key[0]] if len(key) == 1 else int(row["followers"]) for key, row in wanted.items()]
    assert [int(row["followers_at_most"]) for row in persons] == reach


def test_people_without_a_file_is_refused(examples: Examples) -> None:
    answer = tierwise("report", "--people", "--home", examples.home)
    assert answer.exit_code == 2
    assert "add --csv FILE" in answer.stderr
