"""A Prefect server of the tests' own: nothing of the machine's Prefect is read or written."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Read when Prefect is first imported, which makes its home folder at once. Nothing is reported to anybody.
os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="tierwise-prefect-")
os.environ["DO_NOT_TRACK"] = "1"
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"

from prefect.settings import (
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_HOME,
    PREFECT_RESULTS_PERSIST_BY_DEFAULT,
    temporary_settings,
)
from prefect.testing.utilities import prefect_test_harness

HOME = Path(os.environ["PREFECT_HOME"])
atexit.register(shutil.rmtree, HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def prefect_home() -> Iterator[Path]:
    """A throw-away server for flows run inside the tests, and its home folder.

    Results would be kept on disk wherever a flow or task leaves that to the settings. Heartbeats only matter for runs
    that die, and each run would wait a second for theirs.
    """
    settings = {
        PREFECT_HOME: HOME,
        PREFECT_RESULTS_PERSIST_BY_DEFAULT: True,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
    }
    with temporary_settings(updates=settings), prefect_test_harness(server_startup_timeout=120):
        yield HOME
