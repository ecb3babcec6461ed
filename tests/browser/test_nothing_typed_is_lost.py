"""Tests in browsers that input survives closed tabs, the Back button, expired sessions and repeated submissions."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from issues.models import Provision, Revision
from members.models import Member
from tests.browser.faults import faults_here
from tests.factories import DelegationFactory, MemberFactory, UserFactory, provision_with

# Scripts and navigation are tested here. Other tests make the same queries on both databases.
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]

PASSWORD = "a-long-demonstration-password"
TEXT = "Each Member shall [BRA: promptly] act."
TYPED = "Each Member shall [BRA: promptly] [CAN: always] act."
LOG = "/provisions/article/log/"
OFFER = ".draft"


@pytest.fixture
def article() -> Provision:
    """Return an article with a bracket by Brazil."""
    for code, name in (("BRA", "Brazil"), ("CAN", "Canada")):
        MemberFactory(code=code, name=name)
    return provision_with(TEXT, slug="article", heading="Communication")


@pytest.fixture
def context_of(browser: Any, live_server: Any, article: Provision) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that creates a separate browser context in which a user is logged in."""
    contexts: list[BrowserContext] = []

    def go(user: Any, **given: Any) -> BrowserContext:
        context = browser.new_context(base_url=live_server.url, **given)
        sign_in(context, user)
        contexts.append(context)
        return context

    yield go
    for context in contexts:
        context.close()


def sign_in(context: BrowserContext, user: Any) -> None:
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    # The URL may be that of any page, and the browser context already contains it.
    context.add_cookies([{"name": "sessionid", "value": session, "url": context._impl_obj._options["baseURL"]}])


def delegate(code: str = "CAN", **values: Any) -> Any:
    return DelegationFactory(user=UserFactory(**values), role="delegate", member=Member.objects.get(code=code)).user


