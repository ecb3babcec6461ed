"""Tests of the pages on the facts of February 2021."""

import re
from typing import Any

import pytest
from django.test import Client

from issues.models import Provision, SmallGroup
from members.models import Member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]

# One example of each template and state of the pages open to everyone, which tests/browser also checks.
PAGES = [
    "/",
    "/?as_of=2020-12-07",
    "/small-groups/spam/",
    "/issues/",
    "/issues/B.3/",
    "/sub-issues/B.2.a/",
    "/provisions/customs-duties/",
    "/provisions/customs-duties/history/",
    "/provisions/customs-duties/brackets/1-128/",
    "/proposals/?proponent=CHN&state=tabled&sub_issue=D.3.a",
    "/proposals/e-commerce-programme-for-development/",
    "/members/",
    "/members/IDN/",
    "/compare/?provision=customs-duties&old=2&new=5",
    "/members/IND/",
    "/definitions/",
    "/search/?q=duties",
    "/activity/",
    "/documents/",
    "/documents/inf-ecom-62-rev-1/",
    "/reported-positions/",
    "/reported-positions/16/",
    "/variants/facets/?state=any",
    "/calendar/",
    "/meetings/2021-02-05-first-plenary-of-2021/",
    "/timelines/moratorium/",
    "/lenses/",
    "/lenses/msme/",
    "/convergence/",
    "/variants/?state=any&proponent=EU&section=B&order=oldest",
    "/text/",
    "/text/?mode=members&member=CAN&member=JPN&silence=drop",
    "/compare/",
    "/compare/?start=2020-10-01&small_group=customs-duties",
    "/export/",
    "/landing/?member=USA&member=CHN",
    "/standing/",
    "/standing/?member=USA&with=CHN&since=2020-10-01&order=code",
    "/accounts/login/",
]
# The same templates with other rows and dates, which only the tests in this module read.
ALIKE = [
    "/small-groups/customs-duties/?as_of=2020-10-31",
    "/issues/A.1/",
    "/sub-issues/ANNEX1.a/",
    "/sub-issues/A.2.d/",
    "/provisions/customs-duties/?as_of=2020-09-30",
    "/members/?as_of=2020-06-30",
    "/members/IDN/?as_of=2020-12-07",
    "/provisions/customs-duties/history/?as_of=2020-12-07",
    "/calendar/?kind=plenary&as_of=2020-12-31",
    "/lenses/gender/?as_of=2020-12-07",
    "/timelines/moratorium/?as_of=2019-12-31",
    "/calendar/?planned=true&issue=B.3",
    "/documents/?member=IND&issue=B.3&since=2018-01-01",
    "/convergence/?small_group=customs-duties&as_of=2021-01-15",
    "/activity/?kind=status&since=2021-01-01",
    "/export/?since=2020-12-07&format=docx&small_group=customs-duties",
    "/variants/",
    "/landing/",
    "/proposals/",
    "/search/",
    "/search/?q=moratorum&as_of=2020-12-07",
    "/search/?q=duties&kind=variant",
    "/reported-positions/?member=some-developed-members&place=B.3",
    "/reported-positions/4/?as_of=2021-03-31",
]


