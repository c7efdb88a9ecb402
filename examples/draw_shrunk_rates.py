"""Draws docs/images/shrunk_rates.svg: what is expected of three accounts of one size, and how sure that is.

python -m examples.draw_shrunk_rates
"""

from math import exp, log
from pathlib import Path

import numpy as np
import polars as pl

from transforms.shrinkage import with_posterior

TARGET = Path(__file__).parents[1] / "docs" / "images" / "shrunk_rates.svg"
FOLLOWERS, USUAL = 10_000, 0.035
# Likes and comments of each post of three accounts.
ACCOUNTS = {
    "one post": [1_500],
    "five posts": [1_500, 700, 1_200, 400, 950],
    "twenty posts": [
        1_500,
        700,
        1_200,
        400,
        950,
        800,
        1_100,
        640,
        900,
        520,
        1_300,
        760,
        980,
        870,
        610,
        1_050,
        450,
        1_250,
        830,
        720,
    ],
}
LEFT, RIGHT, TOP, STEP = 120, 740, 50, 80
LOWEST, HIGHEST = 0.01, 0.5


def estimates() -> list[dict[str, float]]:
    """What `with_posterior` makes of the posts, where accounts of this size and niche have 3.5 % and posts scatter by 0.6."""
    logs = [np.log((np.array(posts) + 0.5) / FOLLOWERS) for posts in ACCOUNTS.values()]
    rows = pl.DataFrame(
        {
            "log_count": [len(own) for own in logs],
            "log_mean": [float(own.mean()) for own in logs],
            "log_variance": [float(own.var(ddof=1)) if len(own) > 1 else None for own in logs],
        }
    )
    fitted = {
        "size": log(FOLLOWERS), "expected": log(USUAL), "prior_variance": 0.25, "common_variance": 0.36, "common_freedom": 8.0,
        "freedom_of_all": 1e9, "smear_factor": exp(0.18),
    }  # fmt: skip
    return (
        with_posterior(rows.lazy().with_columns(pl.lit(value).alias(name) for name, value in fitted.items()))
        .collect()
        .to_dicts()
    )


def across(rate: float) -> float:
    share = (log(rate) - log(LOWEST)) / (log(HIGHEST) - log(LOWEST))
    return round(LEFT + (RIGHT - LEFT) * share, 1)


def account(place: int, name: str, posts: list[int], found: dict[str, float]) -> list[str]:
    """Dots for posts, a thick bar for the mean, a thin one for the next post."""
    y = TOP + STEP * place + 40
    bars = (("next_low", "next_high", 2, "#999999"), ("shrunk_low", "shrunk_high", 8, "#4477aa"))
    return [
        f'<text x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{name}</text>',
        *(
            f'<line x1="{across(found[low])}" x2="{across(found[high])}" y1="{y}" y2="{y}" stroke="{ink}" stroke-width="{width}"/>'
            for low, high, width, ink in bars
        ),
        f'<circle cx="{across(found["shrunk"])}" cy="{y}" r="6" fill="#ffffff" stroke="#4477aa" stroke-width="3"/>',
        *(
            f'<circle cx="{across(k / FOLLOWERS)}" cy="{y - 18}" r="3" fill="#cc3311" fill-opacity="0.6"/>'
            for k in posts
        ),
    ]


def drawing() -> str:
    bottom = TOP + STEP * len(ACCOUNTS) + 10
    marks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    usual = across(USUAL * exp(0.18))
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 350" font-family="sans-serif" font-size="12">',
        '<rect width="800" height="350" fill="white"/>',
        f'<text x="{LEFT}" y="24">red: posts; ring and thick bar: the mean to expect, 95 %; thin bar: one next post, 95 %</text>',
        f'<line x1="{usual}" x2="{usual}" y1="{TOP - 8}" y2="{bottom}" stroke="#228833" stroke-dasharray="4 3"/>',
        f'<text x="{usual + 4}" y="{TOP + 2}" fill="#228833">usual at this size and niche</text>',
    ]
    for place, ((name, posts), found) in enumerate(zip(ACCOUNTS.items(), estimates(), strict=True)):
        lines += account(place, name, posts, found)
    lines += [f'<text x="{across(m)}" y="{bottom + 18}" text-anchor="middle">{100 * m:g} %</text>' for m in marks]
    return "\n".join([*lines, "</svg>\n"])


if __name__ == "__main__":
    TARGET.write_text(drawing(), encoding="utf-8")
