"""What the templates may call: closed lists of words, and times on the clock of the United Kingdom."""

from datetime import date, datetime

from gateway.callbacks.desk import spoken_number
from gateway.db import now
from gateway.deliveries.codes import in_words
from gateway.spoken import UK
from gateway.wording import choices
from web.console.blueprint import console

# The closed lists of data/wording.yml, for every template and its macros.
console.add_app_template_global(choices)
console.add_app_template_filter(spoken_number, "as_telephone")
console.add_app_template_filter(in_words, "why_not")


@console.app_template_filter("in_uk")
def in_uk(moment: datetime) -> datetime:
    """A moment as the clock on the wall shows it."""
    return moment.astimezone(UK)


@console.app_template_global("days_from_today")
def days_from_today(day: date) -> int:
    """0 for today, 1 for tomorrow, -1 for yesterday."""
    return (day - in_uk(now()).date()).days
