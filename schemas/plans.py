"""Plans: accounts to book with a budget."""

from enum import StrEnum


class Objective(StrEnum):
    """What a plan is to have most of."""

    REACH = "reach"
    ENGAGEMENTS = "engagements"
    ENGAGED_FOLLOWERS = "engaged_followers"
