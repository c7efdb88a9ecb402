"""Workbooks for tests: Excel's by xlsxwriter, OpenDocument's and old Excel's put together by hand."""

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

Cells = Sequence[Sequence[Any]]
NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {"office": "office", "table": "table", "text": "text", "style": "style"}.items()
)
HIDDEN = (
    '<office:automatic-styles><style:style style:name="hidden" style:family="table">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
)


def xlsx(
    sheets: dict[str, Cells], edit: Callable[[xlsxwriter.Workbook, dict[str, Worksheet]], None] | None = None
) -> bytes:
    """Each sheet with its rows, written as the types of their values; `edit` does the rest."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd", "remove_timezone": True})
    book.set_properties({"created": datetime(2026, 1, 1)})  # the same bytes whenever it is made
    pages = {name: book.add_worksheet(name) for name in sheets}
    for name, rows in sheets.items():
        for number, row in enumerate(rows):
            pages[name].write_row(number, 0, row)
    if edit:
        edit(book, pages)
    book.close()
    return stream.getvalue()


def with_part(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one part of it changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name)
            after.writestr(name, change(text) if name == part else text)
    return stream.getvalue()


def ods(sheets: dict[str, str], *, manifest: str = "") -> bytes:
    """Each sheet with its rows as XML, see `ods_row`. A sheet whose name begins with `hidden` is."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)} table:style-name={quoteattr(name[:6])}>{rows}</table:table>"
        for name, rows in sheets.items()
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED
        )
        archive.writestr(
            zipfile.ZipInfo("META-INF/manifest.xml"),
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="content.xml">{manifest}</manifest:file-entry></manifest:manifest>',
            zipfile.ZIP_DEFLATED,
        )
        archive.writestr(
            zipfile.ZipInfo("content.xml"),
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES}>{HIDDEN}'
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
            zipfile.ZIP_DEFLATED,
        )
    return stream.getvalue()


def ods_row(*cells: object, repeated: int = 1) -> str:
    """Texts and numbers as cells; a pair is the type and the value of one, a text that begins with `<` stands as it is."""
    made = []
    for cell in cells:
        if isinstance(cell, str) and cell.startswith("<"):
            made.append(cell)
        elif isinstance(cell, tuple):
            kind, value = cell
            key = {"float": "value", "percentage": "value"}.get(kind, f"{kind}-value")
            made.append(
                f'<table:table-cell office:value-type="{kind}" office:{key}="{value}"><text:p>shown</text:p></table:table-cell>'
            )
        elif isinstance(cell, str):
            made.append(
                f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
            )
        else:
            made.append(f'<table:table-cell office:value-type="float" office:value="{cell}"/>')
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(made)}</table:table-row>'


def xls(sheets: dict[str, Cells], *, hidden: Sequence[str] = (), password: bool = False) -> bytes:
    """Texts, numbers and, as exceptions, errors: a stream of records, on a disk of sectors."""
    pages = [_begin(0x0010) + b"".join(_cells(rows)) + _record(0x0A) for rows in sheets.values()]
    names = [name.encode("latin-1") for name in sheets]
    before = _begin(0x0005) + (_record(0x2F, bytes(6)) if password else b"")
    place = len(before) + sum(12 + len(name) for name in names) + 4
    bounds = b""
    for name, page in zip(names, pages, strict=True):
        state = int(name.decode("latin-1") in hidden)
        bounds += _record(0x85, struct.pack("<IBBBB", place, state, 0, len(name), 0) + name)
        place += len(page)
    return compound({"Workbook": before + bounds + _record(0x0A) + b"".join(pages)})


def _cells(rows: Cells) -> list[bytes]:
    made = []
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(cell, str):
                made.append(_record(0x0204, place + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")))
            elif isinstance(cell, Exception):
                made.append(_record(0x0205, place + bytes([23, 1])))
            elif isinstance(cell, int | float):
                made.append(_record(0x0203, place + struct.pack("<d", cell)))
    return made


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def compound(streams: dict[str, bytes]) -> bytes:
    """A Compound File with these streams, each as large as if it were no small one."""
    sectors, entries = [b"", b""], []
    follows = [0xFFFFFFFD, 0xFFFFFFFE]
    for name, content in streams.items():
        padded = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
        first = len(sectors)
        sectors += [padded[start : start + 512] for start in range(0, len(padded), 512)]
        follows += [*range(first + 1, len(sectors)), 0xFFFFFFFE]
        entries.append(_entry(name, 2, first, len(padded)))
    root = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)
    sectors[1] = (root + b"".join(entries)).ljust(512, b"\0")
    sectors[0] = struct.pack(f"<{len(follows)}I", *follows).ljust(512, b"\xff")
    assert len(follows) <= 128, "one sector says which follow which"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return header + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108) + b"".join(sectors)


def _entry(name: str, kind: int, first: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    title = name.encode("utf-16-le") + b"\0\0"
    head = title.ljust(64, b"\0") + struct.pack("<HBB", len(title), kind, 1)
    return head + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36) + struct.pack("<IQ", first, size)
