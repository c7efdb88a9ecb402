"""Draws docs/images/rate_on_followers.svg: likes that ignore followers, and what their rate looks like all the same.

python -m examples.draw_rate_on_followers
"""

from pathlib import Path

import numpy as np

from transforms.stats.line_fit import Floats, least_squares

TARGET = Path(__file__).parents[1] / "docs" / "images" / "rate_on_followers.svg"
WIDTH, HEIGHT, LEFT, TOP = 300, 220, 60, 46
FOLLOWERS, LIKES, RATES = (2, 6), (0, 4.5), (-4, 2)


def simulated() -> tuple[Floats, Floats]:
    """Log10 followers and log10 likes of 400 accounts, drawn without regard to each other."""
    random = np.random.default_rng(1993)
    return random.normal(9, 2, 400) / np.log(10), random.normal(5, 1, 400) / np.log(10)


def panel(offset: int, title: str, x: Floats, y: Floats, bounds: tuple[float, float]) -> list[str]:
    """Axes, a dot for each account, and the line by least squares."""

    def across(value: float) -> float:
        return round(offset + WIDTH * (value - FOLLOWERS[0]) / (FOLLOWERS[1] - FOLLOWERS[0]), 1)

    def down(value: float) -> float:
        return round(TOP + HEIGHT * (bounds[1] - value) / (bounds[1] - bounds[0]), 1)

    fit = least_squares(x, y)
    ends = [(across(end), down(fit.intercept + fit.slope * end)) for end in FOLLOWERS]
    seen = [(a, b) for a, b in zip(x, y, strict=True) if FOLLOWERS[0] < a < FOLLOWERS[1] and bounds[0] < b < bounds[1]]
    marks = [*range(FOLLOWERS[0], FOLLOWERS[1] + 1)], [*range(int(np.ceil(bounds[0])), int(bounds[1]) + 1)]
    return [
        f'<text x="{offset}" y="{TOP - 26}" font-weight="bold">{title}</text>',
        f'<text x="{offset}" y="{TOP - 9}">slope {fit.slope:.2f}, 95 % interval {fit.slope_low:.2f} to {fit.slope_high:.2f}</text>',
        f'<rect x="{offset}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>',
        *(f'<circle cx="{across(a)}" cy="{down(b)}" r="2" fill="#4477aa" fill-opacity="0.5"/>' for a, b in seen),
        f'<polyline points="{" ".join(f"{a},{b}" for a, b in ends)}" stroke="#cc3311" stroke-width="2"/>',
        *(f'<text x="{across(m)}" y="{TOP + HEIGHT + 16}" text-anchor="middle">{10**m:,}</text>' for m in marks[0]),
        *(f'<text x="{offset - 6}" y="{down(m) + 4}" text-anchor="end">{10.0**m:,g}</text>' for m in marks[1]),
        f'<text x="{offset + WIDTH / 2}" y="{TOP + HEIGHT + 34}" text-anchor="middle">followers</text>',
    ]


def drawing() -> str:
    x, y = simulated()
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 310" font-family="sans-serif" font-size="12">'
    lines = [
        head,
        '<rect width="800" height="310" fill="white"/>',
        *panel(LEFT, "Likes by followers", x, y, LIKES),
        *panel(2 * LEFT + WIDTH + 50, "Like rate of the same accounts by followers", x, y - x, RATES),
        "</svg>\n",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(drawing(), encoding="utf-8")
