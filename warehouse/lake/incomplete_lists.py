"""Which lists were delivered without their last page."""

import re
from collections.abc import Iterable

import polars as pl

from schemas.pagination import Page
from warehouse.lake.commits import Entry
from warehouse.lake.ledger import Lake

PAGES_KEPT = 10_000


def pages_kept(pages: Iterable[Page]) -> tuple[Page, ...]:
    """What the ledger keeps of the pages of one file: each list once, ended where any page of it is the last."""
    lists: dict[tuple[str | None, ...], Page] = {}
    for page in pages:
        key = (page.platform, page.dataset, page.account_id, page.post_id)
        if key not in lists or not page.goes_on:
            lists[key] = page
    return tuple(lists.values())[:PAGES_KEPT]


def incomplete_lists(entries: Iterable[Entry]) -> dict[str, list[Page]]:
    """The lists whose last page is in no file, under the name of the last file that has a page of them."""
    ended: set[tuple[str | None, ...]] = set()
    going_on: dict[tuple[str | None, ...], tuple[str, Page]] = {}
    for entry in sorted(entries, key=lambda entry: entry.file):
        for page in entry.pages:
            if page.goes_on:
                going_on[_list_of(entry.file, page)] = (entry.file, page)
            else:
                ended.add(_list_of(entry.file, page))
    found: dict[str, list[Page]] = {}
    for key, (file, page) in going_on.items():
        if key not in ended:
            found.setdefault(file, []).append(page)
    return found


def _list_of(file: str, page: Page) -> tuple[str | None, ...]:
    """Pages that do not say whose list they are of belong together where their names differ in digits alone."""
    folder, _, name = file.rpartition("/")
    alike = () if page.account_id or page.post_id else (folder, re.sub(r"\d+", "#", name))
    return page.platform, page.dataset, page.account_id, page.post_id, *alike


def notes_on_pages(lake: Lake) -> dict[str, str]:
    """Of each file after which a list should go on, and does not, what the ledger and the terminal say."""
    lists = incomplete_lists(lake.deliveries().values())
    return {file: _said_of(pages) for file, pages in lists.items()}


def lists_of_accounts(lake: Lake) -> pl.DataFrame:
    """platform, account_id or post_id, and dataset of the incomplete lists that say whose they are."""
    lists = incomplete_lists(lake.deliveries().values()).values()
    rows = [(page.platform, page.account_id, page.post_id, page.dataset) for pages in lists for page in pages]
    schema = dict.fromkeys(("platform", "account_id", "post_id", "dataset"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _said_of(pages: list[Page]) -> str:
    first = pages[0]
    whose = f" of {first.post_id or first.account_id}" if first.post_id or first.account_id else ""
    others = f", and {len(pages) - 1:,} more lists" if len(pages) > 1 else ""
    return f"incomplete: there is more of the {first.dataset}{whose} than was delivered{others}"
