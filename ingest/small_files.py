"""Many small files read together: one segment for thousands of them, an entry of the ledger for each.

Files of one shape share their plans, their casts and their checks. What is told from the cells of a file, such as how its
times are written, is told of each file alone: what a file becomes does not depend on those that are read beside it.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from ingest import files
from ingest.delivery import Delivery, entry_of
from ingest.edges import EdgeContext
from ingest.export_file import size_and_stamp
from ingest.faults import ANYTHING, check_blame
from ingest.load_state import Tick, note_of
from ingest.privacy import kept_by_name, names_of_table
from ingest.readers import table
from ingest.rejects import write_rejects
from ingest.shapes import Shape, Shapes
from ingest.small_rows import Group, Outcome, write_group
from warehouse.lake.commits import Entry
from warehouse.lake.incomplete_lists import pages_kept
from warehouse.lake.ledger import Lake

ROWS_AT_ONCE = 50_000


class SmallFiles:
    """Takes files one by one, writes their rows in large batches, and gives their entries at the end."""

    def __init__(self, lake: Lake, context: EdgeContext, tick: Tick) -> None:
        self._lake, self._context, self._tick = lake, context, tick
        self._shapes = Shapes(lake.scratch, context.limits)
        self._outcomes: list[Outcome] = []
        self._groups: dict[tuple[Shape, int], Group] = {}
        self._waiting = 0
        # Rows are cast and written beside the reading of the next files, one batch at a time: all rows of a file are in one.
        self._writer = ThreadPoolExecutor(1)
        self._written: Future[None] | None = None

    def add(self, delivery: Delivery) -> bool:
        """Whether the file was taken; any other is to be read by itself, which says why."""
        try:
            file = self._shapes.read(delivery)
        except ANYTHING as error:
            check_blame(error, self._lake.root)
            return False
        if size_and_stamp(delivery.file.path)[1] != delivery.file.stamp:
            return False
        outcome = Outcome.of(file, len(self._outcomes))
        self._outcomes.append(outcome)
        for number, (cells, numbers) in enumerate(zip(file.cells, file.numbers, strict=True)):
            if cells:
                key = (file.shape, number)
                group = self._groups.setdefault(key, Group(file.shape, file.shape.streams[number]))
                group.add(outcome, cells, numbers)
                self._waiting += len(cells)
        if self._waiting >= ROWS_AT_ONCE:
            self._write()
        return True

    def _write(self) -> None:
        """Have what has gathered written, once the batch before it is."""
        full, self._groups = list(self._groups.values()), {}
        self._tick(self._waiting)
        self._waiting = 0
        if self._written:
            self._written.result()
        self._written = self._writer.submit(self._write_groups, full)

    def _write_groups(self, groups: list[Group]) -> None:
        for group in groups:
            try:
                write_group(group, self._lake, self._context)
            except ANYTHING as error:
                # Whichever file it is: read one by one, the others come through.
                check_blame(error, self._lake.root)
                group.fall_back(group.outcomes)

    def finish(self) -> tuple[list[Entry], list[Delivery]]:
        """The entries of the files taken, and those files that must be read by themselves after all.

        Entries count once they are committed.
        """
        self._write()
        self._writer.shutdown()
        if self._written:
            self._written.result()
        entries = []
        for outcome in self._outcomes:
            try:
                entries += [] if outcome.fell_back else [self._entry(outcome)]
            except ANYTHING as error:
                check_blame(error, self._lake.root)
                outcome.fell_back = True
        return entries, [outcome.delivery for outcome in self._outcomes if outcome.fell_back]

    def _entry(self, outcome: Outcome) -> Entry:
        delivery, shape = outcome.delivery, outcome.shape
        if not outcome.counts:
            empty = entry_of(delivery, "empty", "nothing in it to read")
            return replace(empty, format=shape.format, pages=pages_kept(outcome.pages))
        return replace(
            entry_of(delivery, "loaded", note_of(shape.note, outcome.cells_rounded)),
            format=shape.format,
            counts=outcome.all_counts(),
            segments=tuple(outcome.segments),
            rejects=write_rejects(
                delivery.id, outcome.rejects, shape.hidden, self._lake, partial(self._lines_of, outcome)
            ),
            columns=kept_by_name(outcome.kinds, names_of_table(outcome.kinds, shape.format, delivery.source)),
            pages=pages_kept(outcome.pages),
        )

    def _lines_of(self, outcome: Outcome, records: list[int]) -> dict[int, int]:
        """The lines that records begin on, where the file has lines of records."""
        shape, file = outcome.shape, outcome.delivery.file
        if shape.layout is None or shape.format == "json":
            return {}
        try:
            path = files.plain_text(file, outcome.delivery.source.encoding, self._lake.scratch)
            return table.line_numbers(path, shape.layout, records, careful=False)
        finally:
            files.spool_of(file, self._lake.scratch).unlink(missing_ok=True)
