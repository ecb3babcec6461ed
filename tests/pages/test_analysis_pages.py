"""Tests of the pages with readings of the whole text, comparisons, agreement and landing zones."""

import datetime
import json
import re
import sys
from typing import Any

import pytest
from django.test import Client

from issues.web.table_files import FORMATS, WORKBOOK
from members.models import GroupingMembership, Member
from tests.factories import GroupingFactory, MemberFactory, ParticipationFactory, provision_with
from tests.pages.test_reading import text_of

pytestmark = pytest.mark.django_db

OCTOBER, DECEMBER = datetime.date(2020, 10, 1), datetime.date(2020, 12, 1)


@pytest.fixture
def parties() -> list[Member]:
    found = [
        MemberFactory(code=code, name=name) for code, name in [("CAN", "Canada"), ("BRA", "Brazil"), ("JPN", "Japan")]
    ]
    for member in found:
        ParticipationFactory(member=member)
    return found


@pytest.fixture
def texts(parties: list[Member]) -> Any:
    return [
        provision_with(
            "Each Party [CAN, JPN propose; BRA oppose: shall] act.",
            "Each Party [CAN propose; BRA oppose; JPN support: shall] act [BRA: in time].",
            days=[OCTOBER, DECEMBER],
            slug="acts",
        ),
        provision_with("It [JPN propose; BRA oppose: always] informs.", days=[OCTOBER], slug="informs"),
    ]


def test_the_whole_text_is_on_one_page_and_each_bracket_has_a_permanent_address(client: Client, texts: Any) -> None:
    page = client.get("/text/").content.decode()
    assert 'id="acts-at-11"' in page
    assert 'href="/provisions/acts/?revision=2&amp;at=11#panel"' in page
    assert 'href="#informs"' in page


def test_the_whole_text_shows_places_revisions_and_labels_of_brackets_outside_the_words(
    client: Client, texts: Any
) -> None:
    text = "1. Each [may/shall] act [CAN: now].\n\n2. [Each] informs.\nOption 1: at once\nOption 2: later"
    code = provision_with(text, slug="numbered", heading="On numbers").parent.code
    response = client.get("/text/")
    html = response.content.decode()
    assert f"{code} On numbers revision 1" in text_of(response)
    assert re.findall(r'data-bracket="([^"]+)"', html.split('<article id="numbered">')[1].split("</article>")[0]) == [
        *("¶1 [1]", "[2]", "¶2 [1]", "[2]", "[3]"),
    ]
    assert f'title="{code} ¶1 [2] · Canada: proposes" data-bracket="[2]"' in html
    assert f'aria-label="Bracket {code} ¶1 [2]: Canada: proposes"' in html
    assert "1. Each [may/shall] act [CAN: now]." in re.sub("<[^>]+>", "", html)
    assert "data-bracket" not in client.get("/text/?mode=base").content.decode()


def test_the_text_can_be_read_as_a_member_would_prefer_it_with_silent_decisions_counted(
    client: Client, texts: Any
) -> None:
    page = text_of(client.get("/text/?mode=members&member=CAN&silence=drop"))
    assert "Each Party shall act. " in page
    assert "It informs." in page
    assert "2 decisions rest on silence" in page
    shown = text_of(client.get("/text/?mode=members&member=CAN"))
    assert "always ]" in shown or "always]" in shown


def test_divided_members_see_the_bracket_and_the_number_of_divisions(client: Client, texts: Any) -> None:
    page = text_of(client.get("/text/?mode=members&member=CAN&member=BRA"))
    assert "1 bracket remains because members are divided" in page


def test_the_base_text_omits_proposed_words(client: Client, texts: Any) -> None:
    page = text_of(client.get("/text/?mode=base"))
    assert "Each Party act." in page


def test_two_dates_are_compared_in_sentences_and_as_a_redline(client: Client, texts: Any) -> None:
    answer = client.get("/compare/?start=2020-11-01")
    page = answer.content.decode()
    assert "1 of 2 provisions differs from its text at the end of 1 November 2020." in text_of(answer)
    assert "Brazil proposes “in time”." in page
    assert "<ins> [BRA: in time]</ins>" in page
    assert "open brackets 1 → 2" in text_of(answer)


