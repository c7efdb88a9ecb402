"""Lists that come in pages: what one page tells of its list."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """One page of a list: of what, whose or of which post where that is known, and whether the list goes on after it."""

    platform: str
    dataset: str
    goes_on: bool
    account_id: str | None = None
    post_id: str | None = None
