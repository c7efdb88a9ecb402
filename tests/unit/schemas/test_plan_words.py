"""The words of plans: every reason has some, and figures that are not known have none."""

from reports.plans import NO_SET
from schemas.account_engagement import SHRUNK_REASONS
from schemas.mega_alternatives import REASONS
from schemas.plan_words import COUNTED, LEFT_OUT, NO_RATE, best, brings, engagements, no_rate, people, title
from schemas.plans import LEFT_OUT as ALL_REASONS
from schemas.plans import NOT_CHOSEN, Objective


def test_every_reason_and_objective_has_words() -> None:
    assert set(LEFT_OUT) == {*ALL_REASONS, NOT_CHOSEN}
    assert set(NO_SET) == set(REASONS)
    assert set(COUNTED) == set(Objective)
    assert set(NO_RATE) == {None, *SHRUNK_REASONS}


def test_what_is_not_known_is_not_said() -> None:
    assert engagements(None, None, None) is None
    assert people(None, 7) is None
    assert people(1_200, 1_200) == "1,200"
    assert people(1_200, 3_400) == "between 1,200 and 3,400"


def test_a_gap_is_said_and_its_absence_too() -> None:
    assert title(1, 80, 1_000, "EUR", "x") == "1 account for 80.00 of 1,000.00 EUR: x"
    assert best(10, 10, 0, "reach") == "no set brings more than 10.0 people reached for certain: there is no better set"
    assert best(10, 12.5, 0.2, "engagements").endswith("12.5 engagements expected: at most 2.5 more, a gap of 20.00 %")


def test_people_who_are_new_to_an_account_are_said_to_be() -> None:
    assert brings(7, "reach", "x:kettle") == "7 people reached for certain, new to x:kettle"
    assert people(5, 9, "x:kettle") == "between 5 and 9, new to x:kettle"
    assert best(7, 7, 0, "reach", "x:kettle").startswith(
        "no set brings more than 7.0 people reached for certain, new to x:kettle:"
    )
    assert str(engagements(9, 5, 12, "x:kettle")).endswith("of all followers and not of those new to x:kettle alone")


def test_an_unknown_rate_is_said_with_its_reason_and_what_mends_it() -> None:
    assert no_rate("x", "no_prior", 1_200) == (
        "no_rate, 1,200 accounts on x (no_prior: fewer than 20 accounts there have a rate, too few to tell what is usual)."
        " To mend it, deliver posts of more accounts"
    )
    assert no_rate("x", None, 1).startswith("no_rate, 1 account on x (nothing but")
