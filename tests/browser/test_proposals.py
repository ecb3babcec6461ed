"""Tests in a browser that Canada tables a proposal, Japan joins it, and the facilitator merges it into a bracket."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from issues.models import Proposal, Provision
from members.models import Member
from tests.browser.faults import complaints_of, faults
from tests.factories import DelegationFactory, FacilitatorFactory, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a-long-demonstration-password"
WORDS = "Each Member shall let recipients stop unsolicited messages free of charge."


@pytest.fixture
def sign_in(browser: Any, live_server: Any, facts_on_disk: None) -> Iterator[Callable[[Any], Page]]:
    """Return a function that logs in a user in a separate browser without JavaScript."""
    contexts = []

    def go(user: Any) -> Page:
        user.set_password(PASSWORD)
        user.save()
        context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
        contexts.append(context)
        page: Page = context.new_page()
        page.goto(f"{live_server.url}/login/")
        page.get_by_label("User name").fill(user.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        return page

    yield go
    for context in contexts:
        context.close()


def delegate(code: str) -> Any:
    user = UserFactory(username=code.lower())
    DelegationFactory(user=user, role="delegate", member=Member.objects.get(code=code))
    return user


def test_a_proposal_is_tabled_cosponsored_and_merged_and_the_variant_links_back_to_it(
    live_server: Any, sign_in: Callable[[Any], Page]
) -> None:
    provision = Provision.objects.select_related("sub_issue").get(slug="online-consumer-protection")
    group = provision.sub_issue.small_groups.get()  # type: ignore[union-attr]

    canada = sign_in(delegate("CAN"))
    canada.goto(live_server.url)
    canada.get_by_role("link", name="Proposals").click()
    canada.get_by_role("link", name="Table a proposal").click()
    canada.get_by_label("Title").fill("Unsolicited messages")
    canada.locator("#id_text").fill(WORDS + " [")
    canada.get_by_label(provision.sub_issue.code).check()  # type: ignore[union-attr]
    canada.get_by_role("button", name="Table this proposal").click()
    expect(canada.locator(".problems")).to_contain_text("is never closed")
    assert canada.locator("#id_text").input_value() == WORDS + " ["
    canada.locator("#id_text").fill(WORDS)
    canada.get_by_role("button", name="Table this proposal").click()
    expect(canada.get_by_role("status")).to_contain_text("Tabled: Unsolicited messages")
    address = canada.url
    canada.get_by_text("Invite a co-sponsor").click()
    canada.get_by_label("Invite", exact=True).select_option(label="Japan")
    canada.get_by_role("button", name="Invite").click()
    expect(canada.get_by_role("status")).to_contain_text("Invitation recorded: the delegation")

    japan = sign_in(delegate("JPN"))
    japan.goto(address)
    japan.get_by_role("button", name="Confirm").click()
    expect(japan.get_by_role("status")).to_contain_text("Confirmed on behalf of")

    facilitator = sign_in(FacilitatorFactory(small_group=group, user=UserFactory(username="facilitator")).user)
    facilitator.goto(address)
    facilitator.get_by_role("link", name="Merge into the text").click()
    facilitator.get_by_role("link", name=provision.heading).click()
    expect(facilitator.get_by_role("button", name="Merge", exact=True)).to_have_count(0)
    facilitator.get_by_role("button", name="Preview the change").click()
    expect(facilitator.locator("#check")).to_contain_text("Canada and Japan propose “Each Member shall let")
    facilitator.get_by_role("button", name="Merge", exact=True).click()
    expect(facilitator.get_by_role("status")).to_contain_text("Merged into")
    row = facilitator.locator("table.stands tr", has_text="let recipients stop")
    row.get_by_role("link", name="Unsolicited messages").click()
    assert facilitator.url == address
    expect(facilitator.locator("main")).to_contain_text("Merged into the text")
    assert set(Proposal.objects.get(slug="unsolicited-messages-can").proponents.values_list("code", flat=True)) == {
        "CAN",
        "JPN",
    }


@pytest.mark.once
def test_proposal_pages_fit_both_screen_sizes_and_are_accessible(
    page: Page, live_server: Any, facts_on_disk: None, client: Any
) -> None:
    client.force_login(delegate("CHN"))
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    proposal = "/proposals/capacity-building-and-technical-assistance/"
    provision = Proposal.objects.get(slug="capacity-building-and-technical-assistance").sub_issues.get().provisions
    complaints = complaints_of(page)
    for address in (
        "/proposals/new/",
        proposal,
        f"{proposal}revise/",
        f"{proposal}merge/",
        f"{proposal}merge/?provision={provision.first().slug}",
    ):
        complaints += faults(page, live_server.url + address)
    assert complaints == []
