"""How much of what is random or exhaustive a test tries: a sample in `make test`, all of it in `make test-long`."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

Tried = TypeVar("Tried")


def is_long() -> bool:
    return settings.get_current_profile_name() == "long"


def sample_of(all_of_them: Sequence[Tried], every: int) -> list[Tried]:
    """One in so many, the first among them."""
    return list(all_of_them if is_long() else all_of_them[::every])


def how_many(sampled: int, long: int) -> int:
    return long if is_long() else sampled
