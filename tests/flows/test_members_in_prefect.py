"""Nothing of a member is in Prefect: neither in its database nor in what a run logs or shows."""

import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prefect.settings import PREFECT_SERVER_DATABASE_CONNECTION_URL

from tests.flows.test_pipeline import Watched
from tests.planted_members import marks_in, told_of, write_planted


def test_no_member_reaches_prefect(tmp_path: Path, prefect_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    exports, home = tmp_path / "exports", tmp_path / "home"
    write_planted(exports)
    run = Watched(exports, home)
    assert run.state.is_completed()
    shown = "".join(str(artifact.data) for artifact in run.artifacts().values())
    database = Path(urlsplit(str(PREFECT_SERVER_DATABASE_CONNECTION_URL.value())).path.removeprefix("/"))
    stored: dict[str, bytes] = {}
    # The last line of the log takes a while to get there.
    for _ in range(200):
        stored = {path.name: path.read_bytes() for path in database.parent.glob(f"{database.name}*")}
        if b"told/x_followers_not_found.ndjson: loaded" in b"".join(stored.values()):
            break
        time.sleep(0.2)
    assert b"lists/likes_6_bare.csv: quarantined" in b"".join(stored.values())
    written = capfd.readouterr()
    of_prefect = {str(path): path.read_bytes() for path in prefect_home.rglob("*") if path.is_file()}
    texts = {"artifacts": shown, "stdout": written.out, "stderr": written.err}
    places = {name: text.encode() for name, text in texts.items()} | stored | of_prefect | told_of(home)
    assert marks_in(places) == []
