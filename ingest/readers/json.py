"""Records of nested JSON: a whole document, one object a line, the script of an X archive, or blocks of `Key: value`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from ingest.limits import DEFAULT_LIMITS, LIMIT, Limits, check_lines
from ingest.readers.base import HEAD_BYTES, head_of, no_object, not_utf8
from schemas.errors import FileRefused
from schemas.rejects import VALUE_LENGTH, Reject

BLANK = b"\xef\xbb\xbf \t\r\n"
MARK = b"\xef\xbb\xbf"
HEAD_RECORDS = 100
SCRIPT, BLOCKS = b"window.YTD.", b"Date:"
Decoder: TypeAlias = msgspec.json.Decoder[Any]
AS_NUMBERS: Decoder = msgspec.json.Decoder()
# Numbers as the digits that were written. Whole ones are exact in any case.
AS_WRITTEN: Decoder = msgspec.json.Decoder(float_hook=str)
NOT_JSON = (msgspec.DecodeError, UnicodeError, RecursionError)


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
        value = decoder.decode(text.removeprefix(MARK))
    except NOT_JSON:
        return None
    return value if isinstance(value, list) else [value]


def _document_on_long_lines(
    path: Path, name: str, decoder: Decoder, limits: Limits, too_long: FileRefused
) -> JsonRecords:
    """A document may stand on one line, however long; records may not."""
    try:
        return _document(path, name, decoder, limits)
    except FileRefused as refusal:
        raise (refusal if refusal.rule == "too_large" else too_long) from None


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
    start = max(text.find(begins), 0) if begins else 0
    try:
        value = decoder.decode(memoryview(text)[start:])
    except NOT_JSON as error:
        try:
            text.decode()
        except UnicodeDecodeError as no_text:
            raise not_utf8(name, no_text) from error
        raise FileRefused(
            "broken_json",
            f"{name}: is cut off or damaged: {error or 'nested too deep'}; it has {len(text)} bytes",
            fix="deliver the file again",
        ) from error
    return _of(path, value if isinstance(value, list) else [value])


def array_as_lines(path: Path, lines: Path, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Write the elements of an array one a line, each as it stands; false where the file is no array."""
    with path.open("rb") as stream:
        if stream.read(HEAD_BYTES).lstrip(BLANK)[:1] != b"[" or path.stat().st_size > limits.document_bytes:
            return False
    try:
        elements = msgspec.json.decode(path.read_bytes().removeprefix(MARK), type=list[msgspec.Raw])
    except NOT_JSON:
        return False
    with lines.open("wb") as out:
        # Line breaks stand between the parts of a value alone: inside a text they are escaped.
        out.writelines(bytes(element).replace(b"\n", b" ").replace(b"\r", b" ") + b"\n" for element in elements)
    return True


def _of(path: Path, records: list[Any]) -> JsonRecords:
    return JsonRecords(path, [record for record in records if isinstance(record, dict)][:HEAD_RECORDS], records)


def _checked(record: Any) -> dict[str, Any] | Reject:
    """An element of a document."""
    if isinstance(record, dict):
        return record
    return Reject("not a JSON object", "a JSON object", "deliver the file again, or correct the record", repr(record))


def _lines(
    path: Path, decoder: Decoder, some_of: Callable[[Iterable[str]], Iterable[str]] = iter
) -> Iterator[dict[str, Any] | Reject]:
    decode = decoder.decode
    # Bytes that are no UTF-8 come as half characters, which the decoder refuses: of their line alone.
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as stream:
        for number, line in enumerate(some_of(stream), start=1):
            text = line.strip()
            if not text:
                continue
            try:
                record = decode(text)
            except NOT_JSON as error:
                shown = text[:VALUE_LENGTH].encode("utf-8", "replace").decode()
                why = "not UTF-8" if isinstance(error, UnicodeError) else str(error) or "nested too deep"
                yield no_object(shown, why, number)
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
