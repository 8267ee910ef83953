"""Who the writer is to the prisoner: "his mum" and "my son" are both a parent's answer."""

import re

_PEOPLE = {
    "other": r"\w+[ -]in[ -]laws?|ex(?:[ -]\w+)?|(?:kids|childrens|sons|daughters) (?:mum|mam|mom|mother|dad|father)"
    r"|(?:mum|mam|mom|mother|dad|father) (?:of|to) (?:his|her|their|the) \w+|aunt\w*|uncle|cousin|niece|nephew"
    r"|neighbour|god\w+|friend|mate|pal|someone else|no relation",
    "stand_in": r"step[ -]?(?:mum|mam|mom|mother|dad|father|parent|son|daughter)|foster[ -]?\w*|guardian|adopt\w* \w+"
    r"|carer|brought (?:him|her|them) up",
    "grandchild": r"(?:great[ -]?)?grand[ -]?(?:son|daughter|child|kid)",
    "parent": r"parent|mum|mam|mom|mummy|mother|dad|daddy|father",
    "grandparent": r"(?:great[ -]?)?grand[ -]?(?:parent|mum|ma|mother|dad|pa|father)|nan|nana|nanna|gran|granny|granda",
    "sibling": r"(?:half|step)?[ -]?(?:brother|sister)|bro|sis|twin|our kid",
    "spouse": r"husband|hubby|wife|missus|spouse|civil partner|married",
    "partner": r"partner|girlfriend|boyfriend|gf|bf|fianc\w+|engaged|fella|other half"
    r"|baby ?(?:mum|mama|dad|daddy|father|mother)",
    "child": r"son|lad|daughter|child",
    "next_of_kin": r"next of kin",
}
_PERSON = re.compile(
    r"\b(?P<mine>(?:my|me|our) (?:\w+ )?)?(?:(?:his|her|their|the) )?(?:"
    + "|".join(f"(?P<{who}>{words})" for who, words in _PEOPLE.items())
    + r")\b",
    re.IGNORECASE,
)
_WRITER = {"grandparent": "parent", "grandchild": "other"}
# «My mum» is in prison: then the writer is the child.
_WRITER_IF_MINE = {"parent": "child", "child": "parent", "grandchild": "parent", "grandparent": "other"}
_NOT_MARRIED = re.compile(r"\b(not|arent|never) married\b|\bunmarried\b", re.IGNORECASE)
_NO_RELATION = re.compile(
    r"\b(?:just |only )?(?:friends?|mates?|neighbours?)\b.*\bnot (?:a )?(?:related|relative|relation|family)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(r"\b(not|never|isnt|arent|used to)\b", re.IGNORECASE)


def relationship(text: str) -> str | None:
    """The writer's code in rules.py; None where nobody is named, or people of two sorts are."""
    if _NOT_MARRIED.search(text):
        return "partner"
    if _NO_RELATION.search(text):
        return "other"
    found = {_writer(person) for person in _PERSON.finditer(text)}
    return found.pop() if len(found) == 1 and not _DENIES.search(text) else None


def _writer(person: re.Match[str]) -> str:
    who = str(person.lastgroup)
    return _WRITER_IF_MINE.get(who, who) if person["mine"] else _WRITER.get(who, who)
