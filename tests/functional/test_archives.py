"""Account downloads, as folders and as ZIP archives: what of them is opened, and whose they are; archives that are wrong."""

import gzip
import io
import json
import lzma
import zipfile

import pytest
import zstandard

from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]
FANS = json.dumps([{"title": "rye", "string_list_data": [{"timestamp": 1_767_643_153}]}])
PERSON = json.dumps({"profile_user": [{"string_map_data": {"Username": {"value": "Oat.Kitchen"}}}]})
LISTS = "connections/followers_and_following"


def packed(members: dict[str, str], *, link: str | None = None) -> bytes:
    """A ZIP archive of these members, one of them a link."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if name == link else 0o100644) << 16
            archive.writestr(info, text)
    return stream.getvalue()


def test_only_the_lists_of_a_download_are_opened(delivery: Delivery) -> None:
    delivery.put(f"mine/{LISTS}/followers_1.json", FANS)
    delivery.put("mine/personal_information/personal_information/personal_information.json", PERSON)
    delivery.put("mine/your_instagram_activity/messages/inbox/x/message_1.json", FANS)
    delivery.run()
    verdicts = delivery.verdicts()
    assert verdicts.pop("mine/your_instagram_activity/messages/inbox/x/message_1.json") == "ignored"
    assert set(verdicts.values()) == {"loaded"}
    assert delivery.accounts() == {"oat.kitchen": None}, "the owner is told by the file beside it"


def test_the_owners_figures_of_a_download_are_read(delivery: Delivery) -> None:
    """The same ones of a later download are the same posts; other figures of the folder are not opened."""
    for month, reach in (("06", "1,904"), ("07", "2,071")):
        folder = f"instagram-oat.kitchen-2026-{month}-01-ab"
        labels = {"Accounts reached": {"value": reach}, "Likes": {"value": "220"}}
        picture = {"Media Thumbnail": {"creation_timestamp": 1777622400}}
        figures = {"organic_insights_posts": [{"media_map_data": picture, "string_map_data": labels}]}
        insights = f"{folder}/logged_information/past_instagram_insights"
        delivery.put(f"{folder}/{LISTS}/followers_1.json", FANS)
        delivery.put(f"{insights}/posts.json", json.dumps(figures))
        delivery.put(f"{insights}/audience_insights.json", json.dumps({"organic_insights_audience": []}))
        delivery.put(f"{folder}/content/posts.json", "[]")
    delivery.run()
    for name, verdict in delivery.verdicts().items():
        is_ignored = name.endswith(("audience_insights.json", "content/posts.json"))
        assert verdict in (("ignored",) if is_ignored else ("loaded", "repeated")), name
    assert delivery.rows("SELECT account_id, like_count, reach_count FROM posts") == [
        {"account_id": "oat.kitchen", "like_count": 220, "reach_count": 2071}
    ]


def test_a_folder_that_is_only_called_like_a_download_is_read(delivery: Delivery) -> None:
    """And its day is not taken for that of a table that has none."""
    delivery.put("instagram-scrape-2026-01-01/accounts.csv", "platform,account_id,followers_count\nx,a,5\n")
    delivery.put(
        "instagram-scrape-2026-01-01/a.json", '{"shortcode": "s", "taken_at_timestamp": 5, "owner": {"id": "1"}}'
    )
    delivery.run()
    assert set(delivery.verdicts().values()) == {"loaded"}
    assert delivery.rows("SELECT observed_at FROM accounts WHERE account_id = 'a'") == [{"observed_at": None}]


def test_a_zip_is_read_member_by_member(delivery: Delivery) -> None:
    name = "instagram-oat.kitchen-2026-03-02-ab.zip"
    delivery.put(
        name, packed({f"{LISTS}/followers_1.json": FANS, "messages/inbox/message_1.json": FANS, "__MACOSX/._a": ""})
    )
    delivery.run()
    assert delivery.verdicts() == {
        f"{name}/{LISTS}/followers_1.json": "loaded",
        f"{name}/messages/inbox/message_1.json": "ignored",
    }
    assert delivery.run_again()["files_read"] == 0


def test_what_is_packed_inside_of_a_zip_is_unpacked_once(delivery: Delivery) -> None:
    def table(name: str, rows: int = 1) -> bytes:
        lines = [f"x,{name}{number},5\n" for number in range(rows)]
        return ("platform,account_id,followers_count\n" + "".join(lines)).encode()

    two_parts = gzip.compress(table("gz")) + gzip.compress(b"x,more,6\n")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv.gz", two_parts)
        archive.writestr("b.csv.xz", lzma.compress(table("xz", 40_000)))
        archive.writestr("c.csv.zst", zstandard.compress(table("zst")))
        archive.writestr("cut.csv.gz", two_parts[:-3])
        archive.writestr("cut.csv.xz", lzma.compress(table("cut"))[:-3])
        archive.writestr("twice.csv.gz", gzip.compress(two_parts))
    delivery.put("a.zip", stream.getvalue())
    delivery.run()
    assert delivery.refusals() == {
        "a.zip/cut.csv.gz": "damaged_archive",
        "a.zip/cut.csv.xz": "damaged_archive",
        "a.zip/twice.csv.gz": "unknown_format",
    }
    (counts,) = delivery.rows("SELECT count(*) AS rows FROM accounts")
    assert counts == {"rows": 2 + 40_000 + 1}


@pytest.mark.parametrize("name", ["../out.json", "/etc/out.json", "C:/out.json", "a/../../out.json", "link.json"])
def test_members_that_lead_elsewhere_are_refused(delivery: Delivery, name: str) -> None:
    good = '{"shortcode": "s", "taken_at_timestamp": 1760000000, "owner": {"id": "1"}}'
    delivery.put("a.zip", packed({name: FANS, "good.json": good}, link="link.json"))
    delivery.run()
    assert delivery.refusals() == {f"a.zip/{name}": "odd_member"}
    assert delivery.verdicts()["a.zip/good.json"] == "loaded"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(delivery: Delivery) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for followers in (1, 2):
            archive.writestr("a.csv", f"platform,account_id,followers_count\nx,a,{followers}\n")
    delivery.put("a.zip", stream.getvalue())
    delivery.run()
    assert delivery.verdicts() == {"a.zip/a.csv": "quarantined"}
    assert delivery.accounts() == {}


def test_a_zip_in_a_zip_and_a_bomb_are_refused(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.files.BOMB_BYTES", 1 << 20)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", packed({"a.csv": "x"}))
        archive.writestr("zeros.csv", bytes(20 << 20))
    delivery.put("a.zip", stream.getvalue())
    delivery.run()
    # Zeros shrink to a thousandth and less.
    assert delivery.refusals() == {"a.zip/inner.zip": "unknown_format", "a.zip/zeros.csv": "bomb"}


def test_a_zip_with_any_byte_flipped_or_cut_off_never_gives_other_rows(delivery: Delivery) -> None:
    whole = packed({"rows.csv": "platform,account_id,followers_count\n" + "instagram,kim,5000\n" * 40})
    for place in range(0, len(whole), 5):
        flipped = bytearray(whole)
        flipped[place] ^= 0x10
        delivery.put(f"flipped/{place}.zip", bytes(flipped))
        delivery.put(f"cut/{place}.zip", whole[:place])
    delivery.run()
    assert set(delivery.accounts().items()) <= {("kim", 5000)}


def test_members_that_are_not_what_they_say_are_refused(delivery: Delivery) -> None:
    """Encrypted, of another checksum, larger than they say; a size that is said too large does no harm."""
    table = "platform,account_id,followers_count\ninstagram,{},20\n"
    # Where a member's own header and the directory of the archive have its flags, checksum and size.
    places = {"encrypted": (6, 8), "checksum": (14, 16), "small": (22, 24), "large": (24, 26)}
    for name, (own, listed) in places.items():
        content = bytearray(packed({"odd.csv": table.format(name), "good.csv": table.format(f"beside_{name}")}))
        for place in (own, content.find(b"PK\x01\x02") + listed):
            content[place] ^= 1
        delivery.put(f"{name}.zip", bytes(content))
    delivery.run()
    assert delivery.refusals() == {
        "encrypted.zip/odd.csv": "odd_member",
        "checksum.zip/odd.csv": "damaged_archive",
        "small.zip/odd.csv": "damaged_archive",
    }
    assert set(delivery.accounts()) == {*(f"beside_{name}" for name in places), "large"}
