"""What families read, checked as a whole: domain.yml, data/wording.yml and data/nlu against the code that uses them."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter, ascii_letters, digits
from typing import Any

import pytest
import yaml
from rasa_sdk import Action

from gateway.concerns import desk, interview
from gateway.concerns.heard import ANSWERABLE
from gateway.concerns.interview import QUESTIONS
from gateway.concerns.models import Status
from gateway.config import ROOT
from gateway.prisons import directory
from gateway.prisons.models import Prison
from gateway.wording import choices, say

DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
RESPONSES: dict[str, list[dict[str, Any]]] = DOMAIN["responses"]
WORDING: dict[str, Any] = yaml.safe_load((ROOT / "data" / "wording.yml").read_text(encoding="utf-8"))

# One key for each row of the sheets of facts, and for facts further down that families ask about.
KEYS = {
    "visits": """book_visit who_can_visit visitor_list_time visiting_order how_many_visits how_many_people id_needed
        no_photo_id late cancel_or_change what_to_bring what_to_wear religious_dress bring_children
        children_id someone_elses_child baby_items child_stopped disability first_visit hug closed_visit
        ban_appeal ban_length video_call solicitor_visit family_days far_away no_visits child_in_custody
        scotland_northern_ireland category_a unused_orders no_slots booking_reply visit_length staff_hear
        segregation_visits ban_why closed_why room_rules""",
    "searches": """will_i_be_searched what_happens who_searches dog_sat dog_ban refuse_search strip_search
        child_searched nappy_pram fingerprints_photo body_scanner religious_headwear pacemaker
        wheelchair_prosthetic banned_items bringing_banned_item prison_sentence forced_to_bring
        search_complaint car_search dog_smells dog_lead filmed search_leaving hand_stamp record_kept
        held_by_staff did_not_know spice search_rules""",
    "money": """help_with_visits_cost scheme_old_name which_benefits income_limit mileage parking_taxi_train
        food_overnight children_paid how_to_claim paid_before how_often_claim contact_hwpv send_money
        cash_cheque money_time how_much_send weekly_spend phone_costs video_free universal_credit rent
        council_tax child_benefit debts release_money funeral legal_aid state_pension money_back pip
        carers_allowance send_money_out prison_pay from_abroad bank_details someone_with_me
        claim_and_benefits""",
    "contact": """find_prisoner find_prisoner_wait prison_number no_call_yet phone_calls number_check calls_listened
        in_cell_phones write_letter mail_checked how_many_letters what_can_i_post birthday_card send_photos
        send_books clothes_parcels property_limit collect_property email_prisoner prison_voicemail
        social_media bedtime_story break_bad_news funeral_visit unwanted_contact restraining_order
        key_worker offender_manager health_information health_care health_complaint complain
        prisoner_complaint ombudsman move_nearer release_date life_ipp_extended suspended_sentence recall
        tag_hdc tag_address tag_how_early rotl parole parole_speak_for_them remand deportation
        deportation_steps care_leaver ill_relative behaviour_release call_times who_to_ask keep_child_close
        licence_conditions""",
    "safety": """danger_now who_to_tell ring_999 no_number nobody_answers lines_answered what_is_safer_custody
        will_they_tell_me report_without_name staff_wrongdoing what_is_acct acct_review bullying_debt
        food_refusal someone_to_talk_to hospital death_contact death_complain death_investigation be_heard
        online_form what_happens_to_report signs suicide_risk duty_of_care does_family_help ask_for_acct
        hospital_escort not_only_one self_harm_figures rules_to_quote family_strategy what_lines_must_exist
        inspectors think_family""",
    "support": """helpline helpline_book_visit helpline_email what_is_pact north_east north_west_yorkshire
        help_for_children child_not_alone child_needs_to_talk scotland northern_ireland cannot_cope
        domestic_abuse men_abused lgbt_abuse silent_999 wales_abuse telling_children child_feelings school
        family_engagement_worker visitors_centre prison_visitor languages legal_advice guides_to_print
        housing grants bereaved honour_abuse helpline_at_night charities kept_secret crimestoppers
        women_in_prison carers citizens_advice""",
}
ANSWERS = sorted(f"{subject}/{key}" for subject, keys in KEYS.items() for key in keys.split())
FEWEST_EXAMPLES = 12

# What the gateway gives with a response; test_concerns.py proves that it does.
CONCERN_VALUES = {"reference", "prison", "team", "switchboard", "next_check"}
STATUS_VALUES = {"reference", "state", "at"}

# Every telephone number that a family may read. The first part are the crisis lines, the second stands in the facts.
NUMBERS = {
    "999": "emergency services",
    "116 123": "Samaritans",
    "85258": "Shout",
    "0800 1111": "Childline",
    "0800 555 111": "Crimestoppers",
    "0808 800 5000": "NSPCC",
    "0808 2000 247": "National Domestic Abuse Helpline",
    "0808 808 2003": "Prisoners' Families Helpline",
    "0300 063 2100": "Help with Prison Visits",
    "0800 138 1111": "StepChange",
    "0300 060 6699": "Unwanted Prisoner Contact Service",
    "020 7253 3323": "Prisoners' Advice Service",
    "0845 430 8923": "Prisoners' Advice Service, its old line",
    "0800 024 6205": "Prisoners' Advice Service, for women",
    "0800 917 6877": "the prison service's staff integrity hotline",
    "0808 808 3444": "Pact, its old line",
    "0800 012 1539": "Nepacs",
    "07983 437 457": "Nepacs, texts",
    "07557 339258": "Children Heard and Seen",
    "0800 254 0088": "Families Outside",
    "60777": "Families Outside, texts",
    "0808 801 0327": "Men's Advice Line",
    "0808 80 10 800": "Live Fear Free",
    "07860 077333": "Live Fear Free, texts",
    "0800 999 5428": "Galop",
    "0800 5999 247": "Karma Nirvana",
    "028 9261 6067": "Maghaberry prison, of the scheme in Northern Ireland",
    "028 7772 0516": "Magilligan prison, of the scheme in Northern Ireland",
}
_NUMBER = re.compile(
    r"(?<![\w/.£-])(?:\+44[\d ]{9,13}|0\d[\d ]{6,12}\d|11\d \d{3}|999|11[12]|1[01]1|1571|\d{5})(?![\w/-])"
)

GSM = set(ascii_letters + digits + "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà")
GSM_BY_ESCAPE = set("^{}\\[~]|€\f")
SEGMENT = 153


def _segments(text: str) -> int:
    """How many SMS segments a text takes in the GSM alphabet. Raises ValueError when it is not written in it."""
    if foreign := set(text) - GSM - GSM_BY_ESCAPE:
        raise ValueError(f"not in the GSM alphabet: {foreign}")
    return -(-sum(2 if sign in GSM_BY_ESCAPE else 1 for sign in text) // SEGMENT)


def _variations() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, variations in RESPONSES.items():
        for variation in variations:
            yield name, variation


def _gaps(text: str) -> set[str]:
    return {gap for _, gap, _, _ in Formatter().parse(text) if gap is not None}


def _sentences(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of wording.yml with its name."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _sentences(value, f"{path}.{key}".lstrip("."))
    else:
        yield path, str(node)


def _strings(*nodes: ast.AST) -> set[str]:
    return {
        n.value for node in nodes for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }


def _parsed(path: str | None) -> ast.Module:
    return ast.parse(Path(str(path)).read_text(encoding="utf-8"))


def _function(module: ast.Module, name: str) -> ast.FunctionDef:
    return next(node for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and node.name == name)


def _kinds() -> set[str]:
    """Every opening that the desk may choose, read from the code that chooses."""
    module = _parsed(desk.__file__)
    returned = [
        value
        for name in ("_kind", "_became_emergency", "_advice")
        for node in ast.walk(_function(module, name))
        if isinstance(node, ast.Return) and node.value
        for value in ([node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value])
    ]
    return _strings(*returned)


def _said_in_between() -> set[str]:
    """What the interview says besides its questions, read from its `say=[…]`."""
    calls = [
        node for node in ast.walk(_parsed(interview.__file__)) if isinstance(node, ast.keyword) and node.arg == "say"
    ]
    return _strings(*calls)


def _used_by_actions() -> set[str]:
    """Every response that the actions and the prison directory name outright."""
    files = [*(ROOT / "actions").glob("*.py"), Path(str(directory.__file__))]
    found: set[str] = set().union(*(_strings(_parsed(str(file))) for file in files))
    return {name for name in found if re.fullmatch(r"utter_\w*[a-z]", name)}


# ----- every name that is used exists -----


def test_every_response_that_an_action_names_is_in_the_domain() -> None:
    used = _used_by_actions()

    assert {"utter_concern_receipt", "utter_prison_page", "utter_not_understood_twice"} <= used
    assert used - set(RESPONSES) == set()


@pytest.mark.parametrize(
    "names",
    [
        sorted(_kinds()),
        sorted(_said_in_between()),
        [f"ask_{question}" for question in QUESTIONS],
        [f"status_{status.value}" for status in Status],
    ],
    ids=["openings", "said in between", "questions", "states"],
)
def test_every_response_that_is_put_together_is_in_the_domain(names: list[str]) -> None:
    assert len(names) > 2
    assert [name for name in names if f"utter_concern_{name}" not in RESPONSES] == []


def test_every_action_of_the_domain_exists_and_no_other() -> None:
    for file in (ROOT / "actions").glob("*.py"):
        importlib.import_module(f"actions.{file.stem}")

    ours = [action for action in Action.__subclasses__() if action.__module__.startswith("actions.")]
    assert {action().name() for action in ours} == set(DOMAIN["actions"])


def test_the_form_asks_the_questions_of_the_interview_in_its_order() -> None:
    slots = [f"concern_{question}" for question in QUESTIONS]

    assert DOMAIN["forms"]["concern_form"]["required_slots"] == slots
    assert set(slots) <= set(DOMAIN["slots"])


def test_every_digression_is_an_intent_of_the_bot() -> None:
    assert set(DOMAIN["intents"]) >= ANSWERABLE


# ----- every gap is filled -----


@pytest.mark.parametrize("name", sorted(name for name in RESPONSES if name.startswith("utter_concern_")))
def test_every_gap_about_a_concern_is_among_the_values_given(name: str) -> None:
    given = STATUS_VALUES if name.startswith("utter_concern_status_") else CONCERN_VALUES
    given = given | {"read_back"} if name == "utter_concern_ask_read_back" else given
    given = set() if name == "utter_concern_status_unknown" else given

    for variation in RESPONSES[name]:
        assert _gaps(variation["text"]) <= given


@pytest.mark.parametrize("name", sorted(name for name in RESPONSES if "_prison_" in name or "_custody_" in name))
def test_every_gap_about_a_prison_is_among_the_values_given(name: str) -> None:
    if name.startswith("utter_concern_"):
        return
    given = directory._entry(Prison(id="LEI", kind="prison", active=True, name="Leeds", visits_booking="phone"))

    for variation in RESPONSES[name]:
        assert _gaps(variation["text"]) <= set(given)


def test_an_answer_has_no_gaps() -> None:
    assert [name for name, variation in _variations() if "/" in name and _gaps(variation["text"])] == []


STAFF_GAPS = {"reference", "prison", "urgency", "category", "subject", "opened", "link"}
GAPS = {
    "time.": {"clock", "day"},
    "sms.choose": {"choices"},
    "family.not_read": {"reference", "time", "people", "next_check", "switchboard"},
    "family.question": {"question", "reference"},
    "family.": {"reference", "time"},
    "why.": {"due", "clock"},
    "clocks.": {"minutes", "time"},
    "erasure.held": {"reference", "reason"},
    "operator.": {"count", "references", "delivery", "medium", "time"},
    "staff.earlier_reports": {"count"},
    "approved.": {"reference"},
    "closed.": {"reference"},
    "desk.team_of": {"prison"},
    "desk.switchboard": {"phone"},
    "file.": {"reference", "prison", "time", "by", "sha256", "page", "pages", "count", "outcome", "anchors", "faults"},
    "call.": {"reference", "urgency", "prison"},
    "duty.open": {"references"},
    "duty.": {"reference", "time"},
    "staff.sent_on": {"reason"},
    "staff.test.": {"place"},
    "staff.invitation.": {"person", "link"},
    "staff.": STAFF_GAPS,
    "anchor.": {"position", "anchor"},
    "figures.made": {"clock", "day"},
    "figures.": {
        "first",
        "last",
        "count",
        "prisons",
        "all",
        "percent",
        "subject",
        "question",
        "average",
        "minutes",
        "hours",
        "days",
    },
    "digest.email": {"time", "since", "opened", "acknowledged", "closed", "prisons", "link"},
    "digest.prison": {"prison", "open", "overdue"},
    "digest.line": {"urgency", "reference", "status", "due"},
    "digest.": {"open", "overdue", "time", "count"},
    "alarms.": {"reason", "seconds", "free", "percent", "task", "queue", "days"},
    "alarm.wrong.line": {"sentence", "time"},
    "alarm.wrong.": {"titles", "host"},
    "alarm.well.": {"titles", "host"},
    "alarm.": {"title", "seconds", "reason", "time"},
}


@pytest.mark.parametrize("name, text", list(_sentences(WORDING)))
def test_a_sentence_of_the_gateway_has_only_gaps_that_are_filled(name: str, text: str) -> None:
    allowed = next((gaps for start, gaps in GAPS.items() if name.startswith(start)), set())
    if name.startswith("staff.") and name.endswith(".email"):
        allowed = allowed | {"words", "known"}

    assert _gaps(text) <= allowed


@pytest.mark.parametrize("reason", ["alert", "update", "escalation", "review", "confirm"])
def test_an_alert_has_a_subject_a_short_text_and_the_familys_words(reason: str) -> None:
    values = dict.fromkeys(STAFF_GAPS, "x")

    assert "x" in say(f"staff.{reason}.subject", **values)
    assert "\n" not in say(f"staff.{reason}.subject", **values)
    assert _segments(say(f"staff.{reason}.sms", **values)) == 1
    assert "all the words" in say(f"staff.{reason}.email", words="all the words", known="", **values)


def test_nothing_in_the_subject_or_the_text_of_an_alert_can_name_a_person() -> None:
    for reason in ("alert", "update", "escalation", "review"):
        for part in ("subject", "sms"):
            assert _gaps(WORDING["staff"][reason][part]) <= STAFF_GAPS


def test_an_unknown_sentence_or_gap_is_an_error_and_never_silence() -> None:
    with pytest.raises(KeyError):
        say("chat.no_such_sentence")
    with pytest.raises(KeyError):
        say("family.acknowledged")


def test_a_closed_list_keeps_the_order_of_the_file() -> None:
    assert list(choices("urgencies")) == ["emergency", "urgent", "routine"]
    assert choices("desk")["yes"] == "yes"


# ----- the categories that the rules find have words -----


def test_whatever_the_safeguarding_rules_find_can_be_said_and_stored() -> None:
    rules = yaml.safe_load((ROOT / "data" / "safeguarding" / "rules.yml").read_text(encoding="utf-8"))["signs"]

    assert {rule["category"] for rule in rules} <= set(choices("categories"))
    assert {rule["urgency"] for rule in rules} | {rule.get("if_soon", "urgent") for rule in rules} <= set(
        choices("urgencies")
    )
    assert {rule.get("who", "prisoner") for rule in rules} <= set(choices("subjects"))


# ----- the answers -----


def test_there_is_an_answer_for_every_question_of_the_sheets() -> None:
    assert len(ANSWERS) == 235


def test_the_domain_answers_every_question_and_no_other() -> None:
    assert sorted(name.removeprefix("utter_") for name in RESPONSES if "/" in name) == ANSWERS


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_names_its_source_page_and_the_day_it_was_checked(name: str) -> None:
    for variation in RESPONSES[f"utter_{name}"]:
        metadata = variation["metadata"]
        assert metadata["source"].strip()
        assert re.match(r"https?://\S+\.\S+$", metadata["url"])
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", metadata["checked"])


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_fits_three_segments_of_a_text_message(name: str) -> None:
    (short,) = [variation for variation in RESPONSES[f"utter_{name}"] if variation.get("channel") == "sms"]
    (long,) = [variation for variation in RESPONSES[f"utter_{name}"] if "channel" not in variation]

    assert _segments(short["text"].strip()) <= 3
    assert long["text"].strip()


def test_every_response_names_a_source_and_the_day_it_was_checked() -> None:
    lacking = [
        name
        for name, variation in _variations()
        if not (variation.get("metadata") or {}).get("source") or not variation["metadata"].get("checked")
    ]

    assert lacking == []


def test_what_the_gateway_says_by_text_is_in_the_alphabet_of_text_messages() -> None:
    for group in ("chat", "sms", "family", "desk", "approved", "time"):
        for name, text in _sentences(WORDING[group]):
            assert _segments(text.replace("{", "").replace("}", "")) <= 3, f"{group}.{name}"


@pytest.mark.parametrize("name", sorted(name for name in RESPONSES if name.startswith("utter_concern_")))
def test_what_the_bot_says_about_a_concern_can_be_sent_by_text(name: str) -> None:
    variations = {variation.get("channel", "any"): variation["text"] for variation in RESPONSES[name]}
    filled = {
        "prison": "HMP/YOI Portland",
        "reference": "ABC-4KQ7",
        "team": say("desk.team_of", prison="Humber"),
        "switchboard": say("desk.switchboard", phone="01482 282 200"),
        "next_check": "21:07 tomorrow",
        "at": "21:07 tomorrow",
        "read_back": "Prison: Hull",
    }

    assert _segments(variations.get("sms", variations["any"]).strip().format(**filled)) <= 3


# ----- what the bot learns from -----


def _examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            if "intent" in entry:
                lines = [line[2:].strip() for line in entry["examples"].splitlines() if line.startswith("- ")]
                found.setdefault(entry["intent"], []).extend(lines)
    return found


def test_the_bot_learns_every_question_from_enough_examples_of_its_own() -> None:
    examples = _examples()

    assert {name for name in examples if "/" in name} == set(ANSWERS)
    few = {name: len(set(examples[name])) for name in ANSWERS if len(set(examples[name])) < FEWEST_EXAMPLES}
    assert few == {}


def test_every_intent_is_learnt() -> None:
    set_by_the_channel = {"unsure_between"}

    assert {name.partition("/")[0] for name in _examples()} == set(DOMAIN["intents"]) - set_by_the_channel


def test_no_example_teaches_two_things() -> None:
    meanings: dict[str, set[str]] = {}
    for name, lines in _examples().items():
        for line in lines:
            meanings.setdefault(line.lower(), set()).add(name)

    assert {line: names for line, names in meanings.items() if len(names) > 1} == {}


# ----- numbers -----


def _numbers(text: str) -> set[str]:
    without_links = re.sub(r"\S*(?:https?://|www\.)\S+", " ", text)
    return {found.strip() for found in _NUMBER.findall(without_links)}


def test_a_number_that_we_do_not_know_would_be_noticed() -> None:
    numbers = "ring 0113 496 0000, 07700 900123, 101, 112, 85259 or 116 124"
    others = "by 2026-11-21, not https://x.uk/316186 or £76 or 1 in 5"

    assert _numbers(f"{numbers} {others}") == {"0113 496 0000", "07700 900123", "101", "112", "85259", "116 124"}


def test_families_are_given_no_number_that_is_not_checked() -> None:
    texts = [variation["text"] for _, variation in _variations()] + [text for _, text in _sentences(WORDING)]

    assert set().union(*map(_numbers, texts)) - set(NUMBERS) == set()


def test_every_checked_number_is_given_somewhere() -> None:
    texts = " ".join([variation["text"] for _, variation in _variations()])

    assert [number for number in NUMBERS if number not in texts] == []


@pytest.mark.parametrize("name", ["utter_concern_caller", "utter_concern_caller_emergency"])
def test_who_is_in_danger_themselves_gets_the_crisis_lines_on_every_channel(name: str) -> None:
    for variation in RESPONSES[name]:
        assert _numbers(variation["text"]) >= {"999", "116 123", "85258", "0800 1111"}
        assert "{switchboard}" not in variation["text"]


@pytest.mark.parametrize("name", ["utter_concern_emergency", "utter_concern_added_emergency"])
def test_in_an_emergency_the_prison_is_to_be_rung_first(name: str) -> None:
    for variation in RESPONSES[name]:
        text = variation["text"]
        assert "Orderly Officer" in text and "Duty Governor" in text
        assert text.index("{switchboard}") < text.index("{reference}")


def test_the_holding_reply_names_people_who_can_help_now() -> None:
    text = say("chat.holding")

    assert _numbers(text) == {"999", "116 123", "85258"}
    assert "Orderly Officer" in text and "Duty Governor" in text


def test_every_reply_without_an_answer_names_a_number_where_a_person_is() -> None:
    for name in ("utter_not_understood", "utter_not_understood_twice", "utter_out_of_scope", "utter_offer_person"):
        for variation in RESPONSES[name]:
            assert "0808 808 2003" in variation["text"]
    assert "0808 808 2003" in say("chat.no_reply")
