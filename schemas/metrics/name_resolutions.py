"""Metrics of rows that name their account by a handle."""

from schemas.metrics.metric import NEVER, Metric

NAMES = (
    Metric(
        name="row_count",
        label="Rows known by a name",
        formula="number of rows of the dataset that name the account so; of follower lists each list and time it was seen",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("name_resolutions.row_count",),
        example="tests/golden/name_resolutions/handle_taken_over",
    ),
)
