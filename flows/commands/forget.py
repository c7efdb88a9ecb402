"""Forget people and accounts: taken out of the home folder, and left out of all that is delivered later. Rotate the key."""

import json
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.options import Home, Json, settings_for
from flows.settings import Settings, now_utc
from schemas.errors import UsageError

if TYPE_CHECKING:
    from warehouse.lake.commits import Receipt
    from warehouse.lake.forgotten import Name

key_app = typer.Typer(no_args_is_help=True, help="The key of the pseudonyms of followers, likers and commenters.")


@dataclass(frozen=True)
class Forgotten:
    """What came of a request.

    `listed_count`: members asked for who are listed accounts too, and stay so. `files_named_count`: files of the ledger
    that bear one of the names.
    """

    receipt: "Receipt"
    asked_count: int
    listed_count: int
    files_named_count: int
    published: bool


def forget(
    who: Annotated[list[str] | None, typer.Argument(help="People as platform:id or platform:@handle")] = None,
    platform: Annotated[str | None, typer.Option("--platform", help="Platform of those named without one")] = None,
    identity: Annotated[list[str] | None, typer.Option("--id", help="The same as an argument")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A list of them, one a line")] = None,
    account: Annotated[bool, typer.Option("--account", help="They are listed accounts: these go too")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Take people out of the home folder for good, and leave them out of later files. Example: tierwise forget instagram:@kim"""
    from flows import console

    names = named([*(who or []), *(identity or []), *lines_of(file)], platform)
    settings = settings_for(home)
    done = forget_names(names, settings, as_accounts=account)
    if as_json:
        print(json.dumps({"schema_version": 1, **asdict(done)}))
        return
    console.out.print(f"Forgotten at {done.receipt.at[:19]} UTC, receipt {done.receipt.request}")
    if done.receipt.rows:
        console.show_table("Taken out", ["dataset", "rows"], [*done.receipt.rows.items()])
    for line in told(done):
        console.err.print(line)


def told(done: Forgotten) -> list[str]:
    """What came of it, in sentences."""
    taken = sum(done.receipt.rows.values())
    published = "published" if done.published else "nothing to publish"
    asked = f"{done.asked_count:,} asked for, {taken:,} rows taken out; later files are read without them; {published}."
    said = [f"{asked} Your exports still have them."]
    if not taken:
        said.append(
            "No row was of anybody asked for. Lists name people by id or by handle: give the other one too where you know it."
        )
    if done.listed_count:
        said.append(f"Listed accounts among them: {done.listed_count:,}, which stay; --account takes these out too.")
    if done.files_named_count:
        said.append(
            f"Files with one of the names in theirs: {done.files_named_count:,}. The ledger keeps names of files."
        )
    return said


@key_app.command()
def rotate(home: Home = None) -> None:
    """Make all pseudonyms anew under a new key. Example: tierwise key rotate"""
    from flows import console

    settings = settings_for(home)
    segments = rotate_key(settings)
    console.out.print(f"{segments:,} segments are under the new key")


def named(asked: list[str], platform: str | None) -> "tuple[Name, ...]":
    """Each as platform and name. `UsageError` says which is wrong by its number: a person is not shown."""
    found = []
    for number, text in enumerate(asked, start=1):
        of_platform, _, name = (platform or "", "", text) if platform else text.partition(":")
        name = name.strip().removeprefix(f"{platform}:")
        if not name.strip("@ ") or not of_platform.strip():
            raise UsageError(
                f"number {number} of {len(asked)}: no platform and id or handle",
                fix="write it as instagram:12345 or instagram:@handle, or give the platform with --platform",
            )
        found.append((of_platform.strip().lower(), name))
    if not found:
        raise UsageError(
            "nobody to forget was named", fix="name them, as instagram:@handle, or in a file: --file people.txt"
        )
    return tuple(dict.fromkeys(found))


def lines_of(file: Path | None) -> list[str]:
    """The lines of a list, without blank ones and comments."""
    if file is None:
        return []
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read as text", fix="give a UTF-8 file of one person a line") from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def forget_names(names: "tuple[Name, ...]", settings: Settings, *, as_accounts: bool = False) -> Forgotten:
    """Take people out of the lake and publish the warehouse anew, under the lock of the home folder."""
    from flows import run
    from flows.drawing import draw_report
    from flows.summary import Reading
    from ingest.inventory import Inventory
    from warehouse.contents import as_of_given
    from warehouse.lake.forget import forget as take_out
    from warehouse.lake.forget import open_lake
    from warehouse.lake.forgotten import Request
    from warehouse.lake.ledger import Lake
    from warehouse.lake.member_key import member_secret
    from warehouse.lake.sought import files_named, listed_among
    from warehouse.published import published_state

    _demand_lake(settings)
    started = time.monotonic()
    with run.only_run(settings):
        lake = open_lake(settings.lake, settings.member_key_or_file, now_utc())
        listed = 0 if as_accounts else listed_among(lake, names)
        files = files_named(lake, names)
        request = Request(uuid.uuid4().hex, *(((), names) if as_accounts else (names, ())))
        receipt = take_out(lake, request, member_secret(lake, *settings.member_key_or_file), now_utc())
        state = published_state(settings.warehouse)
        if as_accounts:
            settings.report.unlink(missing_ok=True)
        if not settings.warehouse.exists():
            return Forgotten(receipt, len(names), listed, files, published=False)
        reading = Reading(Inventory(), [], started)
        given = as_of_given(state) if state else None
        summary = run.publish(Lake.open(settings.lake), reading, settings, given, run.share_here, rebuild=True)
        draw_report(settings, published=summary.published)
    return Forgotten(receipt, len(names), listed, files, summary.published)


def rotate_key(settings: Settings) -> int:
    """A new key for the pseudonyms of the lake. Returns how many segments hold them."""
    from flows import run
    from warehouse.lake.key_rotation import is_rotating, rekey
    from warehouse.lake.ledger import Lake
    from warehouse.lake.member_key import extended_secret, known_secret, stored_secret

    _demand_lake(settings)
    with run.only_run(settings):
        lake = Lake.open(settings.lake)
        lake.sweep()
        given, file = settings.member_key_or_file
        secret = stored_secret(given, file)
        if secret is None or not is_rotating(lake, secret):
            if known_secret(lake, given, file) is None:
                raise UsageError(f"{lake.root}: has no pseudonyms under a key", fix="there is nothing to rotate")
            if given:
                raise UsageError(
                    "the key is in TIERWISE_MEMBER_KEY, where it cannot be changed from here",
                    fix="set it to both keys, the new one on a line below the old one, and run this again",
                )
            secret = extended_secret(given, file)
        return rekey(lake, secret)


def _demand_lake(settings: Settings) -> None:
    if not (settings.lake / "ledger").is_dir():
        raise UsageError(f"{settings.home}: holds no lake", fix="give the folder that runs are made in, with --home")
