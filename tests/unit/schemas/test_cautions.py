"""What is said against booking an account, and of whom nothing is."""

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.cautions import FEW_POSTS, MUCH_SHARED, OF_RATES, OLD_PRICE, against

DAY = date(2026, 8, 1)
SOUND: dict[str, Any] = {
    "post_known_count": FEW_POSTS, "quoted_on": DAY - OLD_PRICE, "price": 900, "is_disputed": False, "paid_verdict": "cannot_tell",
    "sponsored_known_count": 9, "sponsored_engaged_count": 1, "issues": [],
}  # fmt: skip


def issue(name: str, column: str, count: int = 1) -> dict[str, Any]:
    return {"issue": name, "column_name": column, "row_count": count}


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
        ({"is_disputed": True}, None, ["conflicting prices"]),
        ({"is_disputed": None, "price": None}, None, []),
        ({"price": 0, "quoted_on": None}, None, ["its price has no date", "its price is 0"]),
        ({"paid_verdict": "less"}, None, ["its paid posts do worse than the others"]),
        ({"paid_verdict": None}, None, []),
        ({"paid_verdict": "few_posts"}, None, []),
        ({"paid_verdict": "more"}, None, []),
        ({"sponsored_engaged_count": 0}, None, ["no paid post of 9 got any engagement"]),
        ({"sponsored_engaged_count": 0, "paid_verdict": "less"}, None, ["no paid post of 9 got any engagement"]),
        (
            {"sponsored_engaged_count": 0, "sponsored_known_count": 1},
            None,
            ["its one paid post got no engagement"],
        ),
        ({"sponsored_engaged_count": 0, "sponsored_known_count": 0}, None, []),
        ({"sponsored_engaged_count": None, "sponsored_known_count": None}, None, []),
    ],
)
def test_what_is_said(changed: dict[str, Any], shared: float | None, said: list[str]) -> None:
    assert against(SOUND | changed, DAY, shared) == said


def test_each_kind_of_issue_is_said_once_and_how_often() -> None:
    issues = [
        issue("growth_spike", "followers_gained_per_day"),
        issue("conflicting_observations", "like_count", 1_200),
        issue("conflicting_observations", "followers_count", 2),
    ]
    assert against(SOUND | {"issues": issues}, DAY) == ["conflicting observations (1,202)", "growth spike"]


@pytest.mark.parametrize(
    "other",
    [
        issue("conflicting_observations", "biography"),
        issue("conflicting_observations", "is_verified"),
        issue("conflicting_prices", "price"),
        issue("price_without_currency", "currency"),
        issue("price_zero", "price"),
        issue("niche_not_read", "niche"),
        issue("name_damaged", "display_name"),
        issue("tier_uncertain", "followers_count"),
        *(issue("published_rate_above_one", column) for column in sorted(OF_RATES)),
    ],
)
def test_what_concerns_no_figure_that_is_used_is_not_said(other: dict[str, Any]) -> None:
    """Prices speak by the quote that is used, not by what is wrong with another one."""
    assert against(SOUND | {"issues": [other]}, DAY, lists=("follows", "likes", "comments")) == []


def test_a_list_that_is_cut_off_speaks_where_people_are_counted_from_it() -> None:
    account = SOUND | {"issues": [issue("incomplete_list", "follows"), issue("incomplete_list", "likes", 3)]}
    assert against(account, DAY) == []
    assert against(account, DAY, lists=("follows",)) == ["incomplete list"]
    assert against(account, DAY, lists=("follows", "likes")) == ["incomplete list (4)"]


def test_of_people_new_to_a_brand_it_is_said_that_they_are_those() -> None:
    said = against(SOUND, DAY, 0.4, new_to="x:kettle")
    assert said == ["40 % of its listed followers who are new to x:kettle follow others of the set too"]


def test_of_an_account_without_a_price_nothing_is_said_of_it() -> None:
    """And where nobody knows the day of the figures, no price is old."""
    account = {name: value for name, value in SOUND.items() if name not in ("quoted_on", "price", "is_disputed")}
    assert against(account, DAY) == []
    assert against(SOUND | {"quoted_on": date(1999, 1, 1)}, None) == []
