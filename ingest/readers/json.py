"""Records of nested JSON: a whole document, one object a line, the script of an X archive, or blocks of `Key: value`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ingest.limits import DEFAULT_LIMITS, LIMIT, Limits, check_lines
from ingest.privacy import key_named
from ingest.readers.base import HEAD_BYTES, head_of, no_object, not_utf8
from ingest.readers.json_values import AS_NUMBERS, NOT_JSON, Decoder, RepeatedKey, decoded, elements_of
from schemas.errors import FileRefused
from schemas.rejects import VALUE_LENGTH, Reject

BLANK = b"\xef\xbb\xbf \t\r\n"
MARK = b"\xef\xbb\xbf"
HEAD_RECORDS = 100
SCRIPT, BLOCKS = b"window.YTD.", b"Date:"


@dataclass(frozen=True)
class JsonRecords:
    """The records of a file. `head` are the first objects among them; `is_document` tells a document from lines."""

    path: Path
    head: list[dict[str, Any]]
    document: list[Any] | None
    decoder: Decoder = AS_NUMBERS

    def __iter__(self) -> Iterator[dict[str, Any] | Reject]:
        return iter(map(_checked, self.document)) if self.document is not None else _lines(self.path, self.decoder)


def open_json(
    path: Path, name: str, decoder: Decoder = AS_NUMBERS, limits: Limits = DEFAULT_LIMITS
) -> JsonRecords | None:
    """The records of a file, a document parsed whole; null where it does not begin like any of the kinds.

    `FileRefused` where it begins like one and is not.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES).lstrip(BLANK)
    if head.startswith(SCRIPT):
        return _document(path, name, decoder, limits, begins=b"[")
    if head.startswith(BLOCKS):
        _check_document(path, name, limits)
        return _of(path, _blocks(path, name))
    if head[:1] == b"[":
        return _document(path, name, decoder, limits)
    if head[:1] != b"{":
        return None
    try:
        check_lines(path, name, limits)
    except FileRefused as too_long:
        return _document_on_long_lines(path, name, decoder, limits, too_long)
    first = list(islice(_lines(path, decoder, head_of), HEAD_RECORDS))
    objects = [record for record in first if isinstance(record, dict)]
    if first and isinstance(first[0], dict):
        return JsonRecords(path, objects, None, decoder)
    try:
        return _document(path, name, decoder, limits)
    except FileRefused:
        if not objects:
            raise
        return JsonRecords(path, objects, None, decoder)


def document_in(text: bytes, decoder: Decoder = AS_NUMBERS) -> list[Any] | None:
    """The records of a whole document; null where the bytes are none: other formats, lines, damage."""
    start = text[:64].lstrip(BLANK)
    if start.startswith(SCRIPT):
        text = text[max(text.find(b"["), 0) :]
    elif start[:1] not in (b"{", b"["):
        return None
    try:
        value = decoded(text.removeprefix(MARK), decoder)
    except NOT_JSON:
        return None
    return value if isinstance(value, list) else [value]


def _document_on_long_lines(
    path: Path, name: str, decoder: Decoder, limits: Limits, too_long: FileRefused
) -> JsonRecords:
    """A document may stand on one line, however long; records may not."""
    try:
        found = _document(path, name, decoder, limits)
    except FileRefused as refusal:
        raise (refusal if refusal.rule == "too_large" else too_long) from None
    if len(found.document or ()) > 1:  # objects one after the other
        raise too_long
    return found


def _check_document(path: Path, name: str, limits: Limits) -> None:
    """A document is taken apart in memory, at several times its size."""
    if path.stat().st_size > limits.document_bytes:
        raise FileRefused(
            "too_large",
            f"{name}: is one document, taken apart in memory, of more bytes {LIMIT}{limits.document_bytes:,}",
            fix="deliver its records one a line (NDJSON), or in several files, or raise TIERWISE_DOCUMENT_MAX",
        )


