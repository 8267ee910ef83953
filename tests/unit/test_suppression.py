"""Small numbers: none is shown, and none can be worked out by somebody who knows the rule."""

from itertools import permutations, product

from hypothesis import given
from hypothesis import strategies as st

from gateway.figures.suppression import FEWEST, shown, shown_total

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=16)
MANY_SMALL = st.lists(st.integers(0, 6), min_size=1, max_size=6)


@given(COUNTS | MANY_SMALL)
def test_no_number_from_1_to_4_is_shown_and_what_is_shown_is_true(counts: list[int]) -> None:
    for count, cell in zip(counts, shown(counts), strict=True):
        assert cell is None or (cell == count and not 1 <= cell < FEWEST)


@given(st.lists(st.integers(FEWEST, 500) | st.just(0)))
def test_where_nothing_is_small_everything_is_shown(counts: list[int]) -> None:
    assert shown(counts) == counts


@given(COUNTS | MANY_SMALL)
def test_a_number_is_never_hidden_alone(counts: list[int]) -> None:
    assert len(counts) == 1 or shown(counts).count(None) != 1


@given(MANY_SMALL)
def test_what_is_hidden_could_be_shared_out_otherwise_and_would_look_the_same(counts: list[int]) -> None:
    seen = shown(counts)
    hidden = [place for place, cell in enumerate(seen) if cell is None]
    if len(hidden) in (0, len(counts)):
        return

    for order in permutations([counts[place] for place in hidden]):
        others = list(counts)
        for place, count in zip(hidden, order, strict=True):
            others[place] = count
        assert shown(others) == seen
    assert len({counts[place] for place in hidden}) > 1


def test_whoever_knows_the_rule_and_the_sum_finds_no_small_number() -> None:
    """Every list of up to four numbers with a sum that is shown, tried against all others that look the same."""
    for length, total in product((2, 3, 4), range(FEWEST, 15)):
        alike: dict[tuple[int | None, ...], list[tuple[int, ...]]] = {}
        for first in product(range(total + 1), repeat=length - 1):
            if sum(first) <= total:
                counts = (*first, total - sum(first))
                alike.setdefault(tuple(shown(counts)), []).append(counts)
        for seen, possible in alike.items():
            for place in [place for place, cell in enumerate(seen) if cell is None]:
                values = {counts[place] for counts in possible}
                assert len(values) > 1 or values == {0}, (seen, possible)


def test_a_number_that_stands_alone_is_hidden_when_it_is_small() -> None:
    assert [shown_total(count) for count in (0, 1, 4, 5, 90)] == [0, None, None, 5, 90]