def test_two_revisions_of_a_provision_can_be_compared_whatever_their_dates(client: Client, texts: Any) -> None:
    page = text_of(client.get("/compare/?provision=acts&old=1&new=2"))
    assert "Changes between two revisions" in page
    assert "Revision 1 to 2" in page
    assert "Brazil proposes “in time”." in page
    assert "Revision 1 to 2" in text_of(client.get("/compare/?provision=acts&old=1"))


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("old=1&new=2", 400, "Choose the provision whose revisions you want to compare."),
        ("provision=acts", 400, "Choose a start date, or a starting revision of one provision."),
        ("provision=acts&old=2&new=1", 400, "Swap the two"),
        ("provision=acts&old=7", 404, ""),
        ("provision=acts&old=0", 400, ""),
    ],
)
def test_revisions_that_cannot_be_compared_are_refused_with_advice(
    client: Client, texts: Any, asked: str, status: int, said: str
) -> None:
    answer = client.get(f"/compare/?{asked}")
    assert answer.status_code == status
    assert said in answer.content.decode()


def test_a_comparison_that_ends_before_it_starts_is_refused_and_keeps_the_dates(client: Client, texts: Any) -> None:
    answer = client.get("/compare/?start=2020-12-01&end=2020-11-01")
    assert answer.status_code == 400
    assert "Swap the two" in answer.content.decode()
    assert 'value="2020-12-01"' in answer.content.decode()


def test_a_landing_zone_names_the_most_supported_option_and_the_members_that_would_have_to_move(
    client: Client, texts: Any
) -> None:
    page = text_of(client.get("/landing/"))
    assert "The positions of 2 of the 3 parties that take a side allow one text without brackets" in page
    assert "0 other parties take no side here. Silence does not count as agreement." in page
    assert "No other set of parties that take a side is as large." in page
    assert "According to WTO practice: 3 participants. Counted in analyses: 3 parties that can stand" in page
    assert "Outside the set: Brazil" in page
    assert "most support, least opposition 2 for (Canada; Japan) · 1 would have to move (Brazil)" in page


def test_names_that_contain_commas_are_joined_by_semicolons(client: Client, texts: Any) -> None:
    Member.objects.filter(code="CAN").update(name="Bahrain, Kingdom of")
    page = text_of(client.get("/landing/"))
    assert "2 for (Bahrain, Kingdom of; Japan) ·" in page
    french = text_of(client.get("/landing/", headers={"accept-language": "fr"}))
    assert " (Bahrain, Kingdom of ; Japan) ·" in french
    whole = client.get("/text/?as_of=2020-10-31").content.decode()
    assert "Bahrain, Kingdom of; Japan: proposes" in whole


def test_an_interrupted_search_for_landing_zones_is_reported_without_mention_of_nesting(
    client: Client, texts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["issues.reports.analysis.largest_sets"], "MOST_STEPS", 1)
    page = text_of(client.get("/landing/"))
    assert "The search reached its step limit" in page
    assert "The positions of at least 1 of the 3 parties" in page
    assert "as large" not in page
    zone = client.get("/api/v1/landing/zone/").json()
    assert (zone["inexact_because"], zone["bound"], zone["unique"]) == (["steps"], "lower", None)


def test_sets_of_equal_size_are_counted_and_the_parties_in_all_some_and_none_are_named(
    client: Client, texts: Any
) -> None:
    ParticipationFactory(member=MemberFactory(code="KEN", name="Kenya"))
    provision_with("It [CAN propose; JPN oppose: never] delays.", days=[OCTOBER], slug="delays")
    page = text_of(client.get("/landing/"))
    assert "The positions of 1 of the 3 parties that take a side" in page
    assert "1 other party takes no side here." in page
    assert "There are 3 different sets of this size, and none is larger." in page
    assert "In all of these sets: no party In some of them: Brazil; Canada; Japan In none of them: no party" in page
    zone = client.get("/api/v1/landing/zone/").json()
    assert (zone["unique"], zone["sets"], zone["sets_counted"]) == (False, 3, True)
    assert (zone["in_all"], zone["in_none"], zone["silent"]) == (["KEN"], [], ["KEN"])


