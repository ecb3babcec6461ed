"""Tests that no facilitator can change a provision outside all small groups, on the page or by a forged request."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page, expect

from issues.access.visibility import groups_of
from issues.models import Provision
from tests.people import client_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def exception(facts_on_disk: None) -> Provision:
    """Return the demonstration's security exception in Annex 1, whose sub-issue belongs directly to its section."""
    call_command("demo_users", verbosity=0)
    found: Provision = Provision.objects.get(slug="security-exception")
    assert found.sub_issue is not None
    assert found.sub_issue.issue is None
    assert not groups_of(found).exists()
    return found


def signed_in(name: str) -> Client:
    return client_of(get_user_model().objects.get(username=name))


def test_a_facilitator_of_another_group_cannot_change_the_security_exception_even_with_a_forged_post(
    browser: Any, live_server: Any, exception: Provision
) -> None:
    facilitator, before = signed_in("facilitator"), exception.revisions.latest("number")
    at = before.text.index("[")
    address = f"/provisions/{exception.slug}/"
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies(
        [{"name": "sessionid", "value": facilitator.cookies["sessionid"].value, "url": live_server.url}]
    )
    page: Page = context.new_page()
    page.goto(f"{live_server.url}{address}")
    page.locator(".treaty .bracket a.touch").first.click()
    panel = page.locator("section#panel")
    expect(panel).to_be_visible()
    assert panel.get_by_role("button").count() == 0
    assert page.get_by_role("link", name="Log a change").count() == 0
    context.close()

    for act in ("lift", "drop", "choose", "merge", "alternatives"):
        sent = {"act": act, "at": at, "revision": before.number, "words": "words"}
        assert facilitator.post(f"{address}operations/", sent).status_code == 422, act
    text = {"text": before.text.replace("[", "", 1).replace("]", "", 1), "base_revision": before.number}
    assert facilitator.post(f"{address}log/", {**text, "made_on": before.made_on}).status_code == 403
    assert facilitator.get(f"{address}log/").status_code == 403
    api = f"/api/v1/provisions/{exception.slug}/revisions/"
    assert facilitator.post(api, text, content_type="application/json").status_code == 403
    assert exception.revisions.latest("number") == before


def test_the_secretariat_can_lift_a_bracket_of_the_security_exception(exception: Provision) -> None:
    at = exception.revisions.latest("number").text.index("[")
    page = signed_in("secretariat").get(f"/provisions/{exception.slug}/", {"at": at})
    assert "Lift the bracket" in page.content.decode()
