"""The charts of docs/statistics.md are those their scripts draw, and the page prints their figures."""

from pathlib import Path
from types import ModuleType

import pytest

from examples import draw_rate_on_followers, draw_shrunk_rates
from examples.draw_rate_on_followers import simulated
from transforms.stats.line_fit import least_squares

PAGE = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("script", [draw_rate_on_followers, draw_shrunk_rates], ids=lambda script: script.__name__)
def test_the_charts_are_what_their_scripts_draw(script: ModuleType) -> None:
    assert script.TARGET.read_text(encoding="utf-8") == script.drawing(), "run `make docs`"
    assert f"images/{script.TARGET.name}" in PAGE


def test_the_page_prints_what_is_expected_of_the_accounts_of_the_chart() -> None:
    for found in draw_shrunk_rates.estimates():
        mean, low, high = (100 * found[name] for name in ("shrunk", "shrunk_low", "shrunk_high"))
        assert f"{mean:.1f} % ({low:.1f} to {high:.1f} %)" in PAGE


def test_the_page_prints_the_slopes_of_the_chart() -> None:
    x, y = simulated()
    for height in (y, y - x):
        fit = least_squares(x, height)
        assert f"{fit.slope:.2f} (95 % interval {fit.slope_low:.2f} to {fit.slope_high:.2f})" in PAGE
