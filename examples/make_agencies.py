"""What agencies know: prices, figures of their own, whose an account is, topics."""

import io
import random
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter

from examples.export_files import SEEN_AT, Row, csv_text
from examples.make_accounts import Account, noise

# Every so many accounts of a network are of a person that an agency knows.
PEOPLE_STEP = 9


def agency_files(rng: random.Random, accounts: Sequence[Account]) -> dict[str, bytes]:
    """A workbook of price quotes, and an agency's own figures in percent; some of them flatter."""
    quotes: list[Row] = []
    for account in accounts[::2]:
        product = account.followers < 1_000
        currency = "EUR" if rng.random() < 0.15 else "USD"
        for day in ("2026-05-15", "2026-08-01"):
            price = 0 if product else int(max(20, round(account.followers * 0.01 * noise(rng, 0.3), -1)))
            quotes.append(
                {
                    "platform": account.platform, "account_id": account.account_id,
                    "media_type": "reel" if account.platform == "instagram" else "video", "price": price,
                    "currency": currency, "compensation": "product" if product else "cash", "quoted_on": day,
                }
            )  # fmt: skip
    report = [
        {
            "account": f"@{account.handle}", "followers": f"{account.followers:,}",
            "engagement": "n/a" if account.hides_likes else f"{account.rate * rng.choice((95, 100, 105, 160)):.2f}%",
            "report date": "23/08/2026",
        }
        for account in accounts if account.platform == "instagram" and account.posts
    ][:60]  # fmt: skip
    return {
        "agencies/rates.xlsx": quotes_as_workbook(quotes),
        "agencies/engagement_report.csv": csv_text(report).encode(),
    }


def quotes_as_workbook(quotes: Sequence[Row]) -> bytes:
    """A sheet as people make them: a title above the header, ids as text, prices as numbers, days as dates."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": SEEN_AT})  # not the moment of writing: the same bytes every time
    page = book.add_worksheet("Rates")
    page.write_string(0, 0, "What creators ask for", book.add_format({"bold": True}))
    page.write_string(1, 0, "as told in May and in August")
    page.write_row(3, 0, list(quotes[0]))
    day = book.add_format({"num_format": "d mmm yyyy"})
    for number, quote in enumerate(quotes, start=4):
        *cells, quoted_on = quote.values()
        for column, cell in enumerate(cells):
            page.write_number(number, column, cell) if isinstance(cell, int) else page.write_string(
                number, column, str(cell)
            )
        page.write_datetime(number, len(cells), datetime.fromisoformat(str(quoted_on)), day)
    book.close()
    return stream.getvalue()


def lists_about_accounts(of: dict[str, list[Account]]) -> dict[str, bytes]:
    """Whom an agency knows on several networks, and topics beside the main one of some accounts."""
    people = zip(*(of[platform][::PEOPLE_STEP] for platform in ("instagram", "tiktok", "youtube")), strict=True)
    creators = [
        {
            "creator": one.name,
            "instagram": one.account_id,
            "tiktok": f"@{other.handle}" if place % 3 else None,
            "youtube": f"https://www.youtube.com/channel/{third.account_id}" if place % 2 else None,
        }
        for place, (one, other, third) in enumerate(people)
    ]
    niches = [
        {"platform": each.platform, "account_id": each.account_id, "niche": f"{each.niche.split(';')[0]}; vlogging"}
        for each in of["youtube"][::PEOPLE_STEP]
    ]
    return {"people/creators.csv": csv_text(creators).encode(), "people/niches.csv": csv_text(niches).encode()}
