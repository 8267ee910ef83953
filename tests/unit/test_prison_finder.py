"""Which prisons a family's words name: the lists of docs/prisons.md, spelt out as cases."""

import csv
import re
import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import ROOT
from gateway.prisons.choosing import choose, likely_meant
from gateway.prisons.finder import PrisonFinder
from gateway.prisons.names import known_names, name_rules
from gateway.prisons.register import read_prisons

PLACES = [SimpleNamespace(**row) for row in read_prisons(ROOT / "data" / "prisons.csv")]
FINDER = PrisonFinder(PLACES, name_rules())

CERTAIN = {
    "hes in wandworth": "WWI",
    "wetherby the one for young ones": "WYI",
    "he is in HMP Leeds": "LEI",
    "Armley": "LEI",
    "my dad got moved to the scrubs": "WSI",
    "strangeways": "MRI",
    "shes at low newton": "LNI",
    "Guy's Marsh": "GMI",
    "hmp guys marsh visits": "GMI",
    "Carchar Abertawe": "SWI",
    "he was at Glen Parva": "FEI",
    "parkhurst": "IWI",
    "a letter from hollesley bay": "HBI",
    "HOLME HOUSE": "HHI",
    "brixtn": "BXI",
    "hes in hmp pentonvile": "PVI",
    "wormwod scrubs": "WSI",
    "bellmarch": "BAI",
    "isle of white": "IWI",
    "yarls wood detention": "IRC-YARLSWOOD",
    "Leeds Leeds LEEDS": "LEI",
    "moved from Leeds to hospital": "LEI",
    "he was released from Leeds": "LEI",
}

ASK = {
    "Feltham": "FMI FYI",
    "HMP Feltham": "FMI FYI",
    "he's on A wing in feltham": "FMI FYI",
    "Feltham A wing": "FMI FYI",
    "parc": "PRI PYI",
    "HMP/YOI Parc": "PRI PYI",
    "Bridgend prison": "PRI PYI",
    "my wife in Peterborough": "PBI PFI",
    "HMP Peterborough": "PBI PFI",
    "a male officer in Peterborough hit her": "PBI PFI",
    "Grendon Underwood": "GNI SPI",
    "Grendon and Spring Hill": "GNI SPI",
    "Usk and Prescoed": "UKI UPI",
    "on the isle of Sheppey": "EYI EHI SLI",
    "eastchurch": "EYI EHI SLI",
    "in portland": "PDI VEI",
    "thamesmead": "BAI ISI TSI",
    "the prison in woolwich": "BAI ISI TSI",
    "in wolverhampton": "FSI OWI BSI",
    "featherstone": "FSI OWI BSI",
    "somewhere in the doncaster area": "DNI LHI MDI HDI",
    "near Durham": "DMI FKI LNI",
    "in rugby": "ONI RHI",
    "the jail at willoughby": "ONI RHI",
    "near leyland": "GHI WMI",
    "in sutton": "DWI HOI",
    "full sutton": "FNI MKI",
    "wetherby": "WYI WEI",
    "wakefield": "WDI NHI",
    "hollesley": "HBI WII",
    "in stockton": "HHI KVI",
    "in warrington": "RSI TCI",
    "liverpool": "LPI ACI",
    "in manchester": "MRI FBI",
    "salford": "MRI FBI",
    "nottingham": "NMI LGI WTI",
    "aylesbury": "AYI GNI SPI",
    "rochester": "RCI CKI SCH-OASISRESTORE",
    "in medway": "RCI CKI SCH-OASISRESTORE",
    "hmp borstal": "RCI CKI SCH-OASISRESTORE",
    "in milton keynes": "WHI STC3",
    "maidstone": "MSI ESI",
    "newport": "IWI UKI UPI",
    "knox road": "NWI CFI",
    "detained at heathrow": "IRC-COLNBROOK IRC-HARMONDSWORTH",
    "held at gatwick": "IRC-BROOKHOUSE IRC-TINSLEYHOUSE",
    "hull or leeds": "HLI LEI",
    "is he still in Leeds or been moved to Hull?": "LEI HLI",
}

