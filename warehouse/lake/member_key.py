"""The secret under which members are pseudonymised: kept outside the lake, which remembers only its fingerprint.

A rotated secret is a chain, a part a line, the oldest first: pseudonyms of the lake were made anew from the old
ones, so those of later deliveries are made in the same steps.
"""

import hashlib
import os
import secrets
from pathlib import Path

import filelock

from schemas.errors import UsageError
from schemas.keys import NEXT_PART
from warehouse.atomic_write import write_durably, write_text_durably
from warehouse.lake.ledger import FINGERPRINT, Lake
from warehouse.locks import PRIVATE_FILE

LENGTH = 64  # hexadecimal digits: 256 bits
LENGTH_MIN = 16
MAKE_ONE = "make one with: openssl rand -hex 32"


def checked_secret(given: str, origin: str) -> str:
    """The secret without blank lines. `UsageError` where a part could be guessed."""
    parts = [part for part in given.splitlines() if part.strip()]
    if not parts or min(len(part.strip()) for part in parts) < LENGTH_MIN:
        raise UsageError(
            f"{origin}: a key of pseudonyms has {LENGTH_MIN} characters or more, so that it cannot be guessed",
            fix=f"{MAKE_ONE}; a home that was filled under a shorter one must be made anew",
        )
    return NEXT_PART.join(parts)


def member_secret(lake: Lake, given: str | None, file: Path) -> str:
    """The secret of a lake: the one given, else that of the file, which is made at the first use.

    Raises UsageError for a lake that was filled under another secret: its members could no longer be matched.
    """
    with filelock.FileLock(lake.root / f"{FINGERPRINT}.lock", mode=PRIVATE_FILE):
        secret = _secret(lake, given, file)
        known = lake.root / FINGERPRINT
        if not known.exists():
            write_text_durably(known, fingerprint(secret))
        recorded = known.read_text(encoding="ascii")
    if recorded == fingerprint(secret):
        return secret
    if recorded in earlier_fingerprints(secret):
        raise UsageError(
            f"{lake.root}: holds pseudonyms made under an earlier part of the key",
            fix="end the rotation with: tierwise key rotate",
        )
    raise UsageError(
        f"{lake.root}: holds pseudonyms made under another key",
        fix="use the key it was filled with (TIERWISE_MEMBER_KEY or the file member.key), or start a new home folder",
    )


def known_secret(lake: Lake, given: str | None, file: Path) -> str | None:
    """The secret that members of the lake are pseudonyms under; null where none has been made one."""
    return member_secret(lake, given, file) if (lake.root / FINGERPRINT).exists() else None


def fingerprint(secret: str) -> str:
    """The id of a key, which tells nothing of it."""
    return hashlib.sha256(f"tierwise member key:{secret}".encode()).hexdigest()[:16]


def earlier_fingerprints(secret: str) -> list[str]:
    """The ids that the key had before each of its rotations, the newest first."""
    parts = secret.split(NEXT_PART)
    return [fingerprint(NEXT_PART.join(parts[:count])) for count in range(len(parts) - 1, 0, -1)]


def stored_secret(given: str | None, file: Path) -> str | None:
    """The secret that was given, else that of the file; null where there is neither."""
    if given:
        return given
    return checked_secret(file.read_text(encoding="utf-8").strip(), str(file)) if file.exists() else None


def extended_secret(given: str | None, file: Path) -> str:
    """The secret with a new part at its end, which is written to the file before it is used."""
    secret = stored_secret(given, file)
    extended = f"{secret}{NEXT_PART}{secrets.token_hex(LENGTH // 2)}"
    write_durably(file, lambda target: _write_private(target, extended))
    return extended


def _secret(lake: Lake, given: str | None, file: Path) -> str:
    secret = stored_secret(given, file)
    if secret is None and (lake.root / FINGERPRINT).exists():
        raise UsageError(
            f"{file}: the key of the lake's pseudonyms is gone",
            fix="put the file back, or set TIERWISE_MEMBER_KEY; without it, start a new home folder",
        )
    if secret is None:
        secret = secrets.token_hex(LENGTH // 2)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_durably(file, lambda target: _write_private(target, secret))
    return secret


def _write_private(target: Path, secret: str) -> None:
    """Readable by its owner from the first moment on. What a killed run left half-written makes way."""
    target.unlink(missing_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
        stream.write(secret)
