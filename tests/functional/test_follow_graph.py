"""A real graph of pages that like each other, read as mutual follows: its audiences equal a plain-Python count."""

import csv
import math
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from tests.functional.test_real_exports import DATA, Published, publish

FOLDER = "musae_facebook"


@pytest.fixture(scope="module")
def graph() -> tuple[dict[str, set[str]], dict[str, str]]:
    """The neighbours of each page, itself left out, and the type of each page."""
    if not DATA.joinpath(FOLDER).is_dir():
        pytest.skip(f"the real files are not here: there is no folder {DATA / FOLDER}")
    neighbours: dict[str, set[str]] = defaultdict(set)
    with DATA.joinpath(FOLDER, "edges.tsv").open(encoding="utf-8") as stream:
        for left, right in csv.reader(stream, delimiter="\t"):
            if left != right:
                neighbours[left].add(right)
                neighbours[right].add(left)
    with DATA.joinpath(FOLDER, "nodes.csv").open(encoding="utf-8") as stream:
        types = dict(csv.reader(stream))
    return neighbours, types


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return publish(FOLDER, tmp_path_factory.mktemp("graph"))


def test_every_edge_is_loaded_and_self_loops_follow_nobody(
    published: Published, graph: tuple[dict[str, set[str]], dict[str, str]]
) -> None:
    neighbours, _ = graph
    assert published.row("SELECT rows_read, rows_loaded FROM load_ledger WHERE dataset = 'follows'") == (
        171_002,
        171_002,
    )
    known = dict(
        published.rows("SELECT account_id, followers_known_count FROM audience WHERE time_window = 'all_time'")
    )
    assert known == {page: len(others) for page, others in neighbours.items()}
    assert (sum(known.values()), max(known.values()), known["16895"]) == (2 * 170_823, 709, 709)
    assert published.row("SELECT count(*), count(followers_count) FROM accounts") == (22_470, 0)


def test_audience_niches_and_their_concentration(
    published: Published, graph: tuple[dict[str, set[str]], dict[str, str]]
) -> None:
    neighbours, types = graph
    followed = {page: Counter(types[other] for other in others) for page, others in neighbours.items()}
    counts = {}
    for page, followers in neighbours.items():
        total: Counter[str] = Counter()
        for follower in followers:
            total += followed[follower]
        total[types[page]] -= len(followers)  # that they follow the page itself is no other interest
        counts[page] = {niche: count for niche, count in total.items() if count}
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for page, niche, count in published.rows("SELECT account_id, niche, follow_count FROM audience_niches"):
        found[page][niche] = count
    assert found == {page: count for page, count in counts.items() if count}
    labelled = {
        page: sum(len(neighbours[follower]) > 1 for follower in followers) for page, followers in neighbours.items()
    }
    rows = published.rows(
        "SELECT account_id, labelled_follower_count, audience_hhi, audience_effective_niches FROM audience "
        "WHERE time_window = 'all_time'"
    )
    assert {page: count for page, count, _, _ in rows} == labelled
    for page, labelled_count, hhi, effective in rows:
        if labelled_count < 30:
            assert (hhi, effective) == (None, None)
            continue
        shares = [count / sum(counts[page].values()) for count in counts[page].values()]
        assert hhi == pytest.approx(sum(share**2 for share in shares), rel=1e-12)
        assert effective == pytest.approx(math.exp(-sum(share * math.log(share) for share in shares)), rel=1e-12)


def test_audience_overlap(published: Published, graph: tuple[dict[str, set[str]], dict[str, str]]) -> None:
    neighbours, _ = graph
    large = {page for page, followers in neighbours.items() if len(followers) >= 100}
    shared: Counter[tuple[str, str]] = Counter()
    for others in neighbours.values():
        shared.update(combinations(sorted(others & large), 2))
    both_ways = shared | Counter({(right, left): count for (left, right), count in shared.items()})
    largest: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for (page, other), count in both_ways.items():
        largest[page].append((-count, other))
    expected = {(page, other, -count) for page, others in largest.items() for count, other in sorted(others)[:50]}
    rows = published.rows(
        "SELECT account_id, other_account_id, shared_follower_count, overlap_jaccard, overlap_containment, "
        "sampling_rate FROM audience_overlap"
    )
    assert {(page, other, count) for page, other, count, *_ in rows} == expected
    for page, other, count, jaccard, containment, rate in rows:
        left, right = neighbours[page], neighbours[other]
        assert rate == 1
        assert count == len(left & right)
        assert jaccard == pytest.approx(count / len(left | right))
        assert containment == pytest.approx(count / min(len(left), len(right)))


def test_there_are_no_copies_of_the_graph_in_the_project() -> None:
    root = Path(__file__).parents[2]
    assert not list(root.glob("tests/**/edges.tsv"))
