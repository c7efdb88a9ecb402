"""Who is forgotten, and the request being carried out: two files of the lake, encrypted under the key of its pseudonyms.

    lake/forgotten         hashes of names, for good: rows of these people are left out of every later delivery
    lake/forget.request    the names themselves, from the moment they are asked for until the last of it is done

Neither tells anything to who has no key.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import UsageError
from schemas.forgotten import Forgotten
from schemas.keys import NEXT_PART
from warehouse.atomic_write import write_durably
from warehouse.lake.ledger import Lake

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

Name = tuple[str, str]


@dataclass(frozen=True)
class Request:
    """What is to be taken out of a lake: members and accounts, each as platform and name, the posts of those accounts
    by their keys, and edges from before an instant."""

    id: str
    members: tuple[Name, ...] = ()
    accounts: tuple[Name, ...] = ()
    posts: tuple[int, ...] = ()
    before: str | None = None


def forgotten_path(lake: Lake) -> Path:
    return lake.root / "forgotten"


def request_path(lake: Lake) -> Path:
    return lake.root / "forget.request"


def read_forgotten(lake: Lake, secret: Callable[[], str]) -> Forgotten:
    """Who is forgotten. The secret is asked for where somebody is."""
    if not (path := forgotten_path(lake)).exists():
        return Forgotten()
    said = _decrypted(path, secret())
    return Forgotten(**{name: frozenset(keys) for name, keys in said.items()})


def write_forgotten(lake: Lake, forgotten: Forgotten, secret: str) -> None:
    _encrypt(forgotten_path(lake), {name: sorted(keys) for name, keys in asdict(forgotten).items()}, secret)


def read_request(lake: Lake, secret: Callable[[], str]) -> Request | None:
    """The request that is still to be carried out, or was in the middle of it when its process died."""
    if not (path := request_path(lake)).exists():
        return None
    said = _decrypted(path, secret())
    members, accounts = (tuple((platform, name) for platform, name in said[kind]) for kind in ("members", "accounts"))
    return Request(said["id"], members, accounts, tuple(said["posts"]), said["before"])


def write_request(lake: Lake, request: Request, secret: str) -> None:
    _encrypt(request_path(lake), asdict(request), secret)


def encrypt_anew(lake: Lake, secret: str) -> None:
    """Have what was encrypted under an earlier part of the key be so under its newest one."""
    for path in (forgotten_path(lake), request_path(lake)):
        if path.exists():
            _encrypt(path, _decrypted(path, secret), secret)


def _encrypt(path: Path, said: dict[str, Any], secret: str) -> None:
    token = _box(secret).encrypt(json.dumps(said).encode())
    write_durably(path, lambda target: _write(target, token))


def _write(target: Path, token: bytes) -> None:
    target.write_bytes(token)


def _decrypted(path: Path, secret: str) -> dict[str, Any]:
    from cryptography.fernet import InvalidToken

    try:
        said: dict[str, Any] = json.loads(_box(secret).decrypt(path.read_bytes()))
    except InvalidToken as error:
        raise UsageError(
            f"{path}: cannot be read, so nobody can tell who is forgotten",
            fix="restore this file from a backup, or use the key it was written under",
        ) from error
    return said


def _box(secret: str) -> "MultiFernet":
    """Encrypts under the newest part of the key, and decrypts what is encrypted under any."""
    # Imported where somebody is forgotten: it takes a while.
    from cryptography.fernet import Fernet, MultiFernet

    keys = (
        hmac.digest(part.encode(), b"tierwise forgotten", hashlib.sha256) for part in reversed(secret.split(NEXT_PART))
    )
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])
