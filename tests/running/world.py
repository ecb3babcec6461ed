"""The running site in tests of replicas and faults, with one provision, the person who changes it, and the record."""

import datetime
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import environ
import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.db.utils import load_backend

from issues.models import Revision
from issues.text.verification import provisions_to_verify, verify
from members import tokens
from tests.factories import DelegationFactory, MemberFactory, provision_with
from tests.running.servers import DATABASE, ROOT, PostgreSQL, Redis, Site, binaries, until

TEXT = "Each Member shall [CAN: {}] act."
PAGE, API = "/provisions/tried/", "/api/v1/provisions/tried/"
# Each request has a separate connection, so that killing a worker affects only its own requests. TLS is not used, and
# loading certificates would take longer than a request.
CLIENTS: Any = {"timeout": 30, "limits": httpx.Limits(max_keepalive_connections=0), "verify": False}


@dataclass
class Person:
    """A person who acts for Canada with a browser and a program."""

    site: Site
    token: str
    session: str
    # The number of the last acknowledged change, and the words of all acknowledged changes.
    base: int = 1
    acknowledged: list[str] = field(default_factory=list)

    def program(self) -> httpx.Client:
        """Return the person's program, which has no cookies."""
        return httpx.Client(base_url=self.site.address, headers={"Authorization": f"Bearer {self.token}"}, **CLIENTS)

    def browser(self) -> httpx.Client:
        """Return a browser in which the person is logged in."""
        cookies = {settings.SESSION_COOKIE_NAME: self.session}
        headers = {"Origin": self.site.address}
        return httpx.Client(base_url=self.site.address, cookies=cookies, headers=headers, **CLIENTS)

    def log(self, words: str, key: str = "") -> int:
        """Log a change through the API, and return the status of the response, or 0 if there is none."""
        sent = {"base_revision": self.base, "text": TEXT.format(words), "on_behalf_of": "CAN"}
        try:
            with self.program() as program:
                answer = program.post(f"{API}revisions/", json=sent, headers={"Idempotency-Key": key or words})
        except httpx.TransportError:
            return 0
        if answer.status_code == 201:
            self.base = answer.json()["number"]
            self.acknowledged.append(words)
        return answer.status_code

    def submit(self, browser: httpx.Client, words: str) -> httpx.Response:
        """Log a change through the form on the page, and return the response."""
        form = browser.get(f"{PAGE}log/").text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        acts_for = re.search(r'<option value="(\d+)" selected', form)
        assert acts_for, form
        today = datetime.date.today().isoformat()
        typed = {"text": TEXT.format(words), "made_on": today, "on_behalf_of": acts_for[1], "log": ""}
        answer = browser.post(f"{PAGE}log/", data={**hidden, **typed})
        if answer.status_code == 302:
            self.base += 1
            self.acknowledged.append(words)
        return answer


@dataclass
class World:
    """The running servers, the person, and the record."""

    url: str
    site: Site
    person: Person
    # These are not set on SQLite.
    primary: PostgreSQL = None  # type: ignore[assignment]
    replicas: list[PostgreSQL] = field(default_factory=list)
    redis: Redis | None = None

    def anybody(self, **headers: str) -> httpx.Client:
        """Return an anonymous client."""
        return httpx.Client(base_url=self.site.address, headers=headers, **CLIENTS)

    def shown(self, client: httpx.Client | None = None) -> str:
        """Return the words that the API shows to an anonymous reader or to `client`."""
        return words_in((client or self.anybody()).get(API))

    def recorded(self) -> list[str]:
        """Return the words of every revision on record in order."""
        with self.at_hand():
            texts = list(Revision.objects.order_by("number").values_list("text", flat=True))
        return [one.partition("[CAN: ")[2].partition("]")[0] for one in texts]

    def replayed(self) -> None:
        """Wait until each running replica has replayed all changes."""
        for one in self.replicas:
            until(lambda one=one: one.has_replayed(self.primary))

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Connect the models of this process to the site's database for the duration of the context."""
        with at_hand(self.url):
            yield

    def is_sound(self) -> bool:
        """Return whether the record is unaltered and the index agrees with it."""
        with self.at_hand():
            return not any(found for _, found in verify(provisions_to_verify()))


def words_in(answer: httpx.Response) -> str:
    """Return the words in the bracket of the text in an API response."""
    assert answer.status_code == 200, (answer.status_code, answer.text[:500])
    found = re.search(r"\[CAN: (.*?)\]", answer.text)
    assert found, answer.text[:500]
    return found[1]


def connection_to(url: str, alias: str) -> Any:
    """Return a connection to the database at `url`, with the settings of the test database."""
    there = {**connections["default"].settings_dict, **environ.Env.db_url_config(url)}
    return load_backend(there["ENGINE"]).DatabaseWrapper(there, alias)


@contextmanager
def at_hand(url: str) -> Iterator[None]:
    """Connect the models of this process to the database at `url` for the duration of the context."""
    own = connections["default"]
    connections["default"] = connection_to(url, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = own


def make_tables(server: PostgreSQL) -> None:
    """Create the site's tables on `server` by copying the test database, because migrating takes ten times as long."""
    server.ask(f"CREATE DATABASE {DATABASE}", "postgres")
    own, where = connections["default"].settings_dict, binaries()
    assert where is not None
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    from_there = " ".join(f"{name}={own[key]}" for name, key in names.items() if own[key])
    dump = subprocess.run([where / "pg_dump", "--no-owner", from_there], capture_output=True, check=False)
    if dump.returncode:  # the server is newer than the programs on this machine
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env={**os.environ, "DATABASE_URL": server.url}, check=True)
        return
    load = [where / "psql", "--quiet", "--set=ON_ERROR_STOP=1", server.url]
    loaded = subprocess.run(load, input=dump.stdout, capture_output=True, check=False)
    assert loaded.returncode == 0, loaded.stderr


def people() -> tuple[str, str]:
    """Create the provision and its people in the connected database, and return the person's token and session."""
    canada = MemberFactory(code="CAN", name="Canada")
    users: Any = get_user_model().objects
    user = users.create(username="writer", email="writer@example.org")
    reader = users.create(username="reader", email="reader@example.org")
    reader.set_password("a-long-demonstration-password")
    reader.save()
    DelegationFactory(user=user, role="delegate", member=canada)
    provision_with(TEXT.format("first"), slug="tried")
    _, token = tokens.create_token(user, uuid.uuid4().hex, "write", datetime.timedelta(days=2), second_factor=True)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return token, str(session.session_key)
