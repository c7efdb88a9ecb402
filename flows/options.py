"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from flows.settings import Settings

Exports = Annotated[Path, typer.Argument(help="Folder of export files")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Day or instant (UTC) the figures are for; newest observation or event if absent"),
]
Home = Annotated[
    Path | None, typer.Option("--home", help="Folder of lake and warehouse; TIERWISE_HOME, else ./tierwise")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document")]


def settings_for(home: Path | None) -> Settings:
    return Settings(home=home) if home else Settings()
