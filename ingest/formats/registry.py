"""The formats of nested JSON that are read as they come, and which of them a file has."""

from collections.abc import Iterable
from typing import Any

from ingest.formats import (
    apify_instagram,
    facebook_page_insights,
    instagram_download,
    instagram_graph_api,
    instagram_graphql,
    instagram_past_insights,
    threads_api,
    tiktok_download,
    tiktok_research_api,
    tiktok_scraper,
    x_api,
    x_archive,
    youtube_data_api,
    yt_dlp,
)
from ingest.formats.base import Format

FORMATS: tuple[Format, ...] = (
    instagram_graphql.FORMAT,
    instagram_graph_api.FORMAT,
    instagram_download.FORMAT,
    instagram_past_insights.FORMAT,
    apify_instagram.FORMAT,
    facebook_page_insights.FORMAT,
    threads_api.FORMAT,
    tiktok_download.FORMAT,
    tiktok_research_api.FORMAT,
    tiktok_scraper.FORMAT,
    x_api.FORMAT,
    x_archive.FORMAT,
    youtube_data_api.FORMAT,
    yt_dlp.FORMAT,
)


def format_of(records: Iterable[dict[str, Any]], forms: Iterable[Format] = FORMATS) -> Format | None:
    """The one format whose shape the first of these records has that has any: the first of a file may be an error row.

    Null for a record that two formats claim: whose it is must be asked.
    """
    fitting = ([form for form in forms if form.recognises(record)] for record in records)
    found = next((each for each in fitting if each), [])
    return found[0] if len(found) == 1 else None
