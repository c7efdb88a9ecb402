"""Queries kept as files, where an editor knows them as SQL."""

from importlib.resources import files


def sql_of(package: str, name: str) -> str:
    """The text of `<package>/sql/<name>.sql`. Values are bound, never written into it."""
    return (files(package) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