def _document(path: Path, name: str, decoder: Decoder, limits: Limits, begins: bytes = b"") -> JsonRecords:
    _check_document(path, name, limits)
    text = path.read_bytes().lstrip(BLANK)
    if begins:
        text = text[max(text.find(begins), 0) :]
    try:
        value = decoded(text, decoder)
    except NOT_JSON as error:
        elements = elements_of(text) or []
        if len(elements) < (1 if text[:1] == b"[" else 2):
            raise _broken(name, text, error) from error
        return _of(path, [_element(element, decoder) for element in elements])
    return _of(path, value if isinstance(value, list) else [value])


def _element(text: bytes, decoder: Decoder) -> Any:
    """One of several values of a document that cannot be taken whole."""
    try:
        return decoded(text, decoder)
    except NOT_JSON as error:
        return _no_record(f" ({_why(error)})", text[:VALUE_LENGTH].decode("utf-8", "replace"))


def _broken(name: str, text: bytes, error: Exception) -> FileRefused:
    """The refusal of a document that is none."""
    try:
        text.decode()
    except UnicodeDecodeError as no_text:
        return not_utf8(name, no_text)
    if isinstance(error, RepeatedKey):
        return FileRefused(
            "repeated_key",
            f"{name}: {_why(error)}",
            fix="correct the file: which of the values is meant, it does not say",
        )
    return FileRefused(
        "broken_json",
        f"{name}: is cut off or damaged: {_why(error)}; it has {len(text)} bytes",
        fix="deliver the file again",
    )


def _why(error: Exception) -> str:
    """What is wrong with a text that holds no value of JSON."""
    if isinstance(error, RepeatedKey):
        return f"{key_named(error.key)} occurs more than once"
    return "not UTF-8" if isinstance(error, UnicodeError) else str(error) or "nested too deep"


def array_as_lines(path: Path, lines: Path, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Write the elements of an array one a line, each as it stands; also objects one after the other over several lines.

    False where the file is neither.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES).lstrip(BLANK)
    size = path.stat().st_size
    if head[:1] not in (b"[", b"{") or size > limits.document_bytes or _begins_with_a_record(head, size):
        return False
    elements = elements_of(path.read_bytes().removeprefix(MARK))
    if elements is None:
        return False
    with lines.open("wb") as out:
        # Line breaks stand between the parts of a value alone: inside a text they are escaped.
        out.writelines(element.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n" for element in elements)
    return True


def _begins_with_a_record(head: bytes, size: int) -> bool:
    """Whether the first line of a file is an object, or longer than its head."""
    if head[:1] != b"{":
        return False
    line, is_whole, _ = head.partition(b"\n")
    if not is_whole and size > HEAD_BYTES:
        return True
    try:
        return isinstance(decoded(line.rstrip(), AS_NUMBERS), dict)
    except NOT_JSON:
        return False


def _of(path: Path, records: list[Any]) -> JsonRecords:
    return JsonRecords(path, [record for record in records if isinstance(record, dict)][:HEAD_RECORDS], records)


def _checked(record: Any) -> dict[str, Any] | Reject:
    """An element of a document."""
    if isinstance(record, dict | Reject):
        return record
    return _no_record("", repr(record))


def _no_record(why: str, text: str) -> Reject:
    return Reject(f"not a JSON object{why}", "a JSON object", "deliver the file again, or correct the record", text)


def _lines(
    path: Path, decoder: Decoder, some_of: Callable[[Iterable[str]], Iterable[str]] = iter
) -> Iterator[dict[str, Any] | Reject]:
    # Bytes that are no UTF-8 come as half characters, which the decoder refuses: of their line alone.
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as stream:
        for number, line in enumerate(some_of(stream), start=1):
            text = line.strip()
            if not text:
                continue
            try:
                record = decoded(text, decoder)
            except NOT_JSON as error:
                shown = text[:VALUE_LENGTH].encode("utf-8", "replace").decode()
                yield no_object(shown, _why(error), number)
            else:
                is_object = isinstance(record, dict)
                yield record if is_object else no_object(repr(record), "another kind of value", number)


def _blocks(path: Path, name: str) -> list[Any]:
    """Blocks of `Key: value` lines with blank lines between them."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_utf8(name, error) from error
    blocks = (block.splitlines() for block in text.split("\n\n") if block.strip())
    return [
        {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in block if line.strip())}
        for block in blocks
    ]
