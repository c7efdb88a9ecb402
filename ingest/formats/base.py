"""What every format of nested JSON is made of: its rows, what they are rejected for, and what a file does not say itself."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingest.cast.json_text import cell
from ingest.privacy import keys_listed
from schemas.errors import FileRefused
from schemas.pagination import Page
from schemas.rejects import Reject

# The rule of a record that a format recognises and has no row of.
NOTHING_READ = "a record with nothing in it that is read"


class Row(NamedTuple):
    """One row of a dataset: canonical columns, each as the export writes it."""

    dataset: str
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class FileContext:
    """What a file does not say itself: its name, and what sources.toml or its path tell of it."""

    name: str
    owner: str | None = None
    post: str | None = None
    is_complete_list: str | None = None  # declared of the whole list: true of its last page alone

    def owner_of(self, what: str) -> str:
        """Whose list this is; `FileRefused` with the question and the line that answers it."""
        return self.owner or self._ask(what, "owner", "handle_or_id_of_the_account")

    def post_of(self, what: str) -> str:
        """Of which post this list is."""
        return self.post or self._ask(what, "post", "id_of_the_post")

    def _ask(self, what: str, key: str, example: str) -> str:
        raise FileRefused(
            f"unknown_{key}",
            f"{self.name}: {what} does not say whose it is" if key == "owner" else f"{self.name}: {what} names no post",
            fix=f"add to sources.toml: [[source]] files = {json.dumps(self.name)} {key} = {json.dumps(example)}"
            f" (or write {{{key}}} in the glob where the path has it)",
        )


@dataclass(frozen=True)
class Format:
    """One format that is read as it comes. A record is a line of NDJSON, an element of an array, or a whole document."""

    name: str
    platform: str
    recognises: Callable[[dict[str, Any]], bool]
    rows: Callable[[dict[str, Any], FileContext], Iterator[Row | Reject | Page]]  # of a record that it recognises
    columns: Mapping[str, tuple[str, ...]]  # of each dataset the columns that its rows may have
    times: Mapping[str, str] = field(default_factory=dict)  # how times are written, by column; ISO 8601 where not said
    numbers: str = "plain"
    zone: str | None = None  # of times that carry none, unless sources.toml says otherwise
    is_error: Callable[[dict[str, Any]], bool] = lambda record: False  # rows among the others that tell of a failure

    def rows_of(self, record: dict[str, Any], context: FileContext) -> Iterator[Row | Reject | Page]:
        """The rows of any record of a file of this format; one of another shape is rejected, its values not shown."""
        if self.recognises(record) or self.is_error(record):
            rows = self.rows(record, context)
            if (first := next(rows, None)) is not None:
                yield first
                yield from rows
            elif _says_something(record):
                yield Reject(
                    NOTHING_READ,
                    f"{', '.join(self.columns)} as {self.name} has them",
                    "ask the platform for one of these, or leave the record out",
                    keys_listed(record),
                )
        else:
            yield Reject(
                "a record of another shape than others of the file",
                f"records of {self.name}",
                "deliver it in a file of its own",
                keys_listed(record),
            )

    def cells_of(self, row: Row) -> list[str | None]:
        """The texts of a row, in the order of the columns of its dataset."""
        get = row.cells.get
        # Nearly all cells are texts already, for which a call each would cost more than everything else here.
        return [
            value if (value := get(name)).__class__ is str and value else cell(value)
            for name in self.columns[row.dataset]
        ]


def _says_something(value: Any) -> bool:
    """Whether anything stands in JSON beside empty lists and objects."""
    if isinstance(value, dict | list):
        return any(map(_says_something, value.values() if isinstance(value, dict) else value))
    return value is not None


def at(value: Any, *path: str | int) -> Any:
    """What lies at a path of keys and positions; null where anything on the way is missing or of another kind."""
    for part in path:
        if isinstance(part, str):
            value = value.get(part) if isinstance(value, dict) else None
        else:
            value = value[part] if isinstance(value, list) and part < len(value) else None
    return value


def items(value: Any, *path: str | int) -> list[dict[str, Any]]:
    """The objects of the list at a path; none where there is no list."""
    found = at(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def listed(values: Any) -> str | None:
    """Names as one text, in order, each once."""
    names = dict.fromkeys(name for name in values if isinstance(name, str) and name)
    return ", ".join(names) or None


def handle(text: Any) -> str | None:
    """A name, `@name` or a profile address as the bare lower-case handle."""
    if not isinstance(text, str):
        return None
    bare = text.strip().split("?")[0].split("#")[0].rstrip("/")
    return bare.rsplit("/", 1)[-1].removeprefix("@").lower() or None


def text_of(record: Any) -> str:
    """A record as text, for its reject."""
    return json.dumps(record, ensure_ascii=False)
