"""Tests in a browser of an authenticator app and a passkey as second factors, under the content security policy."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.faults import complaints_of, faults, faults_here
from tests.factories import DelegationFactory, UserFactory
from tests.site.people import PASSWORD, code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server: Any, facts_on_disk: None, settings: Any) -> str:
    """Return the URL of a site that requires a second factor. Its host is `localhost`, as passkeys require."""
    settings.SECOND_FACTOR_REQUIRED = True
    return str(live_server.url)


@pytest.fixture
def alice(site: str) -> Any:
    user = UserFactory(username="alice", password=PASSWORD, first_name="Alice", last_name="Example")
    DelegationFactory(user=user)
    return user


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Return the list of browser errors, such as scripts blocked by the content security policy."""
    return complaints_of(page)


def log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def confirm(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def device(page: Page) -> Any:
    """Give the page a virtual authenticator for passkeys that requires no user interaction."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return protocol


def test_a_delegate_sets_up_the_app_and_logs_in_with_its_code(
    page: Page, site: str, alice: Any, complaints: list[str]
) -> None:
    log_in(page, site)
    expect(page.get_by_role("heading", name="Second factors")).to_be_visible()
    page.get_by_role("link", name="Set up the app").click()
    confirm(page)
    picture = page.get_by_role("img", name="QR code with the secret key of your account")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
    page.get_by_text("Cannot scan the code?").click()
    secret = page.locator(".digest").inner_text()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Protect this account").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    recovery = page.locator(".recovery-codes li").first.inner_text()

    page.get_by_role("button", name="Log out").click()
    log_in(page, site)
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    log_in(page, site)
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.goto(f"{site}/provisions/customs-duties/log/")
    expect(page.get_by_label("Text of the provision")).to_be_visible()
    assert complaints == []


def test_a_delegate_adds_a_passkey_and_logs_in_with_it_with_and_without_a_password(
    page: Page, site: str, alice: Any, complaints: list[str]
) -> None:
    device(page)
    log_in(page, site)
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    page.get_by_label("Name of the passkey").fill("Office")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    page.goto(f"{site}/provisions/customs-duties/log/")
    expect(page.get_by_label("Text of the provision")).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    log_in(page, site)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    page.goto(f"{site}/accounts/login/?next=/accounts/2fa/webauthn/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.goto(f"{site}/accounts/2fa/webauthn/")
    expect(page.get_by_role("row", name=re.compile("Office passwordless"))).to_be_visible()
    assert complaints == []


def test_a_failed_passkey_is_explained_on_the_page(page: Page, site: str, alice: Any) -> None:
    device(page)  # the device has no passkey yet
    page.goto(f"{site}/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")


def test_the_secretariat_invites_a_person_who_creates_an_account(
    page: Page, browser: Any, site: str, settings: Any, complaints: list[str]
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    DelegationFactory(
        role="secretariat", member=None, user=UserFactory(username="alice", password=PASSWORD, first_name="Desk")
    )
    log_in(page, site)
    page.get_by_role("link", name="Your account: Desk").click()
    page.get_by_role("link", name="Manage invitations").click()
    page.get_by_label("E-mail address").fill("ana@example.org")
    page.get_by_label("Role").select_option("Delegate")
    page.get_by_label("Member").select_option("Brazil")
    page.get_by_label("Until").fill("2031-12-31")
    complaints += faults_here(page)
    page.get_by_role("button", name="Send invitation").click()
    link = page.get_by_label("Link (shown only once)").input_value()
    complaints += faults_here(page)
    complaints += faults(page, f"{site}/accounts/invitations/")

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    newcomer = context.new_page()
    complaints += faults(newcomer, link)
    for label, typed in {"Given name": "Ana", "User name": "ana", "Confirm password": PASSWORD}.items():
        newcomer.get_by_label(label).fill(typed)
    newcomer.get_by_label("Password", exact=True).fill(PASSWORD)
    newcomer.get_by_role("button", name="Create account").click()
    expect(newcomer.get_by_text("until 31 December 2031")).to_be_visible()
    complaints += faults_here(newcomer)
    newcomer.goto(f"{site}/provisions/customs-duties/log/")
    expect(newcomer.get_by_label("On behalf of")).to_contain_text("Brazil")
    assert newcomer.goto(link).status == 404
    complaints += faults_here(newcomer)
    context.close()

    page.goto(f"{site}/accounts/invitations/")
    expect(page.get_by_role("row", name=re.compile("ana@example.org"))).to_contain_text("accepted")
    assert complaints == []


@pytest.mark.once
def test_account_pages_fit_both_screen_sizes_and_are_accessible(
    page: Page, site: str, alice: Any, complaints: list[str]
) -> None:
    for address in ("login/", "signup/", "password/reset/", "password/reset/done/", "inactive/", "sso/cancelled/"):
        complaints += faults(page, f"{site}/accounts/{address}")
    complaints += faults(page, f"{site}/accounts/password/reset/key/x-y/")
    complaints += faults(page, f"{site}/accounts/password/reset/key/done/")
    log_in(page, site)
    for address in ("", "2fa/", "sessions/", "password/change/", "reauthenticate/", "logout/", "2fa/webauthn/"):
        complaints += faults(page, f"{site}/accounts/{address}")
    page.goto(f"{site}/accounts/2fa/totp/activate/")
    confirm(page)
    for address in ("2fa/totp/activate/", "2fa/webauthn/add/"):
        complaints += faults(page, f"{site}/accounts/{address}")
    page.goto(f"{site}/accounts/2fa/totp/activate/")
    page.get_by_text("Cannot scan the code?").click()
    page.get_by_label("Code").fill(code_of(page.locator(".digest").inner_text()))
    page.get_by_role("button", name="Protect this account").click()
    for address in ("", "2fa/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/", "2fa/totp/deactivate/"):
        complaints += faults(page, f"{site}/accounts/{address}")
    complaints += faults(page, f"{site}/accounts/2fa/reauthenticate/")
    page.get_by_role("button", name="Log out").click()
    log_in(page, site)
    complaints += faults(page, f"{site}/accounts/2fa/authenticate/")
    assert complaints == []