def test_the_union_and_its_member_states_count_once_on_pages_in_files_and_in_the_api(
    client: Client, texts: Any
) -> None:
    union, france = MemberFactory(code="EU", name="European Union"), MemberFactory(code="FRA", name="France")
    for member in (union, france):
        ParticipationFactory(member=member)
    GroupingFactory(code="EU MEMBER STATES", speaks=False, represented_by=union, members=[union, france])
    provision_with("It [BRA propose; EU oppose; FRA support: soon] ends.", days=[OCTOBER], slug="ends")
    for address in ("/landing/", "/standing/", "/landing/?member=FRA", "/standing/?member=FRA"):
        page = text_of(client.get(address))
        assert "According to WTO practice: 5 participants. Counted in analyses: 4 parties that can stand" in page
        assert "One party: European Union with the 1 participant for which it negotiates." in page
        assert ("France is counted together with European Union." in page) == ("FRA" in address)
    assert "Members nearest to and farthest from European Union" in text_of(client.get("/standing/?member=FRA"))
    zone = client.get("/api/v1/landing/zone/").json()
    assert (zone["participants"], zone["parties"], zone["taking_sides"]) == (5, 4, 4)
    assert zone["represented"] == [{"by": "EU", "members": ["FRA"]}]
    assert {"FRA"}.isdisjoint([*zone["members"], *zone["outside"]])
    for asked in ("EU", "FRA"):
        answer = client.get(f"/api/v1/agreement/?member={asked}").json()
        assert [(row["member"], row["other"], row["share"]) for row in answer["results"]] == [("EU", "BRA", 0.0)]
        assert answer["population"]["parties"] == 4
        lines = client.get(f"/standing/export/?member={asked}").getvalue().decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
        assert lines[1:3] == ["EU,BRA,0,1,1,0.0000,no", ""]
        assert {"participants,5", "parties,4", "represented,EU for FRA"} <= {*lines}
        assert client.get(f"/api/v1/landing/?member={asked}&member=BRA").json()["count"] == 1


def test_the_landing_zones_page_mentions_adjacent_brackets_that_may_be_alternatives(client: Client, texts: Any) -> None:
    assert "Brackets side by side" not in text_of(client.get("/landing/"))
    provision_with("It lasts [CAN: five years] [JPN: ten years].", days=[OCTOBER], slug="lasts")
    assert "All these figures treat adjacent brackets as independent" in text_of(client.get("/landing/"))


def test_only_choices_that_divide_the_selected_members_are_listed(client: Client, texts: Any) -> None:
    page = text_of(client.get("/landing/?member=CAN&member=BRA"))
    assert "1 choice divides" in page
    assert "always" not in page
    assert "0 choices divide" in text_of(client.get("/landing/?member=CAN&member=JPN"))


def test_agreement_states_how_often_two_members_take_the_same_side(client: Client, texts: Any) -> None:
    page = client.get("/standing/?member=BRA&with=JPN").content.decode()
    assert "JPN and BRA: 0 of 2 on the same side" in page or "BRA and JPN: 0 of 2 on the same side" in page
    assert "only 2" in page


def test_agreement_can_be_downloaded_in_three_formats_with_its_query_date_and_negotiation(
    client: Client, texts: Any
) -> None:
    page = client.get("/standing/?as_of=2020-12-02").content.decode()
    for ending in FORMATS:
        assert re.search(rf'href="(/standing/export/\?[^"]*format={ending}[^"]*)"', page)
    asked = "as_of=2020-12-02&since=2020-10-02&least=1"
    lines = client.get(f"/standing/export/?{asked}").getvalue().decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "member,other_member,same,opposite,n,share,demonstration"
    assert {"JPN,BRA,0,2,2,0.0000,no", "JPN,CAN,1,0,1,1.0000,no", "as_of,2020-12-02", f"query,{asked}"} <= {*lines}
    assert "left_out,Parts that this reader is not permitted to see are omitted." in lines
    said = json.loads(client.get(f"/standing/export/?format=json&{asked}").content)
    assert said["negotiation"] == texts[0].negotiation.slug
    assert said["address"].endswith(f"/standing/export/?format=json&{asked}")
    pair = {
        "member": "JPN",
        "other_member": "BRA",
        "same": 0,
        "opposite": 2,
        "n": 2,
        "share": "0.0000",
        "demonstration": "no",
    }
    assert pair in said["agreement"]
    assert client.get("/standing/export/?format=xlsx").headers["Content-Type"] == WORKBOOK
    assert client.get("/standing/export/?format=pdf").status_code == 400


