"""Every error a user can meet.

TierwiseError        anything said on stderr without a traceback; carries its exit code
├── DataError        exit 1: the data is quarantined, or too much of it rejected
├── UsageError       exit 2: a setting, path or declaration is wrong
│   ├── DeclarationError   a line of sources.toml is wrong
│   └── DiskFullError      the home folder's disk cannot hold what the run needs
├── Unpublishable    exit 3: the warehouse cannot be built with one of the deliveries
├── BusyError        exit 4: another run holds the home folder
└── FileRefused      one export cannot be read; it is quarantined and the run goes on
"""

OUR_FAULT = "report this as a fault of Tierwise"


class TierwiseError(Exception):
    """A fault with a remedy. `fix` says what the reader can do about it."""

    exit_code = 3

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.fix = fix


class DataError(TierwiseError):
    """The data was read and found wanting."""

    exit_code = 1


class UsageError(TierwiseError):
    """The command, a setting or a path cannot be used as given."""

    exit_code = 2


class DeclarationError(UsageError):
    """A declaration in sources.toml cannot be followed."""


class DiskFullError(UsageError):
    """The disk cannot hold what the run writes; what was published before still is."""


class BusyError(TierwiseError):
    """Another run is writing to the same home folder."""

    exit_code = 4


class Unpublishable(TierwiseError):
    """The warehouse cannot be built with a delivery, which it names; nothing of the run is committed."""

    def __init__(self, message: str, delivery: str, *, fix: str) -> None:
        super().__init__(message, fix=fix)
        self.delivery = delivery


class FileRefused(TierwiseError):
    """A file that cannot be read at all: `rule` names why, the message shows where."""

    exit_code = 1

    def __init__(self, rule: str, message: str, *, fix: str) -> None:
        super().__init__(message, fix=fix)
        self.rule = rule
