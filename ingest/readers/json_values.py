"""Values of JSON, with what programs write that is nearly JSON: `NaN`, objects one after the other, a key twice."""

import json
import re
from collections import Counter
from typing import Any, TypeAlias

import msgspec

Decoder: TypeAlias = msgspec.json.Decoder[Any]
AS_NUMBERS: Decoder = msgspec.json.Decoder()
# Numbers as the digits that were written. Whole ones are exact in any case.
AS_WRITTEN: Decoder = msgspec.json.Decoder(float_hook=str)
NOT_JSON = (msgspec.DecodeError, UnicodeError, RecursionError)
# Numbers that are none, as Python and others write them where JSON has no word.
CONSTANT = re.compile(r"\b(?:NaN|Infinity)\b")
GAP = re.compile(r"[ \t\r\n]*")
ESCAPED_COLONS = ("\\u003a", "\\u003A")
ENCODER = msgspec.json.Encoder()


class RepeatedKey(msgspec.DecodeError):
    """An object has a key twice: which of its values is meant is anybody's guess. Its key may name a member."""

    def __init__(self, key: str) -> None:
        super().__init__("a key occurs more than once")
        self.key = key


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; `RepeatedKey` where a key occurs twice."""
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        raise RepeatedKey(Counter(keys).most_common(1)[0][0])
    return record


# Numbers that are none are texts: a cell that is no number, or that is declared to mean not known.
EXACT = json.JSONDecoder(parse_constant=str, object_pairs_hook=without_repeats)
EXACT_AS_WRITTEN = json.JSONDecoder(parse_float=str, parse_constant=str, object_pairs_hook=without_repeats)
SPLIT = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def decoded(text: bytes | str, decoder: Decoder) -> Any:
    """The value that a text holds; what is raised is among `NOT_JSON`."""
    try:
        value = decoder.decode(text)
    except msgspec.DecodeError:
        if not CONSTANT.search(text if isinstance(text, str) else text.decode()):
            raise
    else:
        if not _may_lack_keys(text, value):
            return value
    return _exactly(text if isinstance(text, str) else text.decode(), decoder)


def _may_lack_keys(text: bytes | str, value: Any) -> bool:
    """Whether fewer colons came out than went in: of a key that is there twice the decoder keeps the last value.

    Colons that are escaped inside of texts come out besides.
    """
    written = ENCODER.encode(value).count(b":")
    if isinstance(text, str):
        return written != text.count(":") or any(colon in text for colon in ESCAPED_COLONS)
    return written != text.count(b":") or any(colon.encode() in text for colon in ESCAPED_COLONS)


def _exactly(text: str, decoder: Decoder) -> Any:
    """The same by Python's parser, which takes longer and tells more."""
    try:
        value = (EXACT_AS_WRITTEN if decoder is AS_WRITTEN else EXACT).decode(text)
    except RepeatedKey:
        raise
    except ValueError as error:
        raise msgspec.DecodeError(str(error)) from None
    if "\\ud" in text.lower():
        json.dumps(value, ensure_ascii=False).encode()  # raises for half a character
    return value


def elements_of(content: bytes) -> list[bytes] | None:
    """The elements of an array, or the objects of a text that has one after the other, each as it stands; null for others."""
    try:
        return [bytes(element) for element in msgspec.json.decode(content, type=list[msgspec.Raw])]
    except NOT_JSON:
        try:
            return _split(content.decode())
        except (*NOT_JSON, ValueError):
            return None


def _split(text: str) -> list[bytes] | None:
    """The same by Python's parser; `ValueError` where one of them is no value of JSON, null where more is wrong."""
    found: list[bytes] = []
    place = _after_gap(text, 0)
    is_array = text.startswith("[", place)
    while place < len(text) and not (is_array and text[place] == "]"):
        if is_array:  # at its bracket, or at the comma before the next element
            if text[place] != ("," if found else "["):
                return None
            place = _after_gap(text, place + 1)
        value, end = SPLIT.raw_decode(text, place)
        if not is_array and not isinstance(value, dict):
            return None
        found.append(text[place:end].encode())
        place = _after_gap(text, end)
    is_closed = text[place:].rstrip() == ("]" if is_array else "")
    return found if is_closed else None


def _after_gap(text: str, place: int) -> int:
    gap = GAP.match(text, place)
    return gap.end() if gap else place
