"""What a file is called, however its folder is written, and what is left alone in it."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import filelock
import pytest

from flows.drawing import write_report_alone
from flows.settings import Settings
from tests.command import Answer
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]

HEADER = "platform,account_id,followers_count\n"
NAMES = ["b1.csv", "b2.csv", "in/b3.csv"]


@pytest.mark.parametrize(
    "written", [".", "./", "../exports", "./../exports/", "{}", "{}/", "{}/in/..", "link", "link/"]
)
def test_names_are_relative_to_the_folder_however_it_is_written(
    delivery: Delivery, command: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str
) -> None:
    for number, name in enumerate(NAMES):
        delivery.put(name, f"{HEADER}x,a{number},{number}K\nx,wrong,?\n")
    delivery.put("sources.toml", '[[source]]\nfiles = "in/*.csv"\nnumber = "suffix"\n')
    (tmp_path / "link").symlink_to(delivery.exports)
    monkeypatch.chdir(tmp_path if written.startswith("link") else delivery.exports)
    command("run", written.format(delivery.exports), "--home", delivery.home)
    assert [(row["file"], row["rows_loaded"], row["rows_rejected"]) for row in delivery.ledger()] == [
        ("b1.csv", 0, 2),
        ("b2.csv", 0, 2),
        ("in/b3.csv", 1, 1),
    ]
    assert len(delivery.rejects()) == 5
    monkeypatch.chdir(tmp_path)
    assert delivery.run_again()["files_read"] == 0, "the same files, called otherwise"


def test_two_files_never_share_a_name(delivery: Delivery) -> None:
    """One name has an odd byte, another the four characters that this byte is shown as."""
    delivery.put(r"caf\xe9.csv", f"{HEADER}x,a,1\nx,,1\n")
    (delivery.exports / os.fsdecode(b"caf\xe9.csv")).write_text(f"{HEADER}x,b,2\nx,,1\n", encoding="utf-8")
    delivery.run()
    assert sorted(delivery.verdicts()) == [r"caf\xe9 (2).csv", r"caf\xe9.csv"]
    assert delivery.accounts() == {"a": 1, "b": 2}
    assert len(delivery.rejects()) == 2
    assert delivery.run_again()["files_read"] == 0


def test_what_is_ignored_later_takes_its_rows_back(delivery: Delivery) -> None:
    delivery.put("a.csv", f"{HEADER}x,a,1\n")
    delivery.put("b.csv", f"{HEADER}x,b,2\nx,,1\n")
    delivery.put("same.csv", f"{HEADER}x,a,1\n")
    delivery.run()
    delivery.put("sources.toml", 'ignore = ["b.csv", "a.csv"]\n')
    delivery.run()
    assert delivery.verdicts() == {"a.csv": "ignored", "b.csv": "ignored", "same.csv": "loaded"}
    assert delivery.accounts() == {"a": 1}, "the same bytes lie under another name"
    assert delivery.rows("SELECT sum(rows_loaded)::INTEGER AS n FROM load_ledger") == [{"n": 1}]
    assert delivery.rejects() == []
    assert delivery.run_again()["published"] is False
    delivery.put("sources.toml", "")
    delivery.run()
    assert delivery.accounts() == {"a": 1, "b": 2}
    assert sorted(delivery.verdicts().values()) == ["loaded", "loaded", "repeated"]


def test_nothing_loaded_is_said_until_something_is(delivery: Delivery, tmp_path: Path) -> None:
    delivery.put("a.csv", "what,is,this\n1,2,3\n")
    assert delivery.run().exit_code == 1
    again = delivery.run()
    assert again.exit_code == 1
    last = again.stderr.splitlines()[-1]
    assert last.startswith("nothing could be loaded: 1 files seen, 0 read, 0 quarantined (1 more in runs before)")
    delivery.put("b.csv", f"{HEADER}x,b,2\n")
    assert delivery.run().exit_code == 0
    assert delivery.run().exit_code == 0, "a run with nothing new is well"
    for name in ("a.csv", "b.csv"):
        (delivery.exports / name).unlink()
    assert delivery.run().exit_code == 0, "nor is a folder that was emptied since a fault"
    delivery.put("c.csv", "what,is,this\n4,5,6\n")
    assert delivery.run().exit_code == 1, "all that is there is refused, whatever came before"


def test_everything_ignored_is_nothing_loaded(delivery: Delivery) -> None:
    delivery.put("sources.toml", 'ignore = ["*"]\n')
    delivery.put("notes/a.md", "# notes\n")
    answer = delivery.run()
    assert answer.exit_code == 1
    assert "nothing could be loaded: 1 files seen, 0 read, 0 quarantined, 1 ignored" in answer.stderr


@pytest.mark.parametrize("ignore", ['"*.md"', '["{owner}.csv"]', '["../x"]', '[""]'])
def test_a_wrong_ignore_is_said(delivery: Delivery, ignore: str) -> None:
    delivery.put("sources.toml", f"ignore = {ignore}\n")
    delivery.put("a.csv", HEADER)
    answer = delivery.run()
    assert answer.exit_code == 2
    assert "sources.toml, ignore" in answer.stderr


def test_the_version_is_told(command: Callable[..., Answer]) -> None:
    from importlib.metadata import version

    assert command("--version") == Answer(0, f"tierwise {version('tierwise')}\n", "")


def test_a_report_is_drawn_by_one_at_a_time(delivery: Delivery) -> None:
    """Two that draw at once would write to one file beside the report, and rename it half-drawn."""
    delivery.put("a.csv", f"{HEADER}x,a,1\n")
    delivery.run()
    settings = Settings(home=delivery.home)
    with ThreadPoolExecutor(1) as pool:
        with filelock.FileLock(delivery.home / "report.lock"):
            drawn = pool.submit(write_report_alone, settings)
            with pytest.raises(TimeoutError):
                drawn.result(timeout=3)
            assert not settings.report.exists()
        drawn.result(timeout=60)
    assert settings.report.exists()
