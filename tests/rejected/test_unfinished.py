"""Files that are still on their way: left out by what they are called, refused where they change while they are read."""

import io
import zipfile

import pytest

from ingest import files
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]
ACCOUNT = "platform,account_id,followers_count\nx,a,5\n"
LEFT_OUT = (
    "a.csv.part", "a.csv.PART", "a.csv.partial", "a.csv.filepart", "a.csv.tmp", "a.csv.crdownload", "a.csv~",
    "~$a.csv", ".a.csv", ".DS_Store", "Thumbs.db", "desktop.ini", ".git/a.csv", "a.csv.download/a.csv",
)  # fmt: skip


def test_unfinished_files_and_litter_are_left_out(delivery: Delivery) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, name in enumerate((*LEFT_OUT, "whole.csv")):
            archive.writestr(name, ACCOUNT.replace("a,5", f"z{number},5"))
            delivery.put(name, ACCOUNT.replace("a,5", f"f{number},5"))
    delivery.put("all.zip", stream.getvalue())
    delivery.run()
    assert delivery.verdicts() == {"all.zip/whole.csv": "loaded", "whole.csv": "loaded"}


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("name", ["a.csv", "a.ndjson"])
def test_a_file_that_grows_while_it_is_read_is_refused_until_it_is_whole(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch, name: str, small: bool
) -> None:
    first, more = ACCOUNT, "x,b,6\n"
    if name == "a.ndjson":
        first, more = ('{"platform": "x", "account_id": "%s", "followers_count": 5}\n' % key for key in "ab")  # noqa: UP031
    delivery.put(name, first)
    read = files.content_if_small if small else files.plain_text

    def read_and_grow(*arguments: object) -> object:
        content = read(*arguments)  # type: ignore[arg-type]
        with (delivery.exports / name).open("a") as stream:
            stream.write(more)
        return content

    with monkeypatch.context() as patched:
        patched.setattr(files, read.__name__, read_and_grow)
        if not small:
            patched.setattr(files, "SMALL_FILE", -1)
        delivery.run()
    assert delivery.refusals() == {name: "changed_while_read"}
    assert delivery.accounts() == {}
    delivery.run()
    assert delivery.verdicts() == {name: "loaded"}
    assert set(delivery.accounts()) == {"a", "b"}
