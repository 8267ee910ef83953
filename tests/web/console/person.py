"""A member of staff at a browser, for the tests of the console."""

import phone
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.validity import faults

PASSWORD = "twelve plain signs"


class Person:
    """A browser in somebody's hands."""

    def __init__(self, client: FlaskClient, email: str = "", staff_id: int = 0) -> None:
        self.client, self.email, self.staff_id = client, email, staff_id

    @staticmethod
    def links(html: str) -> list[str]:
        """Where the navigation of a page leads."""
        return [str(link["href"]) for link in BeautifulSoup(html, "html.parser").select("nav a[href^='/']")]

    def get(self, path: str, status: int = 200) -> BeautifulSoup:
        """A page, checked for what every page must have."""
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return checked(answer.text)

    def post(self, path: str, follow: bool = True, status: int = 200, **fields: str | list[str]) -> BeautifulSoup:
        """Send a form of the console with its token."""
        answer = self.client.post(path, data={"csrf_token": self.token(), **fields}, follow_redirects=follow)
        assert answer.status_code == status, answer.text
        return checked(answer.text) if follow else BeautifulSoup(answer.text, "html.parser")

    def sign_in(self, email: str, wanted: str = "") -> BeautifulSoup:
        """Password, then the code of their phone."""
        self.post("/console/sign-in", email=email, password=PASSWORD, next=wanted)
        return self.post("/console/sign-in/code", code=phone.code(email))

    def token(self) -> str:
        """What proves that a form came from our page."""
        page = BeautifulSoup(self.client.get("/console/sign-in", follow_redirects=True).text, "html.parser")
        return str(page.find("input", attrs={"name": "csrf_token"})["value"])


def checked(html: str) -> BeautifulSoup:
    """A page that is valid and has a title, one main heading and no link to a place that is not on it."""
    assert faults(html) == []
    page = BeautifulSoup(html, "html5lib")
    ids = {element["id"] for element in page.find_all(id=True)}
    assert page.title.text.strip(" -") not in ("", "Family Gateway")
    assert len(page.find_all("h1")) == 1
    assert all(link["href"].lstrip("#") in ids for link in page.select("a[href^='#']"))
    return page
