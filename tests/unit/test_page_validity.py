"""What counts as a fault of a page in the tests of the web."""

import pytest

from tests.validity import faults

PAGE = "<!DOCTYPE html><html lang=en><head><title>A page</title></head><body>{}</body></html>"


@pytest.mark.parametrize(
    "part, fault",
    [
        ("<p>one<div>two</p></div>", "unexpected-end-tag"),
        ('<input aria-label="x" id="a" id="b">', "duplicate-attribute"),
        ('<p id="note-3"></p><p id="note-3"></p>', "id note-0 2 times"),
        ('<input id="who">', '<input id="who"> has no label'),
        ('<label for="who">Who?</label>', '<label for="who"> labels nothing'),
        ("<label>Who?</label>", "<label> labels nothing"),
        ("<button></button>", "<button> has no name"),
        ('<button><img src="/x" alt=""></button>', "<button> has no name"),
        ('<a href="/x"> </a>', "<a> has no name"),
        ('<img src="/x">', "<img> has no alt"),
        ('<p aria-describedby="hint">x</p>', "<p>: no aria-describedby hint"),
        ('<button form="keep">x</button>', "<button>: no form keep"),
    ],
)
def test_a_fault_is_named(part: str, fault: str) -> None:
    found = faults(PAGE.format(part))

    assert found and fault in " ".join(found)


@pytest.mark.parametrize(
    "part",
    [
        '<label for="who">Who?</label><input id="who">',
        "<label>Who? <input></label>",
        '<button aria-label="Show"></button><button><img src="/x" alt="Show"></button>',
        '<template><input id="a"><button></button></template><p id="a">x</p>',
        '<p id="note-3"></p><p id="note-4">It&#39;s 3 &amp; 4</p>',
        '<input type="hidden" name="csrf_token" value="x">',
    ],
)
def test_what_is_well_made_has_none(part: str) -> None:
    assert faults(PAGE.format(part)) == []


def test_a_part_of_a_page_may_lead_to_the_rest() -> None:
    assert faults('<section aria-labelledby="elsewhere"><h2>x</h2></section>') == []
    assert faults("<section><p></section>") == []
    assert faults("<section><b></section>") != []


def test_a_page_that_differs_only_in_numbers_is_read_once() -> None:
    from tests import validity

    first, second = (PAGE.format(f'<p id="{at}">ABC-{at}XYZ at {at}:00</p>') for at in (12, 13))
    faults(first)
    before = validity._faults.cache_info().misses

    assert faults(second) == []
    assert validity._faults.cache_info().misses == before
