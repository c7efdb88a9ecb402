"""What is said against booking an account, and of whom nothing is."""

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.cautions import FEW_POSTS, MUCH_SHARED, OLD_PRICE, against

DAY = date(2026, 8, 1)
SOUND: dict[str, Any] = {
    "post_known_count": FEW_POSTS, "quoted_on": DAY - OLD_PRICE, "paid_verdict": "cannot_tell", "issues": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "shared", "said"),
    [
        ({}, None, []),
        ({}, MUCH_SHARED - 0.001, []),
        ({}, 0.5, ["50 % of its listed followers follow others of the set too"]),
        ({"post_known_count": None}, None, ["no rate of a post is known"]),
        ({"post_known_count": 1}, None, ["its rate is known from one post"]),
        ({"post_known_count": FEW_POSTS - 1}, None, ["its rate is known from 4 posts"]),
        ({"quoted_on": None}, None, ["its price has no date"]),
        (
            {"quoted_on": DAY - OLD_PRICE - timedelta(days=1)},
            None,
            ["its price is of 2025-07-31, 366 days before the figures"],
        ),
        ({"quoted_on": DAY + timedelta(days=9)}, None, []),
        ({"paid_verdict": "less"}, None, ["its paid posts do worse than the others"]),
        ({"paid_verdict": None}, None, []),
        ({"paid_verdict": "few_posts"}, None, []),
        ({"paid_verdict": "more"}, None, []),
        ({"issues": ["growth_spike", "odd_comments"]}, None, ["growth spike", "odd comments"]),
    ],
)
def test_what_is_said(changed: dict[str, Any], shared: float | None, said: list[str]) -> None:
    assert against(SOUND | changed, DAY, shared) == said


def test_of_an_account_without_a_price_nothing_is_said_of_it() -> None:
    """And where nobody knows the day of the figures, no price is old."""
    account = {name: value for name, value in SOUND.items() if name != "quoted_on"}
    assert against(account, DAY) == []
    assert against(SOUND | {"quoted_on": date(1999, 1, 1)}, None) == []
