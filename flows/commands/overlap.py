"""What a set of accounts reaches together, asked for and shown."""

from collections.abc import Sequence

from flows import console
from flows.settings import Settings
from marts.set_overlap import SetOverlap, set_overlap
from warehouse.lake.member_key import known_secret


def plan(asked: Sequence[str], settings: Settings) -> SetOverlap:
    """The overlap of the accounts asked for, each as `platform:id`, `@handle` or `platform:@handle`."""
    return set_overlap(
        asked, settings.warehouse, settings.lake, lambda lake: known_secret(lake, *settings.member_key_or_file)
    )


def show(overlap: SetOverlap, *, as_json: bool) -> None:
    """Counts and shares, never a member."""
    if as_json:
        print(console.json_text(overlap.as_json()))
        return
    accounts = overlap.accounts
    reach = f"{overlap.unique_reach_count:,} people reached by {overlap.listed_count} accounts"
    rows = [tuple(round(cell, 4) if isinstance(cell, float) else cell for cell in row) for row in accounts.rows()]
    console.show_table(f"{reach} whose lists add up to {overlap.followers_known_sum:,}", accounts.columns, rows)
    if overlap.unlisted.height:
        print()
        _show_unlisted(overlap)
    print()
    console.show_table("People in exactly so many of the lists", overlap.exactly.columns, overlap.exactly.rows())
    if overlap.platform_count > 1:
        console.err.print("who is on several platforms is counted once on each: nothing tells that they are one person")
    if not overlap.is_whole:
        console.err.print(
            "some lists are partial, or not known to be whole, and name a lower bound of the people: "
            f"{_between(overlap)}"
        )


def _show_unlisted(overlap: SetOverlap) -> None:
    """What is known of the reach with the accounts that no list is known of."""
    unlisted = overlap.unlisted
    title = f"No follower list of {unlisted.height} accounts: {_between(overlap)}"
    console.show_table(title, unlisted.columns, unlisted.rows())


def _between(overlap: SetOverlap) -> str:
    high, count = overlap.unique_reach_count_high, overlap.accounts.height
    most = "an unknown number of" if high is None else f"{high:,}"
    who = "the account reaches" if count == 1 else f"together the {count} reach"
    return f"{who} between {overlap.unique_reach_count_low:,} and {most} people"
