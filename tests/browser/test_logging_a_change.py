"""Tests in a browser that a delegate can log in, add a bracket and see the small group's response."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from issues.models import Provision, Revision, SmallGroup
from members.models import Member
from tests.factories import DelegationFactory, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a-long-demonstration-password"


@pytest.fixture
def sign_in(page: Page, live_server: Any, facts_on_disk: None) -> Callable[[str], None]:
    """Return a function that logs in a delegate of a member through the login page."""

    def go(code: str) -> None:
        user = UserFactory(username="alice", password=PASSWORD)
        DelegationFactory(user=user, role="delegate", member=Member.objects.get(code=code))
        page.goto(f"{live_server.url}/login/")
        page.get_by_label("User name").fill("alice")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("button", name="Log out")).to_be_visible()

    return go


def open_brackets(page: Page, live_server: Any, group: str) -> int:
    page.goto(live_server.url)
    return int(page.locator(f"#group-{group} .open-brackets").inner_text().split()[-1])


def test_a_delegate_adds_a_bracket_and_the_groups_number_of_open_brackets_increases(
    page: Page, live_server: Any, sign_in: Callable[[str], None]
) -> None:
    sign_in("CAN")
    group = SmallGroup.objects.get(slug="paperless-trading")
    provision = Provision.objects.of_group(group).first()
    assert provision is not None
    before = open_brackets(page, live_server, group.slug)

    page.goto(f"{live_server.url}/provisions/{provision.slug}/")
    page.get_by_role("link", name="Log a change").click()
    field = page.get_by_label("Text of the provision")
    text = field.input_value()
    field.fill(f"{text}\n\n[CAN propose: Each Member shall report on its progress.]")
    check = page.locator("#check")
    expect(check).to_contain_text("Canada proposes “Each Member shall report on its progress”")
    expect(page.get_by_label("On behalf of")).to_contain_text("Canada")
    page.get_by_role("button", name="Log this change").click()
    expect(page.get_by_role("status")).to_contain_text("Logged as revision")
    expect(page.locator(".treaty .bracket.proposed").last).to_contain_text("report on its progress")

    assert open_brackets(page, live_server, group.slug) == before + 1
    assert Revision.objects.current().get(provision=provision).text.startswith(text)


def test_an_error_is_underlined_in_place_and_the_input_is_kept(
    page: Page, live_server: Any, sign_in: Callable[[str], None]
) -> None:
    sign_in("BRA")
    page.goto(f"{live_server.url}/provisions/customs-duties/log/")
    field = page.get_by_label("Text of the provision")
    typed = field.input_value() + " [BRA propose: one more"
    field.fill(typed)
    expect(page.locator("#check .problems")).to_contain_text("is never closed")
    expect(page.locator("#check .preview .problem")).to_have_text("[")
    page.get_by_role("button", name="Log this change").click()
    expect(page.get_by_role("alert")).to_contain_text("is never closed")
    assert field.input_value() == typed
    assert not Revision.objects.filter(text__contains="one more").exists()


def test_a_change_to_text_of_others_is_refused_with_advice(
    page: Page, live_server: Any, sign_in: Callable[[str], None]
) -> None:
    sign_in("CAN")
    page.goto(f"{live_server.url}/provisions/customs-duties/log/")
    field = page.get_by_label("Text of the provision")
    field.fill(field.input_value().replace("Paragraph 1", "Paragraph 2"))
    expect(page.locator("#check")).to_contain_text(
        "You act for Canada, but this change affects text that does not belong to CAN"
    )


def test_logging_works_without_javascript(browser: Any, live_server: Any, facts_on_disk: None) -> None:
    user = UserFactory(username="alice", password=PASSWORD)
    DelegationFactory(user=user, role="delegate", member=Member.objects.get(code="CAN"))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/login/?next=/provisions/customs-duties/log/")
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    field = page.get_by_label("Text of the provision")
    field.fill(field.input_value() + " [CAN propose: Nothing more.]")
    page.get_by_role("button", name="Check without logging").click()
    expect(page.locator("#check")).to_contain_text("Canada proposes “Nothing more”")
    page.get_by_role("button", name="Log this change").click()
    expect(page.get_by_role("status")).to_contain_text("Logged as revision")
    context.close()
