"""How far the search for the best set goes: by the clock, or by steps, which lead to the same set on every machine."""

from dataclasses import dataclass, replace
from typing import Any

# Pairs of a candidate and a group it brings, beyond which the program is not made: it does not close in seconds.
ENTRIES_MAX = 50_000
SECONDS = 10.0


@dataclass(frozen=True)
class Effort:
    """What the program may take, and up to how many pairs of a candidate and a group the slower ways are tried at all.

    One of `seconds` and `nodes` is set: nodes of the tree that the program searches. Of many candidates whose values add up
    the likeliest are tried alone; the others are too unless what they can change is less than `gap_enough` of the whole.
    """

    seconds: float | None = SECONDS
    nodes: int | None = None
    program_max: int = ENTRIES_MAX
    relaxed_max: int | None = None
    gap_enough: float = 0.0

    @property
    def options(self) -> dict[str, Any]:
        """As the program is told."""
        return {"time_limit": self.seconds} if self.nodes is None else {"node_limit": self.nodes}

    def part(self, share: float) -> "Effort":
        """For one of several programs. A tree is searched as far as before, so that it does not matter which others there are."""
        return self if self.seconds is None else replace(self, seconds=share * self.seconds)


# Of what is asked for and waited for.
BY_CLOCK = Effort()
# Of what is published, whose content is the same wherever it is made.
BY_STEPS = Effort(seconds=None, nodes=200, program_max=10_000, relaxed_max=200_000, gap_enough=0.001)