THE_TEXT_DECIDES = {
    "Feltham A": "FYI",
    "Feltham B": "FMI",
    "feltham under 18": "FYI",
    "feltham, hes 16": "FYI",
    "my 17 year old son is in Feltham": "FYI",
    "feltham hes 19": "FMI",
    "Parc YOI": "PYI",
    "HMYOI Parc": "PYI",
    "parc, the adult side": "PRI",
    "womens side peterborough": "PFI",
    "peterborough women": "PFI",
    "peterborough (female)": "PFI",
    "peterborough mens side": "PBI",
    "Elmley on Sheppey": "EYI",
    "the open one on sheppey": "EHI",
    "HMP Portland": "PDI",
    "the verne in portland": "VEI",
    "HMP Wakefield": "WDI",
    "new hall in wakefield": "NHI",
    "womens prison in wakefield": "NHI",
    "Liverpool jail": "LPI",
    "Altcourse in Liverpool": "ACI",
    "Forest Bank Manchester": "FBI",
    "Newport, Isle of Wight": "IWI",
    "HMP Full Sutton": "FNI",
    "rye hill near rugby": "RHI",
    "Ashfield in Bristol": "ASI",
    "Kirkham near Preston": "KMI",
    "HMP Durham": "DMI",
    "my wife is in the womens prison near Durham": "LNI",
}

WITH_A_CUE = {
    "HMP Send": "SDI",
    "send prison": "SDI",
    "she is in send": "SDI",
    "moved to send": "SDI",
    "visits at Send": "SDI",
    "Send": "SDI",
    "I think Reading": "RDI",
    "he is in reading": "RDI",
    "he was in Reading jail": "RDI",
    "ford open prison": "FDI",
    "at ford": "FDI",
    "hull": "HLI",
    "its hull": "HLI",
    "he rang from hull nick": "HLI",
    "I like Hull visits better": "HLI",
    "at the mount": "MTI",
    "hmp isis": "ISI",
    "hes in garth": "GHI",
    "the verne": "VEI",
    "inside the ville": "PVI",
    "walton jail": "LPI",
    "in Albany": "IWI",
    "in eastwood": "EWI",
    "from buckley": "BCI",
    "Is Preston locked down?": "PNI",
    "in lincoln": "LII",
    "visiting stafford tomorrow": "SFI",
    "bedford nick": "BFI",
    "in durham": "DMI",
    "HMP Kingston": "PTI",
    "dover irc": "DVI",
    "in hillside": "SCH-HILLSIDE",
    "hmp the green": "BMI",
    "hmp the moor": "DAI",
    "in wakey": "WDI",
    "at old elvet": "DMI",
    "at nsc": "NSI",
    "in klg": "KVI",
    "hes at iow": "IWI",
}

NOBODY = [
    "",
    "can I send him clothes",
    "I want to send money",
    "asked him to send money",
    "I need someone to Send money",
    "yes send it",
    "SEND MONEY TO MY SON",
    "I was reading the rules",
    "I was reading prison rules",
    "he is good at reading",
    "she is reading",
    "stop him from reading my letters",
    "I can't afford it",
    "look under the hull",
    "he drives a ford focus",
    "tensions mount",
    "he joined isis",
    "my son Preston Jones",
    "Kyle Preston has been hurt",
    "my mate Lincoln",
    "officer Stafford",
    "Mr Wakefield was rude",
    "mother Albany",
    "the high point of my week",
    "the north sea is cold",
    "weare worried sick",
    "he was ran by officers",
    "a long lasting row",
    "how many firewalls are there",
    "plays rugby",
    "I live in Leeds",
    "im from manchester",
    "Leeds Crown Court",
    "Hull station",
    "Bristol hospital",
    "the bristol general",
    "not Leeds",
    "its not hull or leeds",
    "he has been moved from Leeds and nobody says where",
    "in the park",
    "hmp lewis",
    "the leads came off",
    "only him",
    "hmp only",
    "nice style",
    "lester",
    "franklin",
    "moreland",
    "in watton",
    "Warrington YOI",
    "they bully him",
    "he was in borstal as a boy",
    "in maghull",
    "my cousin howell",
    "Kenneth in hospital",
]


@pytest.mark.parametrize(("text", "wanted"), (CERTAIN | ASK | THE_TEXT_DECIDES | WITH_A_CUE).items())
def test_a_text_names_these_prisons(text: str, wanted: str) -> None:
    assert sorted(FINDER.find(text)) == sorted(wanted.split())


@pytest.mark.parametrize("text", NOBODY)
def test_an_ordinary_text_names_no_prison(text: str) -> None:
    assert FINDER.find(text) == []


@pytest.mark.parametrize(
    "text",
    ["no sorry its Hull not Leeds", "no sorry its hull not leeds", "moved from Leeds to Hull", "not in Leeds, Hull"],
)
def test_a_correction_names_only_the_right_prison(text: str) -> None:
    assert FINDER.find(text) == ["HLI"]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.id)
