"""Tests in a browser that no page, not even in the admin or API reference, violates the security policy."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.factories import DelegationFactory, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADDRESSES = [
    "/nowhere/",
    "/?as_of=soon",
    "/accounts/login/",
    "/api/v1/reference/",
    "/admin/",
    "/admin/issues/provision/add/",
    "/admin/members/member/add/",
    "/admin/admin/logentry/",
]


def test_pages_of_other_libraries_comply_with_the_content_policy_too(page: Page, live_server: Any, client: Any) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url}: {message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    user = UserFactory(is_staff=True, is_superuser=True)
    DelegationFactory(role="secretariat", member=None, user=user)
    client.force_login(user)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    for address in ADDRESSES:
        if address == "/admin/":
            page.context.add_cookies([session])
        page.goto(live_server.url + address)
    assert page.title().startswith("Select log entry")
    # The browser also reports the status of an error page.
    assert [one for one in said if "status of 40" not in one] == []
