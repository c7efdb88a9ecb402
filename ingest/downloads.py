"""Account downloads as they are unpacked, or as a ZIP: which of their files are read, and whose download it is."""

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ingest.export_file import ExportFile
from ingest.files import plain_text, spool_of
from ingest.formats import instagram_download, x_archive
from ingest.readers.json import open_json
from schemas.errors import FileRefused
from schemas.sources import Source

# What tells that a folder is a download, and no folder of scrapes that has a name like one.
TELLTALE = re.compile(
    r"^(.+?)/(?:(?:connections/)?followers_and_following/|data/(?:account|follower|following|like)\.js$)"
)
# Of a download these are read, and nothing else is opened: above all no messages.
READ = re.compile(
    r"/(?:(?:followers|following|liked_posts)[^/]*\.json|personal_information\.json|past_instagram_insights/(?:posts|reels)\.json"
    r"|(?:follower|following|like|tweets?|account)(?:-part\d+)?\.js)$"
)
# Where the account stands that a download is of: beside the file, or in this place of a folder above it.
OF_INSTAGRAM = ("personal_information/personal_information", "personal_information")
X_ACCOUNT = "account.js"


class Downloads:
    """The account downloads among files."""

    def __init__(self, files: Iterable[ExportFile]) -> None:
        self._folders = tuple(sorted({f"{match[1]}/" for file in files if (match := TELLTALE.match(file.name))}))

    def leave_alone(self, name: str) -> bool:
        """Whether a file is of a download, and none of those that are read."""
        return name.startswith(self._folders) and READ.search(name) is None


class OwnersBeside:
    """Whose download a file is of, as other files of it tell. Each of these is read once."""

    def __init__(self, files: Iterable[ExportFile], scratch: Path) -> None:
        tell = ("/" + X_ACCOUNT, "personal_information.json")
        self._telling = {file.name: file for file in files if f"/{file.name}".endswith(tell)}
        self._scratch = scratch
        self._known: dict[str, str | None] = {}

    def told(self, file: ExportFile, source: Source) -> Source:
        """The declaration of a file, with the owner where only a file beside it tells."""
        if source.owner or source.load or not self._telling or not file.name.endswith((".js", ".json")):
            return source
        folders = PurePosixPath(file.name).parents
        places = [str(folders[0] / X_ACCOUNT)]
        places += [str(folder / place / "personal_information.json") for folder in folders for place in OF_INSTAGRAM]
        owner = next((found for place in places if place in self._telling and (found := self._owner(place))), None)
        return source.model_copy(update={"owner": owner}) if owner else source

    def _owner(self, name: str) -> str | None:
        if name not in self._known:
            file = self._telling[name]
            try:
                records = open_json(plain_text(file, "utf-8", self._scratch), name)
            except FileRefused:  # said of that file itself, when it is read
                records = None
            finally:
                spool_of(file, self._scratch).unlink(missing_ok=True)
            first = records.head[0] if records and records.head else {}
            self._known[name] = x_archive.owner_in(first) or instagram_download.owner_in(first)
        return self._known[name]
