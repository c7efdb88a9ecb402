"""The pictures of the README show what the examples give today."""

from pathlib import Path

from tests.example_home import Examples

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"


def test_the_pictures_were_taken_of_these_figures(examples: Examples) -> None:
    taken_of = IMAGES.joinpath("made_from.txt").read_text(encoding="ascii").strip()
    assert examples.summary.content_hash == taken_of, "take new ones: python examples/take_screenshots.py docs/images"


def test_the_readme_shows_them() -> None:
    readme = ROOT.joinpath("README.md").read_text(encoding="utf-8")
    for name in ("report.png", "report_plan.png", "control_room.png"):
        assert IMAGES.joinpath(name).is_file()
        assert f"docs/images/{name}" in readme