def kept_in(page: Page) -> int:
    page.wait_for_load_state("load")  # drafts of recorded changes are deleted on load
    return int(page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft ')).length"))


def wait_until_kept(page: Page, drafts: int) -> None:
    """Wait until the given number of drafts is stored. The content security policy prevents waiting within the page."""
    for _ in range(50):
        if kept_in(page) == drafts:
            return
        page.wait_for_timeout(100)
    assert kept_in(page) == drafts


def type_a_change(page: Page) -> None:
    page.goto(LOG)
    page.get_by_label("Text of the provision").fill(TYPED)
    page.get_by_label("Reason").fill("In the room")


def test_text_typed_in_a_closed_tab_is_offered_again_until_it_is_logged(
    context_of: Callable[..., BrowserContext],
) -> None:
    context = context_of(delegate())
    page = context.new_page()
    type_a_change(page)
    page.close(run_before_unload=False)

    page = context.new_page()
    page.goto(LOG)
    expect(page.locator(OFFER)).to_contain_text("is kept in this browser.")
    assert faults_here(page) == []
    field = page.get_by_label("Text of the provision")
    assert field.input_value() == TEXT
    page.get_by_role("button", name="Restore").click()
    assert field.input_value() == TYPED
    assert page.get_by_label("Reason").input_value() == "In the room"
    expect(page.locator("#check")).to_contain_text("Canada proposes “always”")
    page.get_by_role("button", name="Log this change").click()
    expect(page.get_by_role("status")).to_contain_text("Logged as revision 2")
    assert kept_in(page) == 0
    page.goto(LOG)
    expect(page.locator(OFFER)).to_have_count(0)


def test_a_draft_can_be_discarded_and_is_deleted_when_the_text_is_unchanged(
    context_of: Callable[..., BrowserContext],
) -> None:
    page = context_of(delegate()).new_page()
    type_a_change(page)
    page.goto("/")
    page.goto(LOG)
    page.get_by_role("button", name="Discard").click()
    assert kept_in(page) == 0
    page.get_by_label("Text of the provision").fill(TYPED)
    wait_until_kept(page, 1)
    page.get_by_label("Text of the provision").fill(TEXT)
    wait_until_kept(page, 0)


def test_a_draft_belongs_to_its_account_and_is_deleted_on_logout(
    context_of: Callable[..., BrowserContext],
) -> None:
    canada, brazil = delegate(), delegate("BRA")
    context = context_of(canada)
    page = context.new_page()
    type_a_change(page)
    page.goto("/")
    assert kept_in(page) == 1
    sign_in(context, brazil)
    page.goto(LOG)
    page.wait_for_load_state()
    expect(page.locator(OFFER)).to_have_count(0)
    sign_in(context, canada)
    page.goto(LOG)
    expect(page.locator(OFFER)).to_have_count(1)
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    assert kept_in(page) == 0


def test_a_draft_on_an_older_revision_is_restored_and_combined_with_later_changes(
    context_of: Callable[..., BrowserContext], article: Provision
) -> None:
    page = context_of(delegate()).new_page()
    type_a_change(page)
    other = context_of(delegate("BRA")).new_page()
    other.goto(LOG)
    other.get_by_label("Text of the provision").fill(TEXT + " [BRA: Soon.]")
    other.get_by_role("button", name="Log this change").click()
    expect(other.get_by_role("status")).to_contain_text("Logged as revision 2")

    page.goto("/")
    page.goto(LOG)
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("button", name="Log this change").click()
    expect(page.get_by_role("status")).to_contain_text("Logged as revision 3")
    assert article.revisions.get(number=3).text == TYPED + " [BRA: Soon.]"
    assert kept_in(page) == 0


def test_words_typed_into_a_panel_are_offered_again_at_the_same_bracket(
    context_of: Callable[..., BrowserContext],
) -> None:
    page = context_of(delegate()).new_page()
    panel = f"/provisions/article/?revision=1&at={TEXT.index('[')}"
    page.goto(panel)
    page.get_by_text("Propose an alternative").click()
    page.get_by_label("Alternative proposed by Canada").fill("duly")
    page.goto("/")
    page.goto("/provisions/article/")
    page.locator(".treaty a.touch").first.click()
    page.get_by_role("button", name="Restore").click()
    assert page.get_by_label("Alternative proposed by Canada").input_value() == "duly"
    page.get_by_role("button", name="Propose", exact=True).first.click()
    expect(page.get_by_role("status")).to_contain_text("Canada proposes “duly”")
    assert kept_in(page) == 0


def test_a_refused_text_is_kept_and_not_offered_while_it_is_shown(
    context_of: Callable[..., BrowserContext],
) -> None:
    page = context_of(delegate()).new_page()
    page.goto(LOG)
    page.get_by_label("Text of the provision").fill(TYPED + " [")
    page.get_by_role("button", name="Log this change").click()
    expect(page.get_by_role("alert").first).to_contain_text("is never closed")
    page.wait_for_load_state()
    expect(page.locator(OFFER)).to_have_count(0)
    assert kept_in(page) == 1
    page.goto("/")
    page.goto(LOG)
    page.get_by_role("button", name="Restore").click()
    assert page.get_by_label("Text of the provision").input_value() == TYPED + " ["


@pytest.mark.parametrize("with_javascript", [True, False])
def test_the_back_button_returns_to_the_typed_text(
    context_of: Callable[..., BrowserContext], with_javascript: bool
) -> None:
    page = context_of(delegate(), java_script_enabled=with_javascript).new_page()
    type_a_change(page)
    page.get_by_role("link", name="Members", exact=True).first.click()
    page.go_back()
    assert page.get_by_label("Text of the provision").input_value() == TYPED


@pytest.mark.parametrize("with_javascript", [True, False])
def test_a_user_whose_session_has_ended_logs_in_and_sends_the_text_again(
    context_of: Callable[..., BrowserContext], article: Provision, with_javascript: bool
) -> None:
    alice = delegate(username="alice", password=PASSWORD)
    context = context_of(alice, java_script_enabled=with_javascript)
    page = context.new_page()
    type_a_change(page)
    Session.objects.all().delete()
    if with_javascript:
        page.get_by_label("Text of the provision").press("End")
        page.get_by_label("Text of the provision").press_sequentially(" ")
        page.get_by_label("Text of the provision").press("Backspace")
        said = page.locator("#check").get_by_role("alert")
        expect(said).to_contain_text("Your session has ended, so your text is not checked while you type.")
        expect(said.get_by_role("link", name="Log in")).to_have_attribute("target", "_blank")
    page.get_by_role("button", name="Log this change").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was recorded: your session has ended.")
    if with_javascript:
        assert faults_here(page) == []
    with context.expect_page() as opened:
        page.get_by_role("link", name="Log in (new tab)").click()
    tab = opened.value
    tab.get_by_label("User name").fill("alice")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Log in", exact=True).click()
    expect(tab.get_by_role("button", name="Log out")).to_be_visible()
    assert tab.url.endswith(LOG)
    if with_javascript:
        expect(tab.locator(OFFER)).to_have_count(1)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("alert")).to_contain_text("You are logged in as")
    assert article.revisions.count() == 1
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("status")).to_contain_text("Logged as revision 2")
    assert Revision.objects.get(number=2).text.strip() == TYPED
    if with_javascript:
        assert kept_in(page) == 0


def test_a_user_who_logs_in_again_in_another_tab_can_continue_and_log_the_text(
    context_of: Callable[..., BrowserContext], article: Provision
) -> None:
    alice = delegate(username="alice", password=PASSWORD)
    context = context_of(alice)
    page = context.new_page()
    type_a_change(page)
    expect(page.locator("#check")).to_contain_text("Canada proposes “always”")
    Session.objects.all().delete()
    page.get_by_label("Text of the provision").fill(TYPED.replace("always", "ever"))
    with context.expect_page() as opened:
        page.locator("#check").get_by_role("link", name="Log in").click()
    tab = opened.value
    tab.get_by_label("User name").fill("alice")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Log in", exact=True).click()
    expect(tab.get_by_role("button", name="Log out")).to_be_visible()
    page.get_by_label("Text of the provision").fill(TYPED)
    expect(page.locator("#check")).to_contain_text("Canada proposes “always”")
    page.get_by_role("button", name="Log this change").click()
    expect(page.get_by_role("status")).to_contain_text("Logged as revision 2")


def test_a_live_check_without_a_response_is_reported_in_its_place(context_of: Callable[..., BrowserContext]) -> None:
    page = context_of(delegate()).new_page()
    page.goto(LOG)
    page.route("**/log/check/", lambda route: route.abort())
    page.get_by_label("Text of the provision").fill(TYPED)
    expect(page.locator("#check").get_by_role("alert")).to_contain_text("Not checked")