def test_every_prison_is_found_by_its_full_name(place: SimpleNamespace) -> None:
    assert place.id in FINDER.find(place.name)


def test_every_word_with_a_rule_is_the_name_of_something() -> None:
    rules = name_rules()
    names = known_names(PLACES, rules)
    ids = {place.id for place in PLACES}

    assert set(rules.cautions) <= set(names)
    assert {id_ for known in rules.ask.values() for id_ in known.ids} <= ids
    assert all(known.named is None or known.named in known.ids for known in rules.ask.values())


CUES = "hmp not or moved from in to send Leeds hull 's , . feltham 16 women the"


@given(st.text(max_size=400))
def test_no_text_makes_the_finder_fail(text: str) -> None:
    assert set(FINDER.find(text)) <= {place.id for place in PLACES}


@given(
    st.lists(
        st.sampled_from(CUES.split()),
        max_size=12,
    )
)
def test_no_mixture_of_cues_makes_the_finder_fail(words: list[str]) -> None:
    FINDER.find(" ".join(words))


def test_a_message_takes_less_than_two_milliseconds() -> None:
    texts = [
        f"{n} my son in wandworth says he was moved to hull by somebody on thursday, can I visit him"
        for n in range(200)
    ]
    started = time.perf_counter()
    for text in texts:
        FINDER.find(text)

    assert (time.perf_counter() - started) / len(texts) < 0.002


ANSWERS = [
    ("2", "FMI FYI", "FYI"),
    ("the second one", "FMI FYI", "FYI"),
    ("last one", "EYI EHI SLI", "SLI"),
    ("number 1 please", "FMI FYI", "FMI"),
    ("4", "EYI EHI SLI", None),
    ("under 18", "FMI FYI", "FYI"),
    ("hes 16", "FMI FYI", "FYI"),
    ("16", "FMI FYI", "FYI"),
    ("adults", "PRI PYI", "PRI"),
    ("the A one", "FMI FYI", "FYI"),
    ("feltham", "FMI FYI", None),
    ("FYI", "FMI FYI", "FYI"),
    ("the womens one", "PBI PFI", "PFI"),
    ("men", "PBI PFI", "PBI"),
    ("the open one", "EYI EHI SLI", "EHI"),
    ("swaleside i think", "EYI EHI SLI", "SLI"),
    ("not elmley", "EYI EHI SLI", None),
    ("salford", "MRI FBI", "FBI"),
    ("liverpool", "LPI ACI", "LPI"),
    ("the grange", "NMI LGI WTI", "LGI"),
    ("neither", "FMI FYI", None),
    ("dont know", "FMI FYI", None),
    ("hull", "EYI EHI SLI", None),
]


@pytest.mark.parametrize(("answer", "offered", "picked"), ANSWERS)
def test_an_answer_picks_among_the_prisons_offered(answer: str, offered: str, picked: str | None) -> None:
    by_id = {place.id: place for place in PLACES}

    assert choose(answer, [by_id[id_] for id_ in offered.split()], FINDER, name_rules()) == picked


@pytest.mark.parametrize(
    "text",
    ["Its Portland", "portland", "hmp portland i think", "he is at portland please", "yes i am. hes at portland"],
)
def test_a_bare_answer_means_the_prison_that_goes_by_the_name(text: str) -> None:
    assert likely_meant(text, ["PDI", "VEI"], name_rules()) == "PDI"


@pytest.mark.parametrize(
    "text", ["near portland", "portland or the verne", "somewhere on portland", "leyland", "hes at portland. or verne"]
)
def test_more_than_a_name_or_a_town_without_a_prison_of_its_name_is_no_bare_answer(text: str) -> None:
    assert likely_meant(text, ["PDI", "VEI", "GHI", "WMI"], name_rules()) is None


def test_the_page_on_prisons_quotes_the_numbers_of_the_file() -> None:
    page = (ROOT / "docs" / "prisons.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^\| ([A-Z]{3}) \| (0[\d ]+) \|", page, re.MULTILINE)
    with (ROOT / "data" / "prisons.csv").open(encoding="utf-8", newline="") as file:
        held = {row["id"]: {row["phone"], row["visits_phone"]} for row in csv.DictReader(file)}

    assert quoted
    assert [(id_, number) for id_, number in quoted if number not in held[id_]] == []
