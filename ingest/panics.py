"""What Rust prints of a panic, before Python hears of it: pages of a library's insides that tell a user nothing."""

import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

PANIC = re.compile(rb"\n?^thread '[^\n]* panicked at ", re.MULTILINE)


@contextmanager
def unheard() -> Iterator[None]:
    """Keep panics from stderr. What Python says arrives at once, what else libraries say after it, up to a panic.

    The file a panic was about is quarantined, with a word.
    """
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            with _python_keeps(stderr):
                yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            os.write(2, PANIC.split(held.read(), maxsplit=1)[0])


@contextmanager
def _python_keeps(descriptor: int) -> Iterator[None]:
    """Have Python's own stderr go there, unless somebody has put something else into its place."""
    try:
        is_plain = sys.stderr.fileno() == 2
    except (io.UnsupportedOperation, AttributeError):
        is_plain = False
    if not is_plain:
        yield
        return
    with (
        open(
            descriptor, "w", buffering=1, encoding=sys.stderr.encoding, errors=sys.stderr.errors, closefd=False
        ) as own,  # no path
        redirect_stderr(own),
    ):
        yield
