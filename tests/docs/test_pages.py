"""The pages agree with the code."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from schemas.tables import MARTS, RUN_TABLES
from tests.example_home import Examples
from tests.functional.test_cli import tierwise
from warehouse.dictionary import data_dictionary
from warehouse.publish import view_files

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_data_dictionary_is_what_make_docs_writes() -> None:
    assert (ROOT / "docs" / "data_dictionary.md").read_text(encoding="utf-8") == data_dictionary(), "run `make docs`"


def test_the_readme_prints_what_its_query_gives(examples: Examples) -> None:
    shown = re.search(
        r'^tierwise query "(from headline_engagement .*)"\n```\n\n```\n(.*?)```$', README, re.MULTILINE | re.DOTALL
    )
    assert shown
    assert tierwise("query", shown[1], "--home", examples.home).stdout == shown[2]


@pytest.mark.parametrize("table", [*MARTS, *RUN_TABLES])
def test_the_readme_names_each_table(table: str) -> None:
    assert f"`{table}`" in README


@pytest.mark.parametrize("view", sorted(name.partition("_")[2] for name in view_files()))
def test_the_readme_names_each_view(view: str) -> None:
    assert f"`{view}`" in README


@pytest.mark.parametrize(
    "command", sorted(str(command.callback.__name__) for command in app.registered_commands if command.callback)
)
def test_each_command_has_an_example_in_its_help_and_is_in_the_readme(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert "Example:" in shown.output
    assert f"tierwise {command}" in README


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
)
def test_links_to_files_of_the_project_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    missing = [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]
    assert not missing


def test_each_target_of_the_makefile_says_what_it_does() -> None:
    targets = re.findall(r"^([a-z]+):(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert {name for name, _ in targets} >= {"run", "test", "check", "bench", "docs", "clean"}
    assert [name for name, rest in targets if "## " not in rest] == []
