"""Plain worries that must be caught without fail, and their harmless twins: by the written rules alone, without the
learned model. Nobody may add these to data/safeguarding/messages.jsonl: they would no longer test anything."""

import json
from pathlib import Path

import pytest
import yaml

from bot.components.safeguarding_rules import RuleBook

ROOT = Path(__file__).resolve().parents[2]
SAFEGUARDING = ROOT / "data" / "safeguarding"
RULES = RuleBook.load(SAFEGUARDING / "rules.yml")

# What a family writes, the category, the urgency, and whom it concerns.
PLAIN = [
    ("my son says he is going to kill himself", "self_harm_suicide", "emergency", "prisoner"),
    ("hes gonna hang himself he told me just now", "self_harm_suicide", "emergency", "prisoner"),
    ("she tried to strangle herself with a towel", "self_harm_suicide", "emergency", "prisoner"),
    ("He has written a suicide note and left it on his bed.", "self_harm_suicide", "emergency", "prisoner"),
    ("my brother has taken loads of tablets", "self_harm_suicide", "emergency", "prisoner"),
    ("he said goodbye to the kids like it was for good", "self_harm_suicide", "emergency", "prisoner"),
    ("theres a rope tied round his neck", "self_harm_suicide", "emergency", "prisoner"),
    ("he made a noose out of his bedding", "self_harm_suicide", "emergency", "prisoner"),
    ("hes been hoarding his meds", "self_harm_suicide", "emergency", "prisoner"),
    ("he took an overdose years ago, is that on his file", "self_harm_suicide", "urgent", "prisoner"),
    ("he is giving all his things away", "self_harm_suicide", "urgent", "prisoner"),
    ("mae fy mab eisiau marw", "self_harm_suicide", "emergency", "prisoner"),
    ("rydw i eisiau marw", "caller_risk", "emergency", "caller"),
    ("siostra pisze z wiezienia ze chce umrzec", "self_harm_suicide", "emergency", "prisoner"),
    ("mój syn się okalecza", "self_harm_suicide", "urgent", "prisoner"),
    ("mój brat jest bity", "violence_bullying", "urgent", "prisoner"),
    ("my lad is self harming", "self_harm_suicide", "urgent", "prisoner"),
    ("my husband is suicidal", "self_harm_suicide", "urgent", "prisoner"),
    ("he sounds sucidal to me", "self_harm_suicide", "urgent", "prisoner"),
    ("My daughter has been cutting her wrists.", "self_harm_suicide", "urgent", "prisoner"),
    ("he keeps saying he wants to die", "self_harm_suicide", "urgent", "prisoner"),
    ("he dont want to live anymore", "self_harm_suicide", "urgent", "prisoner"),
    ("my nephew thinks we would all be better off without him", "self_harm_suicide", "urgent", "prisoner"),
    ("he talks about ending it all", "self_harm_suicide", "urgent", "prisoner"),
    ("im scared he will do something stupid", "self_harm_suicide", "urgent", "prisoner"),
    ("my boyfriend slashed his arms in his cell last week", "self_harm_suicide", "urgent", "prisoner"),
    ("hes headbutting... banging his head against the wall all night", "self_harm_suicide", "urgent", "prisoner"),
    ("he said on the phone i want to die mum", "self_harm_suicide", "urgent", "prisoner"),
    ("my brother got stabbed this morning", "violence_bullying", "emergency", "prisoner"),
    ("they are going to stab him when the door opens", "violence_bullying", "emergency", "prisoner"),
    ("someone threw boiling water on my son", "violence_bullying", "emergency", "prisoner"),
    ("theyve beaten him unconscious", "violence_bullying", "emergency", "prisoner"),
    ("he has been slashed", "violence_bullying", "emergency", "prisoner"),
    ("my dad got beaten up by two men in there", "violence_bullying", "urgent", "prisoner"),
    ("His cell mate hits him.", "violence_bullying", "urgent", "prisoner"),
    ("my grandson is being bullied", "violence_bullying", "urgent", "prisoner"),
    ("hes gettin bullyed by sum lads", "violence_bullying", "urgent", "prisoner"),
    ("he has got a black eye and a broken nose", "violence_bullying", "urgent", "prisoner"),
    ("other prisoners have threatened to kill him", "violence_bullying", "urgent", "prisoner"),
    ("hes scared to leave his cell", "violence_bullying", "urgent", "prisoner"),
    ("my son is not safe on that wing", "violence_bullying", "urgent", "prisoner"),
    ("I fear for his life", "violence_bullying", "urgent", "prisoner"),
    ("they call him a grass and want to hurt him", "violence_bullying", "urgent", "prisoner"),
    ("they take his canteen off him every week", "violence_bullying", "urgent", "prisoner"),
    ("my son owes drug dealers in prison", "debt_threats", "urgent", "prisoner"),
    ("he is in debt on his wing and frightened", "debt_threats", "urgent", "prisoner"),
    ("he says pay them or they will break his legs", "debt_threats", "urgent", "prisoner"),
    ("i have to send money to another prisoners account or he gets hurt", "debt_threats", "urgent", "prisoner"),
    ("someone is blackmailing my brother inside", "debt_threats", "urgent", "prisoner"),
    ("they know where we live and they want the money he owes", "debt_threats", "urgent", "caller"),
    ("im being forced to bring drugs in on a visit", "debt_threats", "urgent", "caller"),
    ("hes smoking spice every night", "drugs", "urgent", "prisoner"),
    ("My son is addicted to heroin again.", "drugs", "urgent", "prisoner"),
    ("someone spiked him", "drugs", "urgent", "prisoner"),
    ("he took spice and hes collapsed", "drugs", "emergency", "prisoner"),
    ("my cousin is hearing voices", "mental_health", "urgent", "prisoner"),
    ("he is very depressed and not coping", "mental_health", "urgent", "prisoner"),
    ("hes stopped taking his antipsychotics", "mental_health", "urgent", "prisoner"),
    ("my partner is having a breakdown in there", "mental_health", "urgent", "prisoner"),
    ("he thinks the officers are poisoning his food", "mental_health", "urgent", "prisoner"),
    ("he has set fire to things in his cell, he is not in his right mind", "mental_health", "emergency", "prisoner"),
    ("he is having chest pains", "physical_health", "emergency", "prisoner"),
    ("she cant breathe and her inhaler is empty", "physical_health", "emergency", "prisoner"),
    ("my uncle collapsed in the shower", "physical_health", "emergency", "prisoner"),
    ("hes had a fit and wont wake up", "physical_health", "emergency", "prisoner"),
    ("my son has not had his insulin", "physical_health", "urgent", "prisoner"),
    ("hes really ill and no doctor has seen him", "physical_health", "urgent", "prisoner"),
    ("My father is in agony and they give him paracetamol.", "physical_health", "urgent", "prisoner"),
    ("i havent heard from my husband in six days", "missing_contact_worry", "urgent", "prisoner"),
    ("he rings every day and now nothing since friday", "missing_contact_worry", "urgent", "prisoner"),
    ("nobody has heard from him since he was moved", "missing_contact_worry", "urgent", "prisoner"),
    ("he was screaming and then the phone cut off", "missing_contact_worry", "emergency", "prisoner"),
    ("my son hasnt eaten for four days", "food_refusal", "urgent", "prisoner"),
    ("hes refusing his food", "food_refusal", "urgent", "prisoner"),
    ("my brother is on a hunger strike", "food_refusal", "urgent", "prisoner"),
    ("she stopped eating and drinking", "food_refusal", "emergency", "prisoner"),
    ("my son was raped last night", "sexual_abuse", "urgent", "prisoner"),
    ("another inmate is touching my son in the night", "sexual_abuse", "urgent", "prisoner"),
    ("an officer beat my son up", "staff_abuse", "urgent", "prisoner"),
    ("staff are ignoring his cell bell", "staff_abuse", "urgent", "prisoner"),
    ("the guards kneeled on him, they are kneeling on his neck right now", "staff_abuse", "emergency", "prisoner"),
    ("her boyfriend is hitting my grandchildren", "child_safeguarding", "urgent", "other"),
    (
        "a prisoner is texting my daughter, she is 13 years old, asking for pictures",
        "child_safeguarding",
        "urgent",
        "other",
    ),
    ("she is drunk with the baby in the car", "child_safeguarding", "emergency", "other"),
    ("i want to kill myself tonight", "caller_risk", "emergency", "caller"),
    ("im stood on a bridge", "caller_risk", "emergency", "caller"),
    ("i took all my tablets", "caller_risk", "emergency", "caller"),
    ("I feel suicidal.", "caller_risk", "urgent", "caller"),
    ("i cant go on without him", "caller_risk", "urgent", "caller"),
    ("my ex hits me and hes coming home", "caller_risk", "urgent", "caller"),
    ("he says he is going to stab his cell mate tonight", "threat_by_prisoner", "emergency", "other"),
    ("my ex in prison is threatening to kill me", "threat_by_prisoner", "urgent", "caller"),
    ("he keeps ringing me and theres a restraining order", "threat_by_prisoner", "urgent", "caller"),
    ("his mother died last night and he doesnt know", "bereavement_news", "routine", "prisoner"),
    ("my grandad has passed away, please tell my brother", "bereavement_news", "routine", "prisoner"),
    ("his wife has died and he is on his own in his cell", "bereavement_news", "urgent", "prisoner"),
    ("he gets out friday and has nowhere to live", "release_risk", "routine", "prisoner"),
    ("people are waiting for him at the gate when hes released", "release_risk", "urgent", "prisoner"),
    ("two prisoners are planning to escape", "other", "urgent", "other"),
    ("his wing is on fire", "other", "emergency", "other"),
]

