"""Tests that the examples in docs/how-to/api-changes.md work."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from django.test import Client

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Negotiation, Provision
from issues.notifications import webhooks
from issues.notifications.delivery import RETRY_DELAYS, deliver_due
from issues.sync.catch_up import catch_up_everywhere
from issues.sync.publishing import publish, publishing
from issues.sync.resources import RESOURCES
from tests.api.test_mirror import state
from tests.confidentiality import world
from tests.factories import UserFactory
from tests.issues.receivers import receiving
from tests.people import secretariat

pytestmark = pytest.mark.django_db

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "api-changes.md").read_text(encoding="utf-8")


@pytest.fixture
def shown() -> SimpleNamespace:
    """Return the names that the code on the page defines."""
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(block, names)
    return SimpleNamespace(**names)


@pytest.fixture
def _world() -> None:
    world.make()
    world.hide("participants")
    catch_up_everywhere()


def log(slug: str) -> None:
    provision = Provision.objects.get(slug=slug)
    current = provision.revisions.latest("number")
    actor = secretariat()
    changes.log(TextChange(provision, base_revision=current.number, edit=f"{current.text} More."), actor=actor)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_world")
def test_the_copy_kept_by_the_documented_code_equals_the_download(shown: SimpleNamespace, live_server: Any) -> None:
    with httpx.Client(base_url=live_server.url) as client:
        copy, cursor = shown.begin(client)
        log("open")
        with publishing():
            Provision.objects.filter(slug=world.MARKER).update(visibility="public")
            publish(Provision.objects.get(slug=world.MARKER))
        copy, cursor = shown.follow(client, copy, cursor)
        assert {key: data for key, data in copy.items() if key[0] != "variant"} == state(Client())
        assert ("revision", f"{world.MARKER}/3") in copy
        with publishing():
            Provision.objects.filter(slug="open").update(visibility="group")
            publish(Provision.objects.get(slug="open"))
        copy, _ = shown.follow(client, copy, cursor)
        assert {key: data for key, data in copy.items() if key[0] != "variant"} == state(Client())
        assert ("revision", "open/3") not in copy


@pytest.mark.usefixtures("_world")
def test_the_documented_webhook_receiver_accepts_each_delivery_once_and_nothing_else(
    shown: SimpleNamespace, settings: Any
) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    negotiation = Negotiation.objects.get(slug="jsi")
    with receiving() as receiver:
        _, secret = webhooks.create(user=UserFactory(), negotiation=negotiation, url=receiver.url)
        log("open")
        deliver_due()
    [(headers, body)] = receiver.came
    sent = int(headers["webhook-timestamp"])
    assert not shown.verify(secret, headers, body, now=sent + 301)
    assert not shown.verify(secret, headers, body.replace(b"open", b"shut"))
    assert not shown.verify(secret, headers | {"webhook-signature": "v1,AAAA"}, body)
    assert not shown.verify(secret, headers | {"webhook-timestamp": "soon"}, body)
    assert shown.verify(secret, headers, body)
    assert not shown.verify(secret, headers, body), "heard before"


def test_the_documentation_lists_every_type_of_item_and_the_retry_delays() -> None:
    assert [name for name in RESOURCES if f"`{name}`" not in PAGE] == []
    assert RETRY_DELAYS == (10, 30, 120, 600, 1800, 3600, 10800, 21600, 43200, 86400)
