"""The plan printed in README.md and docs/plan.md is what its command says of the examples."""

from examples.write_plan import PAGE, pages, said_of
from schemas.plans import LEFT_OUT, NOT_CHOSEN
from tests.example_home import Examples


def test_the_pages_print_what_the_command_says(examples: Examples) -> None:
    said = said_of(examples.home)
    assert "engagements expected" in said
    for path, text in pages(said).items():
        assert path.read_text(encoding="utf-8") == text, "run `make docs`"


def test_the_page_has_every_reason() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [reason for reason in (*LEFT_OUT, NOT_CHOSEN) if f"`{reason}`" not in page] == []
