"""Topics as people write them, and what of their text is no part of a name."""

import polars as pl
import pytest

from transforms.niches import normalise_niche, topics_in


@pytest.mark.parametrize(
    ("written", "topic"),
    [
        ("Formula 1", "formula 1"),
        ("Over 50", "over 50"),
        ("Web 3.0", "web 3.0"),
        ("Gen 1.5", "gen 1.5"),
        ("Area_51; travel", "area 51"),
        ("16:9", "16:9"),
        ("0.5", "0.5"),
        ("Garden 0.35", "garden"),
        ("Garden .5", "garden"),
        ("Garden 1.0", "garden"),
        ("Garden:0.8", "garden"),
        ("Garden : 0.8", "garden"),
        ("Garden 34%", "garden"),
        ("Garden: 34.5 %", "garden"),
        ("Garden (12)", "garden"),
        ("Garden (0.8)", "garden"),
        ("Garden(34%)", "garden"),
        ("Formula 1 0.25", "formula 1"),
        ("Fasion (7)", "fashion"),
    ],
)
def test_a_weight_is_no_part_of_a_topic_and_a_number_of_its_name_is(written: str, topic: str) -> None:
    assert pl.select(normalise_niche(pl.lit(written))).item() == topic
    listed = pl.select(topics_in(pl.lit(f"{written}, chess"))).item().to_list()
    assert [listed[0], listed[-1]] == [topic, "chess"]
