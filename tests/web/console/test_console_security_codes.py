"""A code is taken once, whoever sends it again: at the same moment, at another process, as somebody else."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import phone
from person import Person
from world import BOB, KIM

from gateway.config import ROOT
from gateway.db import unit_of_work
from gateway.staff import second_factor
from gateway.staff.service import staff_by_email

# What another process of the web does with a session that is halfway in, and a code.
ELSEWHERE = """
import sys
from person import Person
from web import create_app
person = Person(create_app().test_client())
person.client.set_cookie("session", sys.argv[1])
answer = person.client.post("/console/sign-in/code", data={"csrf_token": person.token(), "code": sys.argv[2]})
print(answer.status_code, "used already" in answer.text)
"""


def let_in(people: list[Person], path: str, code: str) -> int:
    """How many of those come in who send the same code at the same moment."""
    together, tokens = threading.Barrier(len(people)), [person.token() for person in people]

    def send(person: Person, token: str) -> bool:
        together.wait()
        return person.client.post(path, data={"csrf_token": token, "code": code}).status_code == 302

    with ThreadPoolExecutor(len(people)) as pool:
        return sum(pool.map(send, people, tokens))


def test_of_many_who_send_one_code_at_once_one_comes_in(fresh):
    people = [fresh.half_in(BOB) for _ in range(4)]

    assert let_in(people, "/console/sign-in/code", phone.code(BOB)) == 1


def test_of_many_who_send_one_recovery_code_at_once_one_comes_in_and_nobody_after(fresh):
    with unit_of_work() as session:
        code = second_factor.recovery_codes(session, staff_by_email(session, KIM).id)[0]
    people = [fresh.half_in(KIM) for _ in range(4)]

    assert let_in(people, "/console/sign-in/recovery-code", code) == 1
    for typed in (code, code.upper().replace("-", " ")):
        page = fresh.half_in(KIM).post("/console/sign-in/recovery-code", status=400, code=typed)
        assert "was used before" in page.text


def test_a_code_that_was_taken_is_refused_by_another_process_too(fresh):
    first, second, code = fresh.half_in(BOB), fresh.half_in(BOB), phone.code(BOB)
    first.post("/console/sign-in/code", code=code)
    second.token()

    command = [sys.executable, "-c", ELSEWHERE, second.client.get_cookie("session").value, code]
    with_tests = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    other = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=with_tests, check=False, timeout=100)

    assert other.stdout == "400 True\n", other.stderr


def test_a_recovery_code_is_its_owners_alone(fresh):
    with unit_of_work() as session:
        code = second_factor.recovery_codes(session, staff_by_email(session, KIM).id)[0]

    page = fresh.half_in(BOB).post("/console/sign-in/recovery-code", status=400, code=code)

    assert "is not right" in page.text
