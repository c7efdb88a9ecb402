"""Values of JSON, and of what is nearly JSON, by examples."""

import pytest

from ingest.readers.json_values import AS_NUMBERS, AS_WRITTEN, NOT_JSON, RepeatedKey, decoded, elements_of


@pytest.mark.parametrize("kind", [str, str.encode])
def test_numbers_that_are_none_are_texts(kind: type) -> None:
    text = kind('{"a": NaN, "b": [-Infinity, 1.50, 12345678901234567890], "c": "NaN"}')
    assert decoded(text, AS_NUMBERS) == {"a": "NaN", "b": ["-Infinity", 1.5, 12345678901234567890], "c": "NaN"}
    assert decoded(text, AS_WRITTEN) == {"a": "NaN", "b": ["-Infinity", "1.50", 12345678901234567890], "c": "NaN"}


@pytest.mark.parametrize("kind", [str, str.encode])
@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', '[{"b": {"a": 1, "c": 2, "a": 1}}]', '{"a": NaN, "a": "\\u003a"}']
)
def test_a_key_twice_is_no_value(text: str, kind: type) -> None:
    with pytest.raises(RepeatedKey) as told:
        decoded(kind(text), AS_NUMBERS)
    assert told.value.key == "a"


@pytest.mark.parametrize(
    "text", ['{"a": nan}', '{"a": NaN', "NaN NaN", '{"a": NaN, "b": "\\ud83d"}', '{"a": 1} {"a": 2}', "[" * 100_000]
)
def test_what_is_no_json_stays_none(text: str) -> None:
    with pytest.raises(NOT_JSON):
        decoded(text, AS_NUMBERS)


@pytest.mark.parametrize("text", ['{"a": ":", "b": "\\u003a"}', '{"a:b": {"c": []}}', "5", '":"'])
def test_colons_inside_of_texts_are_no_keys(text: str) -> None:
    assert decoded(text, AS_NUMBERS) == decoded(text.encode(), AS_NUMBERS)


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("[]", []),
        ('[1.50, {"a": [2]} ]\n', ["1.50", '{"a": [2]}']),
        ("[ NaN ,2]", ["NaN", "2"]),
        ('{"a": 1}\n\n{\n"b": NaN}', ['{"a": 1}', '{\n"b": NaN}']),
        ('{"a": "é"}{"a": 2}', ['{"a": "é"}', '{"a": 2}']),
        ("[NaN,]", None),
        ("[1 NaN]", None),
        ("[,NaN]", None),
        ("[NaN", None),
        ("[NaN] 2", None),
        ('{"a": 1}, {"a": 2}', None),
        ('{"a": 1} 2', None),
        ('{"a": 1} {"a"', None),
        ("[" * 100_000, None),
    ],
)
def test_elements_as_they_stand(text: str, elements: list[str] | None) -> None:
    found = elements_of(text.encode())
    assert found == (None if elements is None else [element.encode() for element in elements])
