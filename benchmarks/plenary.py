"""The users of a plenary day, simulated by locust, which `benchmarks.load` starts.

A reader opens a page about every half minute. A logger opens the form, waits, and adds the member's proposal between
two words of base text or, if the text already contains the proposal, removes it. If another change was logged first,
the logger retries with the new text.
"""

import html
import json
import os
import random
import re
from itertools import count
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, between, events, task

from benchmarks.load import ACKNOWLEDGED, LOGGERS, PEOPLE, PROGRAMS, READERS, REFUSED, SOURCE_PREFIX

FOLDER = Path(os.environ["LOAD_FOLDER"])
DAY = json.loads((FOLDER / PEOPLE).read_text())
# Any value is accepted if the cookie and the form contain the same value.
CSRF = "plenaryplenaryplenaryplenaryplen"
PAGES = [
    "/",
    "/",
    "/text/",
    "/issues/",
    "/variants/",
    "/convergence/",
    "/standing/",
    "/calendar/",
    "/activity/",
    "/proposals/",
]
acknowledged: list[str] = []
# The refused changes, which are reported after the run.
refused: list[dict[str, str]] = []
readers, loggers, programs = count(), count(), count()


@events.test_stop.add_listener  # type: ignore[untyped-decorator]
def _write(**_: Any) -> None:
    (FOLDER / ACKNOWLEDGED).write_text(json.dumps(acknowledged))
    (FOLDER / REFUSED).write_text(json.dumps(refused, ensure_ascii=False, indent=1))


class Reader(FastHttpUser):
    """A delegate or observer. Every second reader is logged in."""

    fixed_count = READERS
    wait_time = between(15, 45)

    def on_start(self) -> None:
        """Choose the session, and start at a random moment."""
        number = next(readers)
        sessions = DAY["readers"]
        self.headers = {"Cookie": f"sessionid={sessions[number % len(sessions)]}"} if number % 2 else {}
        gevent.sleep(random.uniform(0, 15))

    @task(3)
    def read_page(self) -> None:
        """Read a frequently visited page."""
        self.client.get(random.choice(PAGES), name="a page read", headers=self.headers)

    @task(5)
    def read_provision(self) -> None:
        """Read a provision or its history."""
        text = f"/provisions/{random.choice(DAY['provisions'])}/"
        self.client.get(random.choice([text, text, text + "history/"]), name="a page read", headers=self.headers)

    @task(2)
    def read_member(self) -> None:
        """Read the page of a member."""
        self.client.get(f"/members/{random.choice(DAY['members'])}/", name="a page read", headers=self.headers)


class Logger(FastHttpUser):
    """A delegate who logs the proposals of a member."""

    fixed_count = LOGGERS
    wait_time = between(15, 45)

    def on_start(self) -> None:
        """Log in, and start at a random moment."""
        person = DAY["loggers"][next(loggers) % len(DAY["loggers"])]
        self.member = person["member"]
        self.headers = {"Cookie": f"sessionid={person['session']}; csrftoken={CSRF}"}
        self.proposal = f"[{self.member}: as said in the room]"
        gevent.sleep(random.uniform(0, 15))

    @task
    def log_change(self) -> None:
        """Log a change in at most three attempts."""
        slug = random.choice(DAY["provisions"])
        for _ in range(3):
            if self._try_to_log(slug):
                return

    def _try_to_log(self, slug: str) -> bool:
        url = f"/provisions/{slug}/log/"
        page = self.client.get(url, name="the form of a change", headers=self.headers)
        if page.status_code != 200:
            return True
        content = page.text or ""
        text = html.unescape(re.search(r"<textarea[^>]*>\r?\n?(.*?)</textarea>", content, re.DOTALL)[1])  # type: ignore[index]
        changed, key = self._changed(text), _value(content, "idempotency_key")
        if changed == text:
            return True
        gevent.sleep(random.uniform(1, 4))
        form = {
            "csrfmiddlewaretoken": CSRF,
            "base_revision": _value(content, "base_revision"),
            "idempotency_key": key,
            "text": changed,
            "on_behalf_of": re.search(r'<option value="(\d+)" selected>', content)[1],  # type: ignore[index]
            "made_on": _value(content, "made_on"),
            "reason": "Said in the plenary",
            "source": f"{SOURCE_PREFIX}{key}",
            "log": "",
        }
        with self.client.post(
            url, data=form, name="a change logged", headers=self.headers, allow_redirects=False, catch_response=True
        ) as response:
            if response.status_code == 302:
                acknowledged.append(f"{SOURCE_PREFIX}{key}")
                response.success()
            elif response.status_code == 409:
                response.success()  # in a conflict, the page shows both versions
                return False
            else:
                refused.append({"text": slug, "member": self.member, "on": form["base_revision"], "wanted": changed})
                response.failure(f"{response.status_code}: {_reason(response.text)}")
        return True

    def _changed(self, text: str) -> str:
        """Return `text` without the member's proposal or, if `text` lacks the proposal, with it in base text."""
        if self.proposal in text:
            return text.replace(f" {self.proposal}", "", 1)
        # Only places between long words are used. After “or”, the proposal would be an alternative to other brackets.
        places = [
            match.start()
            for match in re.finditer(r"(?<=[a-z]{4}) (?=[a-z]{4})", text)
            if text.count("[", 0, match.start()) == text.count("]", 0, match.start())
        ]
        if not places:
            return text  # the whole text is in brackets
        offset = random.choice(places)
        return f"{text[:offset]} {self.proposal}{text[offset:]}"


class Program(FastHttpUser):
    """A program that maintains a copy by polling status, variants and changes with conditional requests."""

    fixed_count = PROGRAMS
    wait_time = between(2, 4)

    def on_start(self) -> None:
        """Choose the credentials. Every second program uses a token."""
        number, self.next = next(programs), "/api/v1/changes/"
        self.tags: dict[str, str] = {}
        tokens = DAY["tokens"]
        self.headers = {"Authorization": f"Bearer {tokens[number % len(tokens)]}"} if number % 2 else {}

    @task
    def poll(self) -> None:
        """Poll one resource. The status 304 counts as a success."""
        url = random.choice(["/api/v1/status/", "/api/v1/variants/", "/api/v1/small-groups/", self.next])
        known = {"If-None-Match": self.tags[url]} if url in self.tags else {}
        response = self.client.get(url, name="a program's poll", headers={**self.headers, **known})
        if response.status_code == 200:
            self.tags[url] = str(response.headers["ETag"]) if response.headers else ""
            if url == self.next:
                self._follow(response.json())

    def _follow(self, page: dict[str, Any]) -> None:
        if following := page.get("next"):
            self.next = f"/api/v1/changes/?cursor={following}"


def _value(page: str, name: str) -> str:
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    match = re.search(r'value="([^"]*)"', tag[0]) if tag else None
    return html.unescape(match[1]) if match else ""


def _reason(page: str) -> str:
    match = re.search(r'role="alert">([^<]*)', page)
    return html.unescape(match[1])[:200] if match else page[:200]