def text_of(response: Any) -> str:
    """Return the text of a page without tags, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.parametrize("address", [*PAGES, *ALIKE])
def test_every_page_can_be_opened(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert "<h1" in response.content.decode()


def test_every_small_group_issue_member_and_provision_has_a_page(client: Client) -> None:
    for group in SmallGroup.objects.all():
        assert client.get(f"/small-groups/{group.slug}/").status_code == 200
    for provision in Provision.objects.all():
        assert client.get(f"/provisions/{provision.slug}/").status_code == 200


def test_the_overview_shows_ten_small_groups_with_status_date_and_figures(client: Client) -> None:
    page = client.get("/").content.decode()
    rows = re.findall(r'<tr id="group-([\w-]+)">(.*?)</tr>', page, re.DOTALL)
    assert len(rows) == 10
    spam = dict(rows)["spam"]
    assert "Clean text" in spam
    assert "5 February 2021" in spam
    assert "100 %" in spam


def test_the_overview_states_86_participants_and_that_texts_are_demonstrations(client: Client) -> None:
    page = text_of(client.get("/"))
    assert "86 participants" in page
    assert "The following is invented: the wording of the provisions" in page


def test_provisions_are_marked_as_demonstration_text_wherever_they_appear(client: Client) -> None:
    for address in ("/small-groups/spam/", "/sub-issues/B.2.a/", "/provisions/customs-duties/"):
        assert "Demonstration text" in text_of(client.get(address))
    assert "Demonstration text" in text_of(client.get("/provisions/customs-duties/history/"))


def test_a_page_as_of_a_date_shows_the_text_of_that_date(client: Client) -> None:
    early = text_of(client.get("/provisions/customs-duties/?as_of=2020-03-01"))
    late = text_of(client.get("/provisions/customs-duties/"))
    assert "Revision 1," in early
    assert "Revision 1," not in late
    assert client.get("/provisions/customs-duties/?as_of=2020-01-01").status_code == 404


def test_positions_as_of_a_date_are_those_held_on_that_date(client: Client) -> None:
    def holders(address: str) -> str:
        return text_of(client.get(address)).split("Positions on open brackets")[1]

    assert "Argentina" not in holders("/provisions/customs-duties/?as_of=2020-03-01")
    assert "Argentina" in holders("/provisions/customs-duties/?as_of=2020-06-18")
    assert "Kenya" not in holders("/provisions/customs-duties/?as_of=2020-10-21")
    assert "Kenya" in holders("/provisions/customs-duties/?as_of=2020-10-22")
    # The European Union's bracket was dropped on 5 February 2021.
    assert "European Union" in holders("/provisions/customs-duties/?as_of=2021-02-04")
    assert "European Union" not in holders("/provisions/customs-duties/?as_of=2021-02-05")


def test_an_invalid_or_future_date_is_refused_with_a_clear_message(client: Client) -> None:
    for asked in ("tomorrow", "2021-02-30", "2999-01-01"):
        response = client.get("/", {"as_of": asked})
        assert response.status_code == 400
        assert "Enter the date as YYYY-MM-DD" in text_of(response) or "is in the future" in text_of(response)


def test_a_bracket_shows_its_positions(client: Client) -> None:
    page = client.get("/provisions/customs-duties/").content.decode()
    assert 'class="bracket opposed"' in page
    assert "Indonesia: opposes" in page


def test_a_member_page_lists_its_positions_and_reported_positions(client: Client) -> None:
    page = text_of(client.get("/members/IDN/"))
    assert "Positions logged in the text" in page
    assert "Against extending the moratorium" in page


def test_a_member_that_does_not_participate_is_described_as_such(client: Client) -> None:
    assert "Not a participant" in text_of(client.get("/members/IND/"))


def test_an_unknown_member_or_code_is_not_found(client: Client) -> None:
    for address in ("/members/XYZ/", "/sub-issues/Z.9/", "/provisions/none/", "/small-groups/none/", "/issues/Z/"):
        assert client.get(address).status_code == 404


def test_the_history_describes_each_revision_in_sentences(client: Client) -> None:
    page = text_of(client.get("/provisions/customs-duties/history/"))
    assert "Indonesia opposes" in page or "Indonesia proposes" in page
    assert "First text on record" in page


def test_the_number_of_queries_of_pages_is_limited(client: Client, django_assert_max_num_queries: Any) -> None:
    # The queries are for site_negotiation, the negotiation, participants and, for convergence, measures, places,
    # reports, groups with their sub-issues, issues and facilitators, issues, and the provisions of the last steps.
    with django_assert_max_num_queries(17):
        client.get("/")
    for address, most in [
        ("/small-groups/digital-trade-facilitation/", 26),
        ("/sub-issues/D.3.a/", 26),
        ("/issues/A.2/", 26),
        ("/provisions/data-flows/", 20),
        ("/members/", 8),
        ("/members/CHN/", 24),
        ("/issues/", 10),
        ("/search/?q=duties", 36),
        ("/search/?q=moratorum", 36),
    ]:
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200, address


def test_all_166_members_have_a_page(client: Client) -> None:
    assert Member.objects.count() == 166
    for code in Member.objects.values_list("code", flat=True)[::10]:
        assert client.get(f"/members/{code}/").status_code == 200


def test_pages_do_not_permit_inline_or_external_scripts_and_styles(client: Client) -> None:
    response = client.get("/")
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    page = response.content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//[^"]*\.(?:js|css)', page)
