"""Tests of the content, audience and cursors of the change feed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Change, Document, Provision, SmallGroup
from issues.sync.catch_up import catch_up_everywhere
from issues.sync.publishing import publish, publishing
from members.models import Member
from tests import people
from tests.confidentiality import world
from tests.confidentiality.world import MARKER
from tests.factories import DelegationFactory, ParticipationFactory, provision_with
from tests.people import client_of

pytestmark = pytest.mark.django_db

FEED = "/api/v1/changes/"


@pytest.fixture(autouse=True)
def _world() -> None:
    world.make()
    catch_up_everywhere()


def read(browser: Client, after: str = "", **asked: Any) -> Any:
    answer = browser.get(FEED, {"cursor": after, **asked})
    assert answer.status_code == 200, answer.content
    return answer.json()


def drain(browser: Client, after: str = "") -> tuple[list[Any], str]:
    """Return all rows after a cursor and the cursor after the last row."""
    rows: list[Any] = []
    while (page := read(browser, after, page_size=500))["results"]:
        rows, after = rows + page["results"], page["next"]
    return rows, after


def log(slug: str, words: str = "And so on.") -> None:
    provision = Provision.objects.get(slug=slug)
    current = provision.revisions.latest("number")
    actor = people.secretariat()
    changes.log(TextChange(provision, base_revision=current.number, edit=f"{current.text} {words}"), actor=actor)


def show(name: str, **values: Any) -> None:
    """Change a provision as the admin does."""
    with publishing():
        Provision.objects.filter(slug=name).update(**values)
        publish(Provision.objects.get(slug=values.get("slug", name)))


def named(rows: list[Any]) -> list[tuple[str, str, str]]:
    return [(row["kind"], row["type"], row["key"]) for row in rows]


def test_a_revision_is_published_once_with_all_its_data() -> None:
    browser = Client()
    _, here = drain(browser)
    log("open")
    [row], after = drain(browser, here)
    logged = Provision.objects.get(slug="open").revisions.latest("number")
    assert (row["kind"], row["type"], row["key"]) == ("added", "revision", "open/3")
    assert row["url"] == "http://testserver/provisions/open/history/#revision-3"
    assert row["data"]["text"] == logged.text
    assert row["data"]["digest"] == logged.digest
    assert row["data"]["made_on"] == logged.made_on.isoformat()
    assert {"number", "recorded_at", "on_behalf_of", "reason", "source", "document", "meeting", "corrects"} < set(
        row["data"]
    )
    assert drain(browser, after) == ([], after)
    assert drain(browser, here)[0] == [row]


def test_a_polling_client_receives_a_cursor_even_without_changes() -> None:
    browser = Client()
    _, here = drain(browser)
    page = read(browser, here)
    assert page == {"results": [], "next": here, "more": False}


def test_a_page_contains_the_requested_number_of_rows_and_the_next_page_continues() -> None:
    browser = Client()
    everything, _ = drain(browser)
    after, seen = "", []
    for _ in everything:
        page = read(browser, after, page_size=1)
        assert len(page["results"]) == 1
        assert page["results"][0]["cursor"] == page["next"]
        assert page["more"] == (len(seen) + 1 < len(everything))
        seen, after = seen + page["results"], page["next"]
    assert seen == everything


@pytest.mark.parametrize("size", ["0", "-1", "501", "ten", "1.5", "٣", "99999999999"])
def test_an_invalid_page_size_returns_an_error_with_the_valid_range(size: str) -> None:
    answer = Client().get(FEED, {"page_size": size})
    assert answer.status_code == 400
    assert "from 1 to 500" in answer.content.decode()


def foreign() -> Iterator[str]:
    _, mine = drain(Client())
    yield from ("x", "é" * 20, mine[:-1], mine[:-1] + ("A" if mine[-1] != "A" else "B"), mine * 50, "AAAA" * 13)


def test_an_invalid_or_foreign_cursor_returns_an_error() -> None:
    for cursor in foreign():
        answer = Client().get(FEED, {"cursor": cursor})
        assert answer.status_code == 400, cursor
        assert "This cursor was not issued to you" in answer.content.decode()


def test_a_cursor_belongs_to_one_reader_and_one_negotiation() -> None:
    _, anybodys = drain(Client())
    assert world.client("analyst").get(FEED, {"cursor": anybodys}).status_code == 400
    one, other = (DelegationFactory(role="analyst", member=None).user for _ in range(2))
    browsers = [Client(), Client()]
    for browser, user in zip(browsers, (one, other), strict=True):
        browser.force_login(user)
    _, ones = drain(browsers[0])
    assert browsers[1].get(FEED, {"cursor": ones}).status_code == 400
    assert browsers[0].get(FEED, {"cursor": ones}).status_code == 200
    from tests.factories import NegotiationFactory

    NegotiationFactory(slug="fish", name="Fish", short_name="Fish")
    catch_up_everywhere()
    assert Client().get(f"/negotiations/fish{FEED}", {"cursor": anybodys}).status_code == 400
    assert Client().get(f"/negotiations/fish{FEED}").status_code == 200


def test_rows_contain_no_numbers_and_cursors_do_not_reveal_their_distance() -> None:
    browser = Client()
    rows, _ = drain(browser)
    cursors = [row["cursor"] for row in rows]
    assert len(set(cursors)) == len(rows)
    assert {len(cursor) for cursor in cursors} == {len(cursors[0])}
    starts = {cursor[:6] for cursor in cursors}
    assert len(starts) == len(cursors), "nothing in common where they begin"
    assert "number" not in {name for row in rows for name in row}


@pytest.mark.parametrize("visibility", ["participants", "group"])
def test_a_hidden_change_does_not_move_the_cursor(visibility: str) -> None:
    world.hide(visibility)
    catch_up_everywhere()
    browser = Client()
    rows, here = drain(browser)
    assert MARKER not in str(rows)
    log(MARKER)
    assert read(browser, here) == {"results": [], "next": here, "more": False}
    log("open")
    after = drain(browser, here)[0]
    assert named(after) == [("added", "revision", "open/3")]


def test_a_hidden_text_is_published_as_gone_without_further_data() -> None:
    browser = Client()
    _, here = drain(browser)
    show("open", visibility="group")
    [row], here = drain(browser, here)
    assert (row["kind"], row["type"], row["key"]) == ("gone", "provision", "open")
    assert row["data"] is None
    assert row["url"] is None
    log("open")
    assert drain(browser, here) == ([], here)


def test_a_text_that_becomes_visible_is_published_with_all_its_revisions() -> None:
    show("open", visibility="group")
    browser = Client()
    rows, here = drain(browser)
    assert "open" not in {row["key"] for row in rows}
    show("open", visibility="public")
    rows, _ = drain(browser, here)
    # Changes that previously only others could read can now be read as well.
    assert named(rows) == [
        ("changed", "provision", "open"),
        ("changed", "provision", "open"),
        ("visible", "revision", "open/1"),
        ("visible", "revision", "open/2"),
    ]


def test_a_new_client_receives_nothing_about_items_hidden_before() -> None:
    show("open", visibility="group")
    assert "open" not in {row["key"] for row in drain(Client())[0]}
    assert "gone" not in {row["kind"] for row in drain(Client())[0]}


def test_a_reader_who_still_has_access_by_another_role_is_not_told_that_a_text_is_gone() -> None:
    delegate = world.client("delegate in the group")
    secretariat = world.client("secretariat")
    (_, his), (_, its) = drain(delegate), drain(secretariat)
    show("open", visibility="group")
    assert named(drain(delegate, his)[0])[0] == ("changed", "provision", "open")
    assert named(drain(secretariat, its)[0]) == [("changed", "provision", "open")]


def test_renaming_a_text_publishes_it_as_gone_and_again_with_everything_that_belongs_to_it() -> None:
    browser = Client()
    _, here = drain(browser)
    show("open", slug="opened")
    assert named(drain(browser, here)[0]) == [
        ("gone", "provision", "open"),
        ("changed", "provision", "opened"),
        ("visible", "revision", "opened/1"),
        ("visible", "revision", "opened/2"),
    ]


def test_a_row_deleted_in_the_admin_is_published_as_gone() -> None:
    browser = Client()
    _, here = drain(browser)
    desk = client_of(people.secretariat(is_staff=True))
    paper = Document.objects.get(slug="paper")
    assert desk.post(f"/admin/issues/document/{paper.pk}/delete/", {"post": "yes"}).status_code == 302
    assert named(drain(browser, here)[0]) == [("gone", "document", "paper")]
    Document.objects.create(
        negotiation=paper.negotiation, slug="paper", title="Again", genre="proposal", source="test", verification="x"
    )
    catch_up_everywhere()
    rows, _ = drain(browser, here)
    assert named(rows) == [("gone", "document", "paper"), ("added", "document", "paper")]


def test_a_reader_whose_rights_change_is_told_to_start_again() -> None:
    member = Member.objects.get(code="BRA")
    user = DelegationFactory(member=member, takes_part=False).user
    browser = Client()
    browser.force_login(user)
    _, here = drain(browser)
    assert read(browser, here)["results"] == []
    ParticipationFactory(member=member)
    answer = browser.get(FEED, {"cursor": here})
    assert answer.status_code == 410
    assert "start again" in answer.content.decode()
    _, here = drain(browser)
    SmallGroup.objects.get(slug="circle").members.add(member)
    assert browser.get(FEED, {"cursor": here}).status_code == 410


def test_a_failed_change_is_not_published() -> None:
    before = Change.objects.count()
    provision = Provision.objects.get(slug="open")

    @publishing()
    def fail() -> None:
        publish(*provision.revisions.all())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with publishing():
        with pytest.raises(ZeroDivisionError):
            fail()
        publish(provision)
    assert Change.objects.count() == before


def test_the_number_of_queries_of_a_page_does_not_grow_with_its_rows() -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert Client().get(FEED, {"page_size": 500}).status_code == 200
        return len(queries)

    few = asked()
    for number in range(4):
        provision_with("It [shall] act.", "It shall act.", slug=f"more-{number}")
    catch_up_everywhere()
    assert asked() == few
    # The queries are for the negotiation, the latest version (1), the rows (1) and the data of each type of object.
    assert few <= 53


def test_an_unknown_parameter_returns_an_error() -> None:
    assert Client().get(FEED, {"since": "yesterday"}).status_code == 400