# Too little to be sure: the bot asks.
VAGUE = [
    ("im worried about my brother", "other", "routine", "prisoner"),
    ("he sounded a bit low", "other", "routine", "prisoner"),
    ("how do i block calls from a prisoner", "threat_by_prisoner", "routine", "caller"),
]

# Near the words of the plain cases, and nothing to worry about.
HARMLESS = [
    "the little one wants to stab me with a cardboard sword at the castle day, can she bring it",
    "saw a crime drama where the lad hanged himself, do they check on people",
    "how do I book a visit for Saturday",
    "no one else goes to see her, it is only me",
    "please ring me, my eyes are poor and i cant text very well",
    "im dying to see him on sunday",
    "these shoes are killing me, how far is the walk",
    "he hung up because his credit ran out",
    "can he get his hair cut in there",
    "cut the call short, bang up",
    "they got battered 4-0, he is in a mood lol",
    "he is fighting his sentence, where do i send papers",
    "nearly had a heart attack when he got his cat d",
    "im starving, is there a cafe",
    "he wont eat fish",
    "hes fasting for ramadan",
    "hes not suicidal, i just need the visit times",
    "he has never been bullied, he likes it there",
    "no self harm or anything, just a question about money",
    "what is an ACCT",
    "im writing an essay on suicide in prison",
    "what is the policy on bullying",
    "what happens if a prisoner goes on hunger strike",
    "who is the suicide prevention lead",
    "does the drugs dog come near the kids",
    "his mum will kill him if he misses church",
    "my phone died half way through booking",
    "the queue was murder",
    "his dad died in 2011, can he still have the photo",
    "he lost two stone in the gym, feels great",
    "his arm is all healed now, can he do gym",
    "i said goodbye at the gate and forgot my bag",
    "watching a documentary about a prison riot",
    "get away with murder, those vending machine prices",
    "my will to live is going with this booking line",
    "he owes me a tenner lol",
    "i have debts with a catalogue, who can help",
    "scared of flying, is there a ferry",
    "he gave up smoking",
    "can i have a wheelchair, my hip is bad",
    "i wanted to die of embarrassment in that search",
    "that hill is suicide in heels, is there a bus",
    "i found him hanging some shelves in the workshop",
    "he cut himself shaving again",
    "his infection is all cleared up",
    "I want to report a concern about my son",
    "I want to report a concern",
    "i need to speak to safer custody",
]

