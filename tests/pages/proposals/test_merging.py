"""Tests that a proposal is merged on its page after a preview."""

from typing import Any

import pytest
from django.test import Client

from issues.actions import changes, proposals
from issues.actions.edits import TextChange
from issues.actions.proposals import Entry, Placement
from issues.models import Provision, SubIssue
from tests.factories import provision_with
from tests.pages.forms import form_with
from tests.pages.proposals.entries import (
    BASE,
    PAGE,
    WORDS,
    merge,
    merging,
    page_of,
    revised_after_japan_joined,
    seen,
    tabled,
)
from tests.pages.test_reading import text_of
from tests.people import client_of, delegate, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def provision(place: SubIssue) -> Provision:
    """Return a provision with a bracket by Brazil in the sub-issue."""
    return provision_with(BASE, sub_issue=place, slug="article")


def test_a_facilitator_merges_a_proposal_and_the_variant_links_back(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    assert "article" in page_of(facilitator.get(f"{PAGE}merge/"))
    assert BASE in page_of(facilitator.get(f"{PAGE}merge/?provision=article"))
    said = facilitator.post(f"{PAGE}merge/", merging())
    assert "Canada proposes “No Member shall impose customs duties”" in page_of(said)
    assert provision.revisions.count() == 1
    answer = merge(facilitator)
    assert "Merged into this text as revision 2: Canada proposes “No Member shall impose customs duties”." in text_of(
        answer
    )
    assert "from the proposal Customs duties" in text_of(answer)
    page = text_of(facilitator.get(PAGE))
    assert "Merged into the text" in page
    assert "Merged into the text: B.1.a Article, revision 2" in page


def test_a_merge_is_recorded_only_after_its_preview(place: SubIssue, provision: Provision, facilitator: Client) -> None:
    tabled(place)
    mark = seen(facilitator.post(f"{PAGE}merge/", merging()))
    changed = merging(words="customs duties", seen=mark, merge="")
    del changed["check"]
    answer = facilitator.post(f"{PAGE}merge/", changed)
    assert "Canada proposes “customs duties”" in page_of(answer)
    assert provision.revisions.count() == 1


def test_words_are_placed_next_to_a_bracket_chosen_from_a_list_or_typed_as_a_whole_text(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    assert "“[BRA: promptly]”" in page_of(facilitator.get(f"{PAGE}merge/?provision=article"))
    merge(facilitator, place="beside", beside=str(BASE.index("[")), words="customs duties")
    text = provision.revisions.get(number=2).text
    assert text == "Each Member shall [BRA: promptly] / [CAN: customs duties] act."
    merge(facilitator, base=2, place="whole", whole=text + " [CAN: No Member shall]", idempotency_key="other")
    assert provision.revisions.get(number=3).text == text + " [CAN: No Member shall]"


def brazil_logs(provision: Provision, text: str) -> None:
    changes.log(TextChange(provision, base_revision=1, edit=text, on_behalf_of=member("BRA")), actor=delegate("BRA"))


def test_words_added_at_the_end_are_added_to_the_current_text(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    brazil_logs(provision, f"{BASE}\n[BRA: Always.]")
    said = facilitator.post(f"{PAGE}merge/", merging())
    late = facilitator.post(f"{PAGE}merge/", {**form_with(said, "words").fields, "merge": ""})
    assert late.status_code == 409
    assert "Brazil (2)" in page_of(late)
    assert "“No Member shall impose customs duties”" in text_of(late)
    assert facilitator.post(f"{PAGE}merge/", {**form_with(late, "words").fields, "merge": ""}).status_code == 302
    assert provision.revisions.latest("number").text == f"{BASE}\n[BRA: Always.]\n[CAN: {WORDS}]"


def test_words_next_to_a_bracket_follow_the_bracket_to_its_current_place(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    said = facilitator.post(f"{PAGE}merge/", merging(place="beside", beside=str(BASE.index("["))))
    brazil_logs(provision, "[BRA: In time,] " + BASE.replace("[BRA: promptly]", "[BRA propose: promptly]"))
    late = facilitator.post(f"{PAGE}merge/", {**form_with(said, "words").fields, "merge": ""})
    if late.status_code == 409:
        late = facilitator.post(f"{PAGE}merge/", {**form_with(late, "words").fields, "merge": ""})
    assert late.status_code == 302
    assert f"[BRA propose: promptly] / [CAN: {WORDS}] act" in provision.revisions.latest("number").text


def test_words_next_to_a_removed_bracket_are_kept_and_its_outcome_is_stated(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    said = facilitator.post(f"{PAGE}merge/", merging(place="beside", beside=str(BASE.index("["))))
    brazil_logs(provision, BASE.replace("[BRA: promptly] ", ""))
    late = facilitator.post(f"{PAGE}merge/", {**form_with(said, "words").fields, "merge": ""})
    assert late.status_code == 409
    assert page_of(late).count("This bracket was dropped in revision 2") == 1
    assert form_with(late, "words").fields["words"] == WORDS
    assert provision.revisions.count() == 2


def test_a_typed_text_is_combined_with_changes_logged_since(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    tabled(place)
    mine = BASE.replace("[BRA: promptly]", "promptly") + " [CAN: No Member shall]"
    said = facilitator.post(f"{PAGE}merge/", merging(place="whole", whole=mine))
    brazil_logs(provision, "[BRA: In time,] " + BASE.replace("promptly", "at once"))
    late = facilitator.post(f"{PAGE}merge/", {**form_with(said, "words").fields, "merge": ""})
    assert late.status_code == 409
    stands = "[BRA: In time,] " + BASE.replace("promptly", "at once") + " [CAN: No Member shall]"
    assert form_with(late, "whole").fields["whole"] == stands
    again = facilitator.post(f"{PAGE}merge/", {**form_with(late, "whole").fields, "merge": ""})
    assert again.status_code == 422
    taken = facilitator.post(f"{PAGE}merge/", {**form_with(late, "whole").fields, "take": "1-m"})
    assert form_with(taken, "whole").fields["whole"] == f"[BRA: In time,] {mine}"
    assert facilitator.post(f"{PAGE}merge/", {**form_with(taken, "whole").fields, "merge": ""}).status_code == 302
    assert provision.revisions.latest("number").text == f"[BRA: In time,] {mine}"


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"words": " "}, 422, "No words were entered"),
        ({"words": "open ["}, 422, "is never closed"),
        ({"place": "beside", "beside": ""}, 422, "Choose the bracket to place the words next to"),
        ({"place": "beside", "beside": "3"}, 422, "3 is not one of the available choices"),
        ({"place": "elsewhere"}, 422, "not one of the available choices"),
        ({"place": "whole", "whole": "open ["}, 200, "is never closed"),
        ({"base": "9"}, 422, "This text has no revision 9."),
        ({"base": "x"}, 422, "words"),
        ({"provision": "none"}, 404, "not found"),
    ],
)
def test_a_refused_merge_is_returned_with_the_reason(
    place: SubIssue, provision: Provision, facilitator: Client, wrong: dict[str, Any], status: int, said: str
) -> None:
    tabled(place)
    answer = facilitator.post(f"{PAGE}merge/", merging(**wrong))
    assert answer.status_code == status
    assert said in page_of(answer)
    assert provision.revisions.count() == 1


def test_a_delegate_can_merge_only_on_behalf_of_their_member(
    place: SubIssue, provision: Provision, canada: Client
) -> None:
    tabled(place)
    refused = canada.post(f"{PAGE}merge/", merging(on_behalf_of=""))
    assert refused.status_code == 422
    whole = canada.post(f"{PAGE}merge/", merging(on_behalf_of="CAN", place="whole", whole=BASE.replace("shall", "may")))
    assert "change affects text that does not belong to CAN" in page_of(whole)
    assert "Merge</button>" not in page_of(whole)
    merge(canada, on_behalf_of="CAN")
    assert provision.revisions.get(number=2).text == f"{BASE}\n[CAN: {WORDS}]"


def test_a_merge_into_a_text_with_a_wider_readership_shows_a_warning(
    place: SubIssue, provision: Provision, canada: Client
) -> None:
    tabled(place, visibility="participants")
    said = "This provision has a wider readership (everybody) than the proposal (participants)"
    assert said in text_of(canada.get(f"{PAGE}merge/?provision=article"))


def test_a_restricted_proposal_is_not_shown_at_variants_to_other_readers(
    place: SubIssue, provision: Provision, canada: Client
) -> None:
    found = tabled(place, visibility="group", symbol="INF/ECOM/99")
    placing = Placement(words="Words for all.")
    proposals.merge_into(found, provision, placing, Entry(delegate("CAN"), member("CAN")), base=1)
    assert "from the proposal Customs duties" in text_of(canada.get("/provisions/article/"))
    at = BASE.index("[")
    for reader in (Client(), client_of(delegate("BRA"))):
        for address in (
            "/provisions/article/",
            f"/provisions/article/?revision=2&at={len(BASE) + 1}",
            f"/provisions/article/?revision=2&at={at}",
            "/provisions/article/history/",
            "/sub-issues/B.1.a/",
        ):
            page = page_of(reader.get(address))
            assert "Words for all" in page
            assert "customs-duties-can" not in page
            assert "INF/ECOM/99" not in page
            assert "rom proposal" not in page


def test_the_proposal_page_does_not_name_a_provision_that_the_reader_cannot_see(
    place: SubIssue, secretariat: Client
) -> None:
    provision_with(BASE, sub_issue=place, slug="closed", heading="Hidden article", visibility="group")
    tabled(place)
    merge(secretariat, provision="closed")
    assert "Hidden article" in text_of(secretariat.get(PAGE))
    page = text_of(Client().get(PAGE))
    assert "Hidden article" not in page
    assert "Merged into the text" in page


def test_the_merge_page_states_who_will_not_be_named_and_why(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    found = revised_after_japan_joined(place)
    shown = text_of(facilitator.get(f"{PAGE}merge/?provision=article"))
    assert "Proponents of the current text: Canada." in shown
    assert "Japan has not confirmed the current text and will not be named." in shown
    said = facilitator.post(f"{PAGE}merge/", merging(text_base=4))
    proposals.revise(found, f"{WORDS} Never.", Entry(delegate("CAN"), member("CAN")), base=4)
    late = facilitator.post(f"{PAGE}merge/", {**form_with(said, "words").fields, "merge": ""})
    assert late.status_code == 409
    assert "The proposal was revised in step 5 after you opened it" in page_of(late)
    again = facilitator.post(f"{PAGE}merge/", {**form_with(late, "words").fields, "check": ""})
    merged = facilitator.post(f"{PAGE}merge/", {**form_with(again, "words").fields, "merge": ""})
    assert merged.status_code == 302
    assert provision.revisions.latest("number").text == f"{BASE}\n[CAN: {WORDS}]"


def test_if_no_member_has_confirmed_the_text_the_merge_page_gives_advice(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    found = revised_after_japan_joined(place)
    proposals.leave(found, Entry(delegate("CAN"), member("CAN")))
    shown = text_of(facilitator.get(f"{PAGE}merge/?provision=article"))
    assert "No proponent has confirmed the current text of this proposal" in shown
    refused = facilitator.post(f"{PAGE}merge/", merging())
    assert refused.status_code == 422
    assert "Ask Japan to confirm it, or type the complete new text" in page_of(refused)


def test_the_history_names_the_members_that_a_merge_named(
    place: SubIssue, provision: Provision, facilitator: Client
) -> None:
    revised_after_japan_joined(place)
    merge(facilitator)
    page = text_of(Client().get(PAGE))
    assert "In the name of Canada." in page
    assert "Japan has not confirmed the revised text" in page
