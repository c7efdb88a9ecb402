"""The chart of docs/statistics.md is the one its script draws, and the page prints its figures."""

from pathlib import Path

from examples.draw_rate_on_followers import TARGET, drawing, simulated
from transforms.stats.line_fit import least_squares

PAGE = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")


def test_the_chart_is_what_the_script_draws() -> None:
    assert TARGET.read_text(encoding="utf-8") == drawing(), "run `make docs`"


def test_the_page_prints_the_slopes_of_the_chart() -> None:
    x, y = simulated()
    for height in (y, y - x):
        fit = least_squares(x, height)
        assert f"{fit.slope:.2f} (95 % interval {fit.slope_low:.2f} to {fit.slope_high:.2f})" in PAGE