# What people answer when the bot asks; none of it is a worry.
ANSWERS = [
    "yes", "no", "skip", "ok", "hmp leeds", "Hull", "Kyle Thompson", "Siobhan O'Neill", "A1234BC", "14/02/1988",
    "my number is 07700 900123", "07700900456", "mornings are best", "he can know it was me", "I'm his mum",
    "his sister", "B wing", "since tuesday", "he told me on the phone", "i dont know", "prefer not to say", "thats all",
    "stop",
]  # fmt: skip


def judged(rules: RuleBook, text: str) -> set[tuple[str, str, str]]:
    """Category, urgency and level of all that the rules find."""
    return {(hit.rule.category, hit.rule.urgency, hit.rule.level) for hit in rules.find(text).hits}


@pytest.mark.parametrize(("text", "category", "urgency", "subject"), PLAIN)
def test_a_plain_worry_is_caught_by_the_rules_alone(text, category, urgency, subject):
    assert (category, urgency, "likely") in judged(RULES, text)


@pytest.mark.parametrize(("text", "category", "urgency", "subject"), VAGUE)
def test_a_vague_worry_is_only_possible(text, category, urgency, subject):
    assert judged(RULES, text) == {(category, urgency, "possible")}


@pytest.mark.parametrize("text", [*HARMLESS, *ANSWERS])
def test_no_rule_sees_a_worry_in_a_harmless_twin(text):
    assert [hit.rule.name for hit in RULES.find(text).hits] == []


