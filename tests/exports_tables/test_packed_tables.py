"""Exports that come as several tables in one: Studio's ZIP of three, LinkedIn's workbooks. The posts are read, the rest is named."""

import io
import zipfile
from pathlib import Path

import pytest

from tests.rejected.delivery import Delivery, command, delivery
from tests.workbooks import Cells, xlsx

__all__ = ["command", "delivery"]
STUDIO = Path(__file__).parent / "youtube_studio" / "exports"
# Names of the three files in each language, and the videos of the first of them.
ZIPS = {
    "de": (("Tabellendaten", "Diagrammdaten", "Gesamtwerte"), ["-tstVidDe02", "tstVidDe001"]),
    "es": (("Datos de la tabla", "Datos del gráfico", "Totales"), ["tstVidEs001", "tstVidEs002"]),
    "fr": (("Données du tableau", "Données du graphique", "Totaux"), ["tstVidFr001", "tstVidFr002"]),
    "pt": (("Dados da tabela", "Dados do gráfico", "Total"), ["tstVidPt001"]),
}


@pytest.mark.parametrize("language", ZIPS)
def test_of_three_files_in_a_zip_one_has_the_videos(delivery: Delivery, language: str) -> None:
    names, videos = ZIPS[language]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(f"{name}.csv", (STUDIO / language / f"{name}.csv").read_bytes())
    delivery.put("channel.zip", stream.getvalue())
    delivery.put("sources.toml", '[[source]]\nfiles = "*.csv"\nowner = "UCtestZIP"\n')
    answer = delivery.run()
    assert answer.exit_code == 0
    assert [row["post_id"] for row in delivery.rows("SELECT post_id FROM posts ORDER BY post_id")] == videos
    assert delivery.refusals() == {f"channel.zip/{name}.csv": "other_table" for name in names[1:]}
    totals = delivery.rows("SELECT DISTINCT line, rule FROM rejected_rows WHERE line IS NOT NULL")
    assert totals == [{"line": 2, "rule": "the row of totals, not a video"}]
    assert delivery.run_again()["published"] is False


POSTS: Cells = [
    ["Post title", "Post link", "Post type", "Created date", "Impressions", "Views (Excluding offsite video views)",
     "Clicks", "Likes", "Comments", "Reposts", "Engagement rate", "Content Type"],
    ["Benches", "https://www.linkedin.com/feed/update/urn:li:activity:7400000000000000031", "Organic", "05/19/2026", 640, None, 22, 19, 2, 1, 0.0688, "Image"],
    ["Shelves", "https://www.linkedin.com/feed/update/urn:li:share:7400000000000000032", "Organic", "05/02/2026", 210, None, 4, 6, 0, 0, 0.0476, "Article"],
]  # fmt: skip
DAYS: Cells = [
    ["Date", "Impressions (organic)", "Impressions (total)", "Clicks (organic)", "Clicks (total)"],
    ["05/19/2026", 80, 80, 2, 2],
]


def test_of_a_page_export_the_sheet_of_posts_is_read(delivery: Delivery) -> None:
    above: Cells = [["Figures of all posts published in this time, organic and sponsored"]]
    delivery.put("ash_content_1.xlsx", xlsx({"Metrics": [*above, *DAYS], "All posts": [*above, *POSTS]}))
    delivery.put("sources.toml", '[[source]]\nfiles = "*.xlsx/All posts"\nowner = "ash-furniture"\n')
    assert delivery.run().exit_code == 0
    assert delivery.rows(
        "SELECT post_id, like_count, view_count, strftime(published_at, '%Y-%m-%d') AS day FROM posts ORDER BY post_id"
    ) == [
        {"post_id": "urn:li:activity:7400000000000000031", "like_count": 19, "view_count": None, "day": "2026-05-19"},
        {"post_id": "urn:li:share:7400000000000000032", "like_count": 6, "view_count": None, "day": "2026-05-02"},
    ]
    assert delivery.refusals() == {"ash_content_1.xlsx/Metrics": "other_table"}


def test_of_a_page_export_followers_and_visitors_are_named(delivery: Delivery) -> None:
    groups: dict[str, Cells] = {
        name: [[name, "Total followers"], ["x", 9]]
        for name in ("Location", "Job function", "Seniority", "Industry", "Company size")
    }
    new: Cells = [
        ["Date", "Sponsored followers", "Organic followers", "Auto-invited followers", "Total followers"],
        ["05/19/2026", 0, 3, 0, 3],
    ]
    delivery.put("ash_followers_1.xlsx", xlsx({"New followers": new, **groups}))
    visits: Cells = [["Date", "Overview page views (desktop)", "Overview page views (total)"], ["05/19/2026", 5, 7]]
    delivery.put("ash_visitors_1.xlsx", xlsx({"Visitor metrics": visits}))
    delivery.run()
    assert set(delivery.refusals().values()) == {"other_table"}
    assert len(delivery.refusals()) == 7


LIST = ["Post URL", "Post publish date"]
URN = "https://www.linkedin.com/feed/update/urn:li:activity:74000000000000000{}"
CREATOR: dict[str, Cells] = {
    "DISCOVERY": [["Overall Performance", "1/5/2026 - 5/31/2026"], ["Impressions", 1210], ["Members reached", 480]],
    "ENGAGEMENT": [["Date", "Impressions", "Engagements"], ["5/30/2026", 40, 3]],
    "TOP POSTS": [
        ["Maximum of 50 posts available to include in this list"],
        [],
        [*LIST, "Engagements", None, *LIST, "Impressions"],
        [URN.format(41), "5/30/2026", 12, None, URN.format(42), "5/4/2026", 700],
        [URN.format(42), "5/4/2026", 8, None, URN.format(41), "5/30/2026", 310],
    ],
    "FOLLOWERS": [["Total followers on 5/31/2026:", 905], [], ["Date", "New followers"], ["5/30/2026", 2]],
    "DEMOGRAPHICS": [["Top Demographics", "Value", "Percentage"], ["Job titles", "Carpenter", 0.08]],
}


def test_a_members_own_workbook_is_named_sheet_by_sheet(delivery: Delivery) -> None:
    delivery.put("Content_2026.xlsx", xlsx(CREATOR))
    delivery.run()
    assert delivery.refusals() == {f"Content_2026.xlsx/{sheet}": "other_table" for sheet in CREATOR}
    (top,) = [row for row in delivery.rejects() if row["file"].endswith("TOP POSTS")]
    assert "a row is of two posts" in top["allowed"]
    assert "position = 5" in top["fix"]


def test_of_two_lists_beside_each_other_one_is_declared_by_its_places(delivery: Delivery) -> None:
    delivery.put("Content_2026.xlsx", xlsx(CREATOR))
    delivery.put(
        "sources.toml",
        '[[source]]\nfiles = "*.xlsx/TOP POSTS"\nskip_lines = 2\ndate_format = "%m/%d/%Y"\ndataset = "posts"\n'
        'columns.platform = { value = "linkedin" }\ncolumns.account_id = { value = "ash" }\n'
        'columns.post_id = { position = 5, key = "post_link" }\ncolumns.published_at = { position = 6 }\n',
    )
    delivery.run()
    assert delivery.rows("SELECT post_id, strftime(published_at, '%Y-%m-%d') AS day FROM posts ORDER BY post_id") == [
        {"post_id": "urn:li:activity:7400000000000000041", "day": "2026-05-30"},
        {"post_id": "urn:li:activity:7400000000000000042", "day": "2026-05-04"},
    ]
