"""The secret under which members are pseudonymised: kept outside the lake, which remembers only its fingerprint."""

import hashlib
import os
import secrets
from pathlib import Path

import filelock

from schemas.errors import UsageError
from warehouse.atomic_write import write_durably, write_text_durably
from warehouse.lake.ledger import Lake
from warehouse.locks import PRIVATE_FILE

FINGERPRINT = "member_key.fingerprint"
LENGTH = 64  # hexadecimal digits: 256 bits


def member_secret(lake: Lake, given: str | None, file: Path) -> str:
    """The secret of a lake: the one given, else that of the file, which is made at the first use.

    Raises UsageError for a lake that was filled under another secret: its members could no longer be matched.
    """
    with filelock.FileLock(lake.root / f"{FINGERPRINT}.lock", mode=PRIVATE_FILE):
        return _secret(lake, given, file)


def known_secret(lake: Lake, given: str | None, file: Path) -> str | None:
    """The secret that members of the lake are pseudonyms under; null where none has been made one."""
    return member_secret(lake, given, file) if (lake.root / FINGERPRINT).exists() else None


def _secret(lake: Lake, given: str | None, file: Path) -> str:
    secret = given or (file.read_text(encoding="ascii").strip() if file.exists() else None)
    known = lake.root / FINGERPRINT
    if secret is None and known.exists():
        raise UsageError(
            f"{file}: the key of the lake's pseudonyms is gone",
            fix="put the file back, or set TIERWISE_MEMBER_KEY; without it, start a new home folder",
        )
    if secret is None:
        secret = secrets.token_hex(LENGTH // 2)
        write_durably(file, lambda target: _write_private(target, secret))
    fingerprint = hashlib.sha256(f"tierwise member key:{secret}".encode()).hexdigest()[:16]
    if not known.exists():
        write_text_durably(known, fingerprint)
    elif known.read_text(encoding="ascii") != fingerprint:
        raise UsageError(
            f"{lake.root}: holds pseudonyms made under another key",
            fix="use the key it was filled with (TIERWISE_MEMBER_KEY or the file member.key), or start a new home folder",
        )
    return secret


def _write_private(target: Path, secret: str) -> None:
    """Readable by its owner from the first moment on. What a killed run left half-written makes way."""
    target.unlink(missing_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
        stream.write(secret)
