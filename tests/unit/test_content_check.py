"""What families read: the rules of `make content-check`, and that every text of this checkout keeps them."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import ROOT
from scripts.content.check import faults
from scripts.content.reading import grade, plain_sentences
from scripts.content.sms import GSM, GSM_EXTENSION, size
from scripts.content.texts import Text, all_texts, filled
from scripts.content.words import Vocabulary, load, unexplained

TODAY = date(2026, 11, 21)
KNOWN = Vocabulary(frozenset({"acct", "vo", "wing"}), frozenset({"wing", "canteen", "closed visit"}), frozenset({"UK"}))
GOOD = {"source": "Visits (GOV.UK)", "url": "https://x.uk", "checked": "2026-11-21", "review_by": "2027-11-21"}
OURS = GOOD | {"source": "Family Gateway", "url": ""}
GSM_TEXT = st.text(st.sampled_from(sorted(GSM)))
GSM_TEXT_WITH_ESCAPES = st.text(st.sampled_from(sorted(GSM | GSM_EXTENSION)))


def _found(text: str = "Ring the prison.", channel: str = "sms", today: date = TODAY, **metadata: Any) -> list[str]:
    return faults([Text("utter_x", channel, text, metadata or GOOD)], KNOWN, today)


# ----- the texts of this checkout -----


def test_everything_that_families_read_today_passes() -> None:
    texts = all_texts(ROOT)

    assert len(texts) > 300
    assert faults(texts, load(ROOT / "data" / "glossary.yml"), TODAY) == []


def test_the_command_ends_with_1_and_names_what_is_past_its_day() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.content", "--today", "2030-01-01"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert "utter_visits/book_visit (sms): was to be checked again by 2027-11-21" in done.stdout
    assert "data/glossary.yml ACCT (sms): was to be checked again" in done.stdout


# ----- sources and days -----


@pytest.mark.parametrize("metadata", [GOOD, OURS])
def test_a_text_with_a_source_and_its_days_has_no_fault(metadata: dict[str, str]) -> None:
    assert _found(**metadata) == []


@pytest.mark.parametrize(
    "lacking, said",
    [
        ("source", "has no source"),
        ("url", "has no url"),
        ("checked", "has no day on which it was checked"),
        ("review_by", "has no day by which to check it again"),
    ],
)
def test_each_part_of_the_metadata_has_to_be_there(lacking: str, said: str) -> None:
    (fault,) = _found(**{part: value for part, value in GOOD.items() if part != lacking})

    assert fault.startswith(f"utter_x (sms): {said}")


def test_a_response_without_any_metadata_lacks_a_source_and_both_days() -> None:
    assert len(faults([Text("utter_x", "web", "Ring the prison.", {})], KNOWN, TODAY)) == 3


def test_only_the_service_itself_needs_no_page() -> None:
    assert "has an empty url" in _found(**GOOD | {"url": ""})[0]


def test_a_text_is_good_on_its_last_day_and_past_it_the_day_after() -> None:
    assert _found(today=date(2027, 11, 21)) == []
    assert "was to be checked again by 2027-11-21" in _found(today=date(2027, 11, 22))[0]


def test_nothing_was_checked_tomorrow() -> None:
    assert "still to come" in _found(**GOOD | {"checked": "2026-11-22"})[0]


@pytest.mark.parametrize("written", ["21 November 2027", "2027-13-01", ""])
def test_a_day_that_cannot_be_read_is_no_day(written: str) -> None:
    assert "has no day by which" in _found(**GOOD | {"review_by": written})[0]


# ----- how hard it is to read -----

HARD = "Applications regarding accumulated visits necessitate individual consideration by establishment administrators"


def test_a_hard_text_is_named_with_its_grade() -> None:
    (fault,) = _found(f"{HARD}.", channel="web")

    assert fault.startswith("utter_x (web): is of reading grade ")


def test_each_item_of_a_list_is_a_sentence() -> None:
    items = ["your passport or your bus pass", "a coin for the locker", "a little money for a drink"]

    assert plain_sentences("Bring:\n- " + "\n- ".join(items)) == "Bring. " + " ".join(f"{item}." for item in items)
    assert grade("Bring:\n- " + "\n- ".join(items)) < grade("Bring " + ", ".join(items) + ".")


@pytest.mark.parametrize(
    "not_read",
    [
        "https://www.gov.uk/government/collections/prisons-in-england-and-wales",
        "www.gov.uk/prison-visits",
        "GOV.UK",
        "helpwithprisonvisits@justice.gov.uk",
        "0808 808 2003",
        "116 123",
        "{prison_visits_phone}",
        "Prisoners' Families Helpline",
        "Ministry of Justice",
    ],
)
def test_what_is_tapped_on_or_filled_in_and_names_do_not_count(not_read: str) -> None:
    sentence = "You can find out more at %s on any day."

    assert plain_sentences(sentence % not_read).split() == (sentence % "").split()


def test_a_link_that_ends_a_sentence_ends_it() -> None:
    assert plain_sentences("Claim here: https://x.uk/claim Ask the prison.") == "Claim here. Ask the prison."


def test_figures_are_words_and_their_points_end_no_sentence() -> None:
    assert plain_sentences("It costs £3.50 or 5.5p.") == "It costs £350 or 55p."
    assert grade("It costs £3.50 for 16 calls to a phone.") < 6


def test_there_is_no_grade_for_another_language() -> None:
    assert plain_sentences("Ring us.\nCymraeg: Saesneg rydym yn ei deall orau.") == "Ring us."


def test_a_text_of_nothing_but_a_gap_has_no_grade() -> None:
    assert grade("{read_back}") == 0


# ----- how long it is -----


@given(GSM_TEXT)
def test_one_message_holds_160_plain_signs_and_each_of_several_153(text: str) -> None:
    found = size(text * 3)
    length = len(text) * 3

    assert found.foreign == () and found.places == length
    assert found.segments == (1 if length <= 160 else -(-length // 153))


@given(GSM_TEXT_WITH_ESCAPES)
def test_signs_with_an_escape_take_two_places_and_are_never_cut(text: str) -> None:
    long = text + "a" * 161
    found = size(long)
    escaped = sum(sign in GSM_EXTENSION for sign in long)

    assert found.places == len(long) + escaped
    assert -(-found.places // 153) <= found.segments <= -(-found.places // 152)


@given(st.text(min_size=1), st.sampled_from("’–ŵ“"))
def test_one_sign_outside_the_alphabet_makes_the_whole_text_ucs2(text: str, sign: str) -> None:
    found = size(text + sign)
    units = len((text + sign).encode("utf-16-le", "surrogatepass")) // 2

    assert sign in found.foreign and found.places == units
    assert found.segments == 1 if units <= 70 else found.segments >= -(-units // 67)


@pytest.mark.parametrize(
    "text, segments",
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("’" + "a" * 69, 1),
        ("’" + "a" * 70, 2),
        ("😟" * 35, 1),
        ("😟" * 36, 2),
        ("😟" * 67, 3),
        ("", 1),
    ],
)
def test_the_edges_of_a_text_message(text: str, segments: int) -> None:
    assert size(text).segments == segments


def _of_length(length: int, extra: str = "") -> str:
    return (extra + "Ring us now. " * length)[:length]


def test_a_text_of_three_messages_may_be_sent_and_one_of_four_says_what_to_cut() -> None:
    assert _found(_of_length(459)) == []
    assert _found(_of_length(469)) == ["utter_x (sms): is 4 text messages, and 3 is the most: cut 10 signs or more"]


def test_a_sign_outside_the_alphabet_is_named_when_it_makes_a_text_too_long() -> None:
    (fault,) = _found(_of_length(300, "It’s late now. "))

    assert "is 5 text messages" in fault and "replace ’ (U+2019)" in fault


def test_the_length_of_a_text_for_the_web_is_nobodys_fault() -> None:
    assert _found(_of_length(900), channel="web") == []


def test_a_gap_counts_as_long_as_what_fills_it() -> None:
    assert len(filled("{prison_name}: {at}")) == 40 + 2 + 16


# ----- which texts there are -----


def _checkout(root: Path, responses: str, wording: str = "chat: {holding: Wait.}") -> list[Text]:
    (root / "data").mkdir()
    explained = 'utter_word_explained: [{channel: sms, text: "{word}: {meaning}"}]'
    (root / "domain.yml").write_text(f"responses:\n  {explained}\n{responses}")
    (root / "data" / "wording.yml").write_text(wording)
    (root / "data" / "glossary.yml").write_text("words: {VO: {meaning: a form., source: A page}}")
    return all_texts(root)


def test_a_reply_without_a_text_of_its_own_for_sms_is_sent_by_sms_as_it_is(tmp_path: Path) -> None:
    both, alone = "{text: long}, {text: short, channel: sms}", "{text: one for all}"

    found = _checkout(tmp_path, f"  utter_both: [{both}]\n  utter_alone: [{alone}]\n")
    assert {
        (text.name, text.text): text.is_sent_by_sms for text in found if text.name in ("utter_both", "utter_alone")
    } == {
        ("utter_both", "long"): False,
        ("utter_both", "short"): True,
        ("utter_alone", "one for all"): True,
    }


def test_every_group_of_wording_is_checked_but_those_for_staff(tmp_path: Path) -> None:
    wording = "a_new_group: {one: Hello there.}\nstaff: {alert: {sms: Not checked.}}\nread_back: {prison: Prison}"

    found = {text.name: text for text in _checkout(tmp_path, "", wording)}
    assert found["data/wording.yml a_new_group.one"].is_sentence and "data/wording.yml staff.alert.sms" not in found
    assert not found["data/wording.yml read_back.prison"].is_sentence


def test_a_word_is_checked_as_the_bot_explains_it(tmp_path: Path) -> None:
    word = _checkout(tmp_path, "")[-1]

    assert (word.name, word.text) == ("data/glossary.yml VO", "VO: a form.")
    assert "has no url" in faults([word], KNOWN, TODAY)[0]


# ----- prison words -----


@pytest.mark.parametrize(
    "text, words",
    [
        ("He is on an ACCT. Ask for two VOs.", []),
        ("Ask the OMU about his CuSP and UK papers.", ["CuSP", "OMU"]),
        ("Money for canteen, and closed visits.", ["canteen", "closed visit"]),
        ("Canteens are open.", ["canteen"]),
        ("Which wing is it?", []),
        ("See https://www.gov.uk/IEP or write to OMU@x.uk on GOV.UK. {IEP}", []),
        ("Your number looks like A1234BC. StepChange helps. I am here.", []),
        ("A swing and a wingman.", []),
    ],
)
def test_an_unexplained_word_is_found_and_an_explained_one_is_not(text: str, words: list[str]) -> None:
    assert unexplained(text, KNOWN) == words


def test_an_unexplained_word_is_a_fault_that_says_what_to_do() -> None:
    assert _found("Ask the OMU.") == [
        "utter_x (sms): «OMU» is not explained: add it to data/glossary.yml, or say it in plain words"
    ]


def test_every_word_that_needs_an_entry_and_is_used_has_one_of_its_own() -> None:
    known = load(ROOT / "data" / "glossary.yml")

    assert {
        "acct",
        "rotl",
        "hdc",
        "pom",
        "com",
        "vo",
        "iep",
        "remand",
        "wing",
        "canteen",
        "category a",
    } <= known.explained
    assert len(known.need_an_entry & known.explained) > 40
