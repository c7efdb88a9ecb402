"""A forgetting, or a rotation of the key, killed at any moment is ended by whatever comes next."""

import signal
from pathlib import Path

from tests.crash.children import end_of, start_forget, start_rotation, start_run
from tests.crash.test_kills import FIRST, copy, deliver, leftovers, published_hash, two_at_a_time
from tests.functional.test_forget import traces
from tests.sample import sample_of

PERSON = "f1"
# Long enough to be found by its bytes alone.
NAME = "zq-forgotten-7701"
WITH = {name: text.replace(PERSON, NAME) for name, text in FIRST.items()}
WITHOUT = {
    name: "".join(line for line in text.splitlines(keepends=True) if NAME not in line or name == "scraped.json")
    for name, text in WITH.items()
}
LISTS = ("follows.csv", "likes.csv", "accounts.csv", "posts.csv")


def filled(place: Path, files: dict[str, str]) -> tuple[Path, Path]:
    place.mkdir(exist_ok=True)
    exports = deliver(place / "exports", {name: files[name] for name in LISTS})
    assert end_of(start_run(exports, place / "home")) == 0
    return exports, place / "home"


def moments(listing: Path) -> list[tuple[int, str]]:
    lines = listing.read_text(encoding="utf-8").splitlines()
    return [(int(number), name) for number, _, name in (line.partition(" ") for line in lines)]


def places(home: Path) -> list[str]:
    return traces(home, NAME, platform="instagram", key=(home / "member.key").read_text())


def test_a_killed_forgetting_is_ended_by_the_next_run(tmp_path: Path) -> None:
    exports, home = filled(tmp_path, WITH)
    _, never = filled(tmp_path / "others", WITHOUT)
    before, after = published_hash(home), published_hash(never)
    assert before != after
    copy(home, tmp_path / "listed")
    assert end_of(start_forget(NAME, tmp_path / "listed", TIERWISE_CRASH_LIST=str(tmp_path / "list"))) == 0
    names = moments(tmp_path / "list")
    asked = next(number for number, name in names if name == "renamed forget.request")

    def kill_and_recover(number: int) -> None:
        own = tmp_path / f"home-{number}"
        copy(home, own)
        assert end_of(start_forget(NAME, own, TIERWISE_CRASH_AT=str(number))) == -signal.SIGKILL, number
        assert published_hash(own) in {before, after}
        # Once the request is written down it is carried out, whoever comes next; before that, nothing has happened.
        assert end_of(start_run(exports, own)) == 0
        assert published_hash(own) == (after if number >= asked else before), number
        assert bool(places(own)) == (number < asked), number
        assert end_of(start_forget(NAME, own)) == 0
        assert (places(own), published_hash(own), leftovers(own)) == ([], after, [])
        assert not (own / "lake/forget.request").exists()

    two_at_a_time(kill_and_recover, sample_of([number for number, _ in names], every=13))


def test_a_killed_rotation_is_ended_by_the_next(tmp_path: Path) -> None:
    exports, home = filled(tmp_path, WITH)
    before, old = published_hash(home), (home / "member.key").read_text()
    copy(home, tmp_path / "listed")
    assert end_of(start_rotation(tmp_path / "listed", TIERWISE_CRASH_LIST=str(tmp_path / "list"))) == 0
    deliver(exports, {"more.csv": f"platform,account_id,follower_id\ninstagram,a,{NAME}\n"})

    def kill_and_recover(number: int) -> None:
        own = tmp_path / f"home-{number}"
        copy(home, own)
        assert end_of(start_rotation(own, TIERWISE_CRASH_AT=str(number))) == -signal.SIGKILL, number
        assert end_of(start_rotation(own)) == 0
        assert end_of(start_run(exports, own)) == 0
        assert published_hash(own) == before, "the same follower is one under the new key too"
        assert traces(own, NAME, platform="instagram", key=old) == []
        assert leftovers(own) == []

    two_at_a_time(kill_and_recover, sample_of([number for number, _ in moments(tmp_path / "list")], every=13))


def test_a_run_killed_while_it_takes_out_what_is_old_is_ended_by_the_next(tmp_path: Path) -> None:
    """Old likes of the lake, and of a file that the killed run had read and not sealed yet."""
    likes = "platform,post_id,liker_id,liked_at\n"
    old, new = "instagram,p1,{0},2024-01-01T00:00:00Z\n", "instagram,p1,zq-new-7702,2026-07-01T00:00:00Z\n"
    posts = "platform,post_id,account_id,published_at\ninstagram,p1,a,2026-06-30T00:00:00Z\n"
    kept = {"TIERWISE_RETENTION": "400d"}
    homes = []
    for name, lines in (("home", old.format(NAME) + new), ("never", new)):
        exports = deliver(tmp_path / f"{name}-exports", {"posts.csv": posts, "likes.csv": likes + lines})
        assert end_of(start_run(exports, tmp_path / name)) == 0
        deliver(exports, {"more.csv": likes + (old.format("zq-old-7703") if name == "home" else "") + new})
        homes.append((exports, tmp_path / name))
    (exports, home), (others, never) = homes
    assert end_of(start_run(others, never, **kept)) == 0
    copy(home, tmp_path / "listed")
    assert end_of(start_run(exports, tmp_path / "listed", TIERWISE_CRASH_LIST=str(tmp_path / "list"), **kept)) == 0
    after = published_hash(never)
    assert published_hash(tmp_path / "listed") == after

    def kill_and_recover(number: int) -> None:
        own = tmp_path / f"home-{number}"
        copy(home, own)
        assert end_of(start_run(exports, own, TIERWISE_CRASH_AT=str(number), **kept)) == -signal.SIGKILL, number
        assert end_of(start_run(exports, own, **kept)) == 0
        assert (published_hash(own), leftovers(own)) == (after, []), number
        key = (own / "member.key").read_text()
        assert [traces(own, name, platform="instagram", key=key) for name in (NAME, "zq-old-7703")] == [[], []]

    two_at_a_time(kill_and_recover, sample_of([number for number, _ in moments(tmp_path / "list")], every=13))
