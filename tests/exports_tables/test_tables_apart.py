"""No known table takes what is another's: every file of every table, tables beside them, and headers that look like theirs."""

import csv
from pathlib import Path

import pytest

from ingest.cast.canonical import canonical_dataset
from ingest.vendor_tables.registry import known_other, known_table, known_tables
from schemas.vendor_tables import KnownTable

HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.rglob("exports/**/*") if path.suffix in (".csv", ".txt"))


def header_of(path: Path) -> list[str]:
    line = path.read_text(encoding="utf-8-sig").splitlines()[0]
    cells: list[str] = max((next(csv.reader([line], delimiter=sign)) for sign in ",;\t"), key=len)
    return cells


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_a_file_is_of_the_table_whose_folder_it_is_in(path: Path) -> None:
    header = header_of(path)
    table, other = known_table(header), known_other(header)
    assert (table is None) != (other is None)
    assert (table or (other and other[0])).name == path.relative_to(HERE).parts[0]  # type: ignore[union-attr]
    assert canonical_dataset(header, is_table=table is not None) is None


@pytest.mark.parametrize("table", known_tables(), ids=lambda table: f"{table.title} {table.header[0]}")
def test_tables_beside_a_known_one_are_not_taken_for_any(table: KnownTable) -> None:
    for other in table.others:
        header = list(other.header)
        assert known_table(header) is None
        assert canonical_dataset(header) is None
        found = known_other(header)
        assert found is not None
        assert found[1] == other or found[1].holds == other.holds
        assert not other.exact or known_other([*header, "another"]) != found


# By what it is. Each has some of the columns of a table that is read, and is none of it.
NEAR_MISSES = {
    "posts of a Page from Business Suite": "Post ID,Page ID,Page name,Title,Publish time,Post type,Reach,Reactions,Comments,Shares",
    "the same in French": "Identifiant de la publication,ID de la Page,Heure de publication,Type de publication,Vues,Couverture",
    "the same in Spanish": "Identificador de la publicación,Hora de publicación,Tipo de publicación,Alcance,Reacciones,Comentarios",
    "stories of Business Suite": "Post ID,Account ID,Publish time,Post type,Reach,Likes,Shares,Profile visits,Replies,Link clicks",
    "figures of an account by day": "Date,Primary",
    "a report of Meta's advertisements": "Reporting starts,Reporting ends,Ad name,Reach,Impressions,Amount spent (EUR),Results",
    "countries of a channel": "Geography,Views,Watch time (hours),Average view duration",
    "sources of views": "Traffic source,Source type,Views,Watch time (hours)",
    "Studio's videos without their times": "Content,Video title,Views,Likes",
    "Studio's engaged views alone": "Conteúdo,Título do vídeo,Horário de publicação do vídeo,Duração,Visualizações intencionais",
    "playlists of a channel": "Playlist,Playlist title,Views,Watch time (hours)",
    "videos of TikTok Studio": "Video title,Video link,Post time,Total likes,Total comments,Total shares,Total views",
    "days of TikTok Studio": "Date,Video Views,Profile Views,Likes,Comments,Shares",
    "days of videos on X": "Date,Views,Watch Time (ms),Completion Rate,Average Watch Time (ms),Estimated Revenue",
    "an advertisement on X": "Time period,Campaign name,Impressions,Spend,Engagements",
    "posts on X out of a scrape": "id,url,text,retweetCount,replyCount,likeCount,createdAt,author/userName",
    "posts on X by hand": "Date,Post text,Impressions,Likes",
    "an advertisement on LinkedIn": "Start Date (in UTC),Account Name,Campaign Name,Impressions,Clicks,Reactions,Comments,Shares",
    "competitors on LinkedIn": "Page,Total Followers,New Followers,Total post engagements,Total posts",
    "connections on LinkedIn": "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
    "shares in LinkedIn's download": "Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility",
    "a list of posts on LinkedIn": "Post URL,Post publish date,Engagements,Impressions",
    "pins of Pinterest": "Pin,Title,Impressions,Saves,Pin clicks,Outbound clicks",
    "posts of Buffer": "Text,Link,Date,Impressions,Likes,Comments,Shares",
    "posts of Hootsuite": "Post Message,Post Permalink,Date (GMT),Profile,Likes,Comments,Shares,Reach",
    "posts of Sprout": "Date,Post ID,Network,Post Type,Profile,Impressions,Reach,Engagements",
    "posts of Metricool": "Date,Type,URL,Text,Likes,Comments,Saved,Reach,Impressions",
    "words of a search": "Query,Clicks,Impressions,CTR,Position",
    "days of a website": "Date,Sessions,Users,Page views",
    "orders of a shop": "Name,Email,Created at,Total,Currency",
}


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_what_only_looks_like_a_table_is_none(name: str) -> None:
    header = next(csv.reader([NEAR_MISSES[name]]))
    assert known_table(header) is None
    assert known_other(header) is None
