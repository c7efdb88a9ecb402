"""What lies in the exports folder and is no file to be read, and files whose names mean something elsewhere."""

import os
import re
import stat
from pathlib import Path

import pytest

from tests.rejected.delivery import Delivery, command, delivery, stored, tierwise

TEXT = "platform,account_id,followers_count\ninstagram,kim,5000\n"
__all__ = ["command", "delivery"]


def test_links_are_not_followed(delivery: Delivery, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text(TEXT, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside.csv").write_text(TEXT, encoding="utf-8")
    (delivery.exports / "link.csv").symlink_to(tmp_path / "outside.csv")
    (delivery.exports / "folder").symlink_to(tmp_path / "folder")
    (delivery.exports / "nowhere.csv").symlink_to(tmp_path / "nowhere")
    delivery.run()
    assert delivery.refusals() == {"link.csv": "not_a_file", "folder": "not_a_file", "nowhere.csv": "not_a_file"}
    assert all("is a link" in row["note"] for row in delivery.ledger())
    assert delivery.accounts() == {}


def test_declarations_that_are_no_file_stop_the_run(delivery: Delivery, tmp_path: Path) -> None:
    """A link to nothing would be as if nothing were declared."""
    delivery.put("accounts.csv", TEXT)
    (delivery.exports / "sources.toml").symlink_to(tmp_path / "nowhere")
    answer = delivery.run()
    assert answer.exit_code == 2
    assert "sources.toml: is no plain file" in answer.stderr


@pytest.mark.parametrize("name", ["pipe.csv", "sources.toml"])
def test_a_pipe_keeps_nobody_waiting(tmp_path: Path, name: str) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "accounts.csv").write_text(TEXT, encoding="utf-8")
    os.mkfifo(exports / name)
    run = tierwise("run", exports, "--home", tmp_path / "home", timeout=60)
    if name == "sources.toml":
        assert run.exit_code == 2
        assert "is no plain file" in run.stderr
    else:
        assert run.exit_code == 0
        assert Delivery(exports, tmp_path / "home", tierwise).refusals() == {"pipe.csv": "not_a_file"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_what_may_not_be_read_is_refused(delivery: Delivery) -> None:
    delivery.put("secret.csv", TEXT)
    delivery.put("folder/inside.csv", TEXT)
    delivery.put("accounts.csv", TEXT)
    (delivery.exports / "secret.csv").chmod(0)
    (delivery.exports / "folder").chmod(0)
    try:
        delivery.run()
        assert delivery.refusals() == {"secret.csv": "unreadable", "folder": "unreadable"}
        assert delivery.accounts() == {"kim": 5000}
    finally:
        (delivery.exports / "folder").chmod(stat.S_IRWXU)


def test_a_name_is_only_a_name(delivery: Delivery) -> None:
    names = [
        "likes[1].csv",
        "likes1.csv",
        "*.csv",
        "-rf.csv",
        "new\nline.csv",
        "quo'te\".csv",
        "; rm -rf ~.csv",
        "{a,b}.csv",
    ]
    names += ["<script>.csv", "[bold].csv", "\x1b[31m.csv", "\u202egnp.csv", "n" * 250 + ".csv", "%00.csv", "~.csv"]
    for number, name in enumerate(names):
        delivery.put(name, f"platform,account_id,followers_count\ninstagram,of_{number},{number}\ninstagram,,1\n")
    (delivery.exports / os.fsdecode(b"caf\xe9.csv")).write_bytes(
        b"platform,account_id,followers_count\nx,latin,1\nx,,1\n"
    )
    delivery.run()
    found = stored(delivery)
    assert {name: rows[0][:2] for name, rows in found.items()} == {
        **{name: (f"of_{number}", number) for number, name in enumerate(names)},
        r"caf\xe9.csv": ("latin", 1),
    }
    assert [row["file"] for row in delivery.rejects()] == sorted(found)
    assert delivery.run_again()["published"] is False


def test_a_terminal_is_shown_text_and_no_orders(delivery: Delivery) -> None:
    """Names and values as an attacker would choose them; colours on, as on a terminal."""
    hostile = "\x1b]0;owned\x07[/bold][red]<script>\u202e\x9b31m=1+1"
    delivery.put(f"{hostile.replace('/', '')}.csv", "what,is,this\n1,2,3\n")
    delivery.put("accounts.csv", f"platform,account_id,followers_count,{hostile}\ninstagram,kim,{hostile},1\n")
    assert delivery.run().exit_code == 1
    for asked in ("rejects", "ledger"):
        shown = tierwise(asked, "--home", delivery.home, FORCE_COLOR="1", COLUMNS="2000")
        assert shown.exit_code == 0, shown.stderr
        assert "\x1b[1m" in shown.stdout, "colours are on"
        assert "[red]<script>" in shown.stdout
        assert not re.search("\x1b[^[]|\x1b\\[[0-9;]*[^0-9;m]|[\x07\u202e\x9b]", shown.stdout)