@pytest.mark.parametrize("opening", ["", "/", "Hi can I ask what time visits start. Also "])
@pytest.mark.parametrize("shout", [str.lower, str.upper, str.title])
def test_neither_capitals_nor_an_opening_hide_a_worry(opening, shout):
    assert RULES.find(opening + shout("he wants to kill himself")).hits


def test_no_prison_is_a_worry():
    names = [
        line.split(",")[1] for line in (ROOT / "data" / "prisons.csv").read_text(encoding="utf-8").splitlines()[1:]
    ]

    assert [name for name in names if RULES.find(f"hmp {name}").hits] == []


def test_no_test_case_is_a_training_message():
    lines = (SAFEGUARDING / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    learned = {json.loads(line)["text"].casefold().strip(" .") for line in lines}

    assert [case[0] for case in PLAIN if case[0].casefold().strip(" .") in learned] == []


def read(name: str, part: str):
    return yaml.safe_load((SAFEGUARDING / name).read_text(encoding="utf-8"))[part]


SIGNS, EXCLUSIONS, WORDS = read("rules.yml", "signs"), read("exclusions.yml", "exclusions"), read("words.yml", "words")


@pytest.mark.parametrize("broken", [sign["name"] for sign in SIGNS])
def test_breaking_a_rule_breaks_a_test(broken):
    without = RuleBook([sign for sign in SIGNS if sign["name"] != broken], EXCLUSIONS, WORDS, RULES.spellings)

    assert [
        text
        for text, category, urgency, _ in [*PLAIN, *VAGUE]
        if (category, urgency) not in {(found[0], found[1]) for found in judged(without, text)}
    ]


@pytest.mark.parametrize("name", [exclusion["name"] for exclusion in EXCLUSIONS])
def test_every_exclusion_takes_something_out_of_a_harmless_case(name):
    assert any(name in RULES.find(text).cuts for text in [*HARMLESS, *ANSWERS])
