"""What is known of a sheet before its cells are read: how far they reach, and what the cells alone do not tell."""

from dataclasses import dataclass, field

from schemas.errors import FileRefused

# All cells between the first and the last are held in memory at once, empty ones too.
CELLS_MAX = 10_000_000
SHEETS_MAX = 500
UNPACKED_MAX = 1 << 30
NOTED_MAX = 500_000
Place = tuple[int, int]  # row and column, counted from 0


@dataclass
class Sheet:
    """One sheet. `texts` are cells whose value the reader of cells would leave out, or make up: null where there is none."""

    name: str
    is_hidden: bool = False
    rows: int = 0
    columns: int = 0
    texts: dict[Place, str | None] = field(default_factory=dict)
    formulas_without_value: int = 0
    merged_to: list[tuple[int, int]] = field(
        default_factory=list
    )  # first and last row of cells merged over several rows

    def note(self, place: Place, text: str | None) -> None:
        self.texts[place] = text
        self._check()

    def merge(self, first: int, last: int) -> None:
        """Keep in mind rows that share cells."""
        if first != last:
            self.merged_to.append((first, last))
            self._check()

    def _check(self) -> None:
        if len(self.texts) + len(self.merged_to) > NOTED_MAX:
            refuse_too_large(
                f"sheet {self.name!r}", f"more than {NOTED_MAX:,} of its cells are errors, empty formulas or merged"
            )

    def reach(self, row: int, column: int) -> None:
        """Count a cell that holds something."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)


def damaged(name: str, why: str) -> FileRefused:
    return FileRefused(
        "damaged_workbook",
        f"{name}: the workbook is damaged or cut off ({why})",
        fix="deliver it again, or open it in a spreadsheet program and save its sheets as CSV",
    )


def encrypted(name: str) -> FileRefused:
    return FileRefused(
        "encrypted_workbook",
        f"{name}: the workbook is encrypted",
        fix="deliver it without a password, or save its sheets as CSV",
    )


def refuse_too_large(name: str, what: str) -> None:
    raise FileRefused("too_large", f"{name}: {what}", fix="save the sheets that are exports as CSV, and deliver these")


def reach_too_far(sheets: list[Sheet]) -> bool:
    """Whether the cells between the first and the last are more than can be held, all these sheets read at once."""
    return sum(sheet.rows * sheet.columns for sheet in sheets) > CELLS_MAX


def refuse_too_far(name: str) -> None:
    refuse_too_large(name, f"its cells reach over more than {CELLS_MAX:,}, which is the limit, empty ones counted too")
