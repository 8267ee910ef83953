"""What stands in an address is only ever shown: each parameter of each page, whether the page knows it or not."""

from urllib.parse import quote

import pytest
from every_page import LIVE
from hostile import made_of_it, marked

# What is in no form and no link, but that programs read.
ALSO = "&".join(f"{name}={quote(marked(name))}" for name in ("next", "return_to", "unknown"))


def queries(view) -> list[str]:
    """Each parameter alone, for one that is wrong may keep a page from reading the others."""
    return [ALSO, *(f"{name}={quote(marked(name))}" for name in view.parameters)]


def test_no_parameter_of_any_page_runs(whole):
    alive, asked = {}, {(view.place, query): view for view in whole.views for query in queries(view)}
    for (place, query), view in asked.items():
        answer = view.person.client.get(place, query_string=query, headers=LIVE)
        if answer.status_code >= 500 or (answer.mimetype == "text/html" and made_of_it(answer.text)):
            alive[f"{place} {query[:20]}"] = (answer.status_code, made_of_it(answer.text))

    assert alive == {}


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("/console/", {"urgency", "prison", "hands", "filtered", "page"}), ("/console/find", {"sealed", "page"}),
        ("/console/figures", {"from", "to", "prison"}), ("/console/log", {"actor", "before", "reference"}),
        ("/console/sign-in", {"next"}), ("/console/renewed", {"shown", "page"}),
    ],
)  # fmt: skip
def test_the_parameters_of_a_page_are_found(whole, place, names):
    assert names <= set().union(*(view.parameters for view in whole.views if view.place == place))


def test_an_address_that_does_not_exist_is_not_said_back(whole):
    for person in (whole.ann, whole.somebody()):
        for path in ("/console/", "/console/concerns/", "/console/invitation/", "/console/prisons/", "/", "/chat/"):
            answer = person.client.get(path + quote(marked("path"), safe=""))
            assert made_of_it(answer.text) == [] and "hpathh" not in answer.text
