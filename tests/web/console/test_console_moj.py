"""The components of MOJ Frontend that are written here."""

import pytest

from web import create_app

TEXT = '"><b>bold</b>'
# Every macro, with a text wherever one may stand.
GIVEN = {
    "badge": (TEXT, TEXT),
    "identity_bar": (),
    "page_header": (TEXT,),
    "sub_navigation": (TEXT, [(TEXT, TEXT, True)]),
    "side_navigation": (TEXT, [(TEXT, TEXT)]),
    "warning": (TEXT,),
    "filter_options": (),
    "filter_tags": ([(TEXT, TEXT)],),
    "ticket": (TEXT, TEXT),
    "message_item": (TEXT, TEXT, TEXT, TEXT),
    "happened": (TEXT, TEXT, TEXT),
}


@pytest.fixture(scope="module")
def macros():
    module = create_app().jinja_env.get_template("console/moj.html").module
    return {name: macro for name, macro in vars(module).items() if callable(macro) and not name.startswith("_")}


def test_every_text_in_a_component_is_only_text(macros):
    made = {
        name: macro(*GIVEN[name], **({"caller": lambda: TEXT} if macro.caller else {}))
        for name, macro in macros.items()
    }

    assert {name: html for name, html in made.items() if "<b>" in html or "bold" not in html} == {}
