"""What is pictured: the pages of the console and their states, in the order of the index."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

Steps = Callable[[Page], None]

DESKTOP, PHONE = "desktop", "phone"
WIDTHS = {DESKTOP: 1280, PHONE: 390}


@dataclass(frozen=True)
class Shot:
    """One picture at each width."""

    name: str
    shows: str
    path: str  # below /console/, with {gaps} for what `known` of scenes.py finds
    who: str | None = "tom"  # one of the people of scripts/demo/stories.yml; none: nobody is signed in
    does: Steps | None = None  # after the page is open
    widths: tuple[str, ...] = tuple(WIDTHS)
    asks_for_code: bool = False  # on the console that asks for a second proof
    whole: bool = True  # or only what a window shows


def _presses(name: str) -> Steps:
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def _opens(*summaries: str) -> Steps:
    def steps(page: Page) -> None:
        for words in summaries:
            page.locator("summary", has_text=words).first.click()

    return steps


def _gives_a_wrong_password(page: Page) -> None:
    page.get_by_label("E-mail address").fill("tom.ashworth@demo.invalid")
    page.get_by_label("Password", exact=True).fill("not this one")
    _presses("Sign in")(page)


def _filters(page: Page) -> None:
    _opens("Filter this list")(page)
    page.get_by_label("Emergency").check()
    _presses("Show these")(page)


def _closes_without_an_outcome(page: Page) -> None:
    _opens("Say what was done, and close it")(page)
    _presses("Close it")(page)
    page.locator("#finish").evaluate("heading => heading.scrollIntoView()")


def _gives_something_away(page: Page) -> None:
    _opens("Write in your own words")(page)
    page.get_by_label("Your own words to the family").fill("He is on the healthcare wing and much calmer today.")
    _presses("Check it and send it")(page)
    page.locator("#warnings").evaluate("warnings => warnings.scrollIntoView({block: 'center'})")


def _looks_for(who: str) -> Steps:
    def steps(page: Page) -> None:
        page.locator("input[name=who]").fill(who)
        _presses("Find")(page)

    return steps


SHOTS = [
    Shot("sign-in", "Signing in.", "sign-in", None),
    Shot("sign-in-refused", "A wrong password: nothing says which of the two was wrong.", "sign-in", None,
         _gives_a_wrong_password),
    Shot("set-up", "The first time: bringing an authenticator app and the account together.", "sign-in/set-up",
         "grace", asks_for_code=True),
    Shot("code", "Every other time: the code of the app.", "sign-in/code", "priya", asks_for_code=True),
    Shot("recovery-code", "Without the phone: a recovery code.", "sign-in/recovery-code", "priya", asks_for_code=True),
    Shot("invitation", "A new colleague chooses a password by the link in their mail.", "invitation/{invitation}",
         None),
    Shot("queue", "Open concerns, the most urgent first, each with why it stands where it does.", ""),
    Shot("menu", "On a phone the lists are behind one button.", "", does=_presses("Menu"), widths=(PHONE,)),
    Shot("queue-filter", "The list cut down to emergencies; the filter can be kept.", "", does=_filters),
    Shot("concern-new", "An emergency that nobody has read: the family’s words and one button.", "concerns/{new}"),
    Shot("concern", "A concern in somebody’s hands, with all that staff did.", "concerns/{acknowledged}", "priya"),
    Shot("concern-refused", "What was left out is asked for above and beside the form.", "concerns/{acknowledged}",
         "priya", _closes_without_an_outcome, whole=False),
    Shot("concern-warned", "Own words to a family are checked for what gives a person away.",
         "concerns/{acknowledged}", "priya", _gives_something_away, whole=False),
    Shot("concern-second", "An emergency stays open until a second person confirms.", "concerns/{proposed}"),
    Shot("concern-photo", "A closed concern that came with a picture.", "concerns/{closed}"),
    Shot("closed", "Closed concerns.", "closed"),
    Shot("find", "Find a concern by name, number, words or dates.", "find"),
    Shot("found", "What sounds alike is found too.", "find", does=_looks_for("Steven O'Brian")),
    Shot("possible", "Messages that may be a worry: staff decide.", "possible"),
    Shot("message", "One of them, to be made a concern or dismissed.", "messages/{message}"),
    Shot("not-processed", "Messages that the service could not answer in time.", "not-processed"),
    Shot("handover", "The handover sheet of a shift, to print.", "handover"),
    Shot("callbacks", "Families who wait for a call.", "callbacks"),
    Shot("callbacks-refused", "A call cannot be marked as done without saying how it ended.", "callbacks",
         does=lambda page: page.get_by_role("button", name="Mark as done").first.click()),
    Shot("callbacks-done", "Calls that are done; one pressed by mistake waits again.", "callbacks?show=done"),
    Shot("feedback", "What families think of the answers.", "feedback"),
    Shot("figures", "Figures for the family strategy group, with small numbers hidden.", "figures"),
    Shot("erasure-requests", "Families who want what is kept of them deleted.", "erasure-requests"),
    Shot("people", "Administration: who has an account.", "people"),
    Shot("person", "One of them: roles, prisons, password, shutting out.", "people/{priya}"),
    Shot("person-new", "Adding somebody, with what is missing named.", "people/new", does=_presses("Add them")),
    Shot("digests", "Who gets the daily mail of what is open, and from when.", "daily-mail"),
    Shot("digest", "One of them: whether, and at another hour than the usual one.", "people/{priya}/daily-mail"),
    Shot("prisons", "Prisons, and whether a route leads to somebody at each.", "prisons"),
    Shot("prison", "Who is told of a concern at one prison, with a test.", "prisons/ASM"),
    Shot("wording", "The sentences that staff may send.", "wording"),
    Shot("settings", "What this service runs with, and what changed.", "settings"),
    Shot("log", "The log, and whether it stands as it was written.", "log"),
    Shot("account", "One’s own account.", "account"),
    Shot("recovery-codes", "Recovery codes, shown until they are kept.", "account", "priya"),
    Shot("security-keys", "Security keys, which may take the place of the code.", "account/keys", "priya"),
    Shot("other-role", "A page for other roles.", "people", "priya"),
    Shot("not-there", "A page that is not there, or about another prison: nobody learns which.", "concerns/ABC-4KQ7"),
]  # fmt: skip