def test_on_an_earlier_date_positions_are_those_of_that_date(client: Client, texts: Any) -> None:
    assert "Sides are taken on 2 open variants" in text_of(client.get("/standing/?as_of=2020-11-01"))
    assert "Sides are taken on 3 open variants" in text_of(client.get("/standing/"))


@pytest.mark.parametrize(
    "address", ["/text/", "/compare/?start=2020-11-01", "/landing/", "/standing/?member=CAN&with=BRA"]
)
def test_the_number_of_queries_does_not_grow_with_the_text(
    client: Client, texts: Any, address: str, django_assert_max_num_queries: Any
) -> None:
    client.get(address)  # load the register of names, which is then cached
    for number in range(8):
        provision_with(
            "It [CAN: a] acts [BRA oppose: b].",
            "It [CAN: a] acts [BRA oppose: bc].",
            slug=f"more-{number}",
            days=[OCTOBER, DECEMBER],
        )
    with django_assert_max_num_queries(17):
        client.get(address)


def test_an_unknown_member_or_date_is_named_in_the_response(client: Client, texts: Any) -> None:
    for address, said in [
        ("/standing/?member=XXX", "No participant has this code"),
        ("/landing/?as_of=yesterday", "YYYY-MM-DD"),
        ("/text/?section=Z", "does not exist in this negotiation"),
    ]:
        answer = client.get(address)
        assert answer.status_code == 400
        assert said in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/text/?as_of=2020-12-20&mode=members&member=KEN&silence=drop",
        "/landing/?as_of=2020-12-20&member=KEN&member=BRA",
        "/api/v1/readings/?as_of=2020-12-20&mode=members&member=KEN&silence=drop",
        "/api/v1/landing/?as_of=2020-12-20",
        "/api/v1/landing/zone/?as_of=2020-12-20",
    ],
)
def test_leaving_a_grouping_does_not_change_figures_of_earlier_dates(
    client: Client, parties: list[Member], address: str
) -> None:
    kenya = MemberFactory(code="KEN", name="Kenya")
    ParticipationFactory(member=kenya)
    GroupingFactory(code="AFRICAN GROUP", name="African Group", speaks=True, members=[kenya])
    provision_with("It [AFRICAN GROUP propose; BRA oppose: always] informs.", days=[OCTOBER], slug="informs")
    before, now = _answer(client, address), _answer(client, address.replace("as_of=2020-12-20&", ""))
    GroupingMembership.objects.filter(member=kenya).update(until=datetime.date(2025, 1, 1))
    assert _answer(client, address) == before
    if "as_of=2020-12-20&" in address:
        assert _answer(client, address.replace("as_of=2020-12-20&", "")) != now


def _answer(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.json()) if "/api/" in address else text_of(answer)


@pytest.mark.usefixtures("facts")
def test_a_movement_that_starts_after_the_selected_date_is_refused_and_the_input_is_kept(client: Client) -> None:
    answer = client.get("/standing/?since=2021-01-15&as_of=2020-12-07&least=3")
    assert answer.status_code == 400
    assert "15 January 2021 is after the selected date, 7 December 2020" in text_of(answer)
    page = answer.content.decode()
    assert 'value="2021-01-15"' in page
    assert 'value="3"' in page
    assert client.get("/standing/map.svg?since=2021-01-15&as_of=2020-12-07").status_code == 400
