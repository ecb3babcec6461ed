"""Tests of the search page on the facts: what it finds, in what order, and what it refuses."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.pages.test_reading import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]


def paths(response: Any) -> list[str]:
    """Return the paths of the results in order."""
    return re.findall(r'<a href="([^"]+)" data-result', response.content.decode())


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("C.1.a", "/sub-issues/C.1.a/"),
        ("c.1.a", "/sub-issues/C.1.a/"),
        ("B.3", "/issues/B.3/"),
        ("INF/ECOM/62", "/documents/inf-ecom-62/"),
        ("inf/ecom/62/rev.1", "/documents/inf-ecom-62-rev-1/"),
        ("Indonesia", "/members/IDN/"),
        ("IDN", "/members/IDN/"),
        ("indonésie", "/members/IDN/"),
        ("Cote d’Ivoire", "/members/CIV/"),
        ("spam", "/small-groups/spam/"),
        ("clean share", "/definitions/#clean-share"),
    ],
)
def test_an_exact_code_symbol_or_name_redirects_to_its_page(client: Client, query: str, path: str) -> None:
    response = client.get("/search/", {"q": query})
    assert paths(response)[0] == path
    assert "Direct matches" in text_of(response)


@pytest.mark.parametrize(
    ("query", "kind", "path"),
    [
        ("consumer", "issue", "/issues/C.1/"),
        ("unsolicited", "sub-issue", "/sub-issues/C.1.b/"),
        ("“customs duties”", "provision", "/provisions/customs-duties/"),
        ("gender", "lens", "/lenses/gender/"),
        ("African", "grouping", "/variants/?member=AFRICAN+GROUP&amp;state=any"),
        ("plenary", "meeting", "/meetings/2021-02-05-first-plenary-of-2021/"),
        ("programme development", "proposal", "/proposals/e-commerce-programme-for-development/"),
        ("Indonesia moratorium", "reported-position", "/reported-positions/"),
        ("silent", "definition", "/definitions/#members-named"),
    ],
)
def test_results_of_every_kind_are_found_by_their_words(client: Client, query: str, kind: str, path: str) -> None:
    assert any(found.startswith(path) for found in paths(client.get("/search/", {"q": query, "kind": kind})))


def test_a_bracket_result_links_to_its_permanent_address(client: Client) -> None:
    first = paths(client.get("/search/?q=duties&kind=variant"))[0]
    assert re.fullmatch(r"/provisions/[\w-]+/brackets/\d+-\d+/", first)
    assert re.search(r"\bdut(y|ies)\b", text_of(client.get(first)))


def test_words_in_titles_come_before_words_in_texts(client: Client) -> None:
    found = paths(client.get("/search/?q=duties&kind=provision"))
    assert found[0] == "/provisions/customs-duties/"
    assert len(found) > 1


def test_the_words_are_marked_and_every_other_character_is_escaped(client: Client) -> None:
    page = client.get("/search/?q=duties").content.decode()
    assert "customs <mark>duties</mark>" in page
    assert "<mark>duty</mark>" in page
    page = client.get("/search/", {"q": "<script>alert(1)</script> duties"}).content.decode()
    assert "<script>alert" not in page


def test_a_misspelled_word_is_found_if_there_are_no_exact_matches(client: Client) -> None:
    page = client.get("/search/?q=moratorum")
    assert "with similar spellings" in text_of(page)
    assert "<mark>moratorium</mark>" in page.content.decode()
    assert "with similar spellings" not in text_of(client.get("/search/?q=moratorium"))
    assert paths(client.get("/search/?q=Indonsia"))[0] == "/members/IDN/"


def test_the_results_are_those_of_the_selected_date(client: Client) -> None:
    now = text_of(client.get("/search/?q=stabilised&kind=document"))
    then = text_of(client.get("/search/?q=stabilised&kind=document&as_of=2020-12-07"))
    assert now != then
    assert paths(client.get("/search/?q=duties&kind=provision&as_of=2018-01-01")) == []
    assert "You are viewing the record as of the end of" in then
    assert 'name="as_of" value="2020-12-07"' in client.get("/?as_of=2020-12-07").content.decode()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("a\x01b", "U+0001"),
        ("a\u202eb", "U+202E"),
        ("x", "at least 2 characters"),
        ("x" * 201, "at most 200 characters"),
        ("--", "Enter at least one word"),
        ("-duties", "You entered only words to exclude"),
        (" ".join(["word"] * 30), "Too many words"),
    ],
)
def test_an_invalid_query_is_refused_and_kept_in_the_form(client: Client, query: str, message: str) -> None:
    response = client.get("/search/", {"q": query})
    assert response.status_code == 400
    assert message in text_of(response)
    assert response.content.decode().count(f'value="{query.translate({1: 0xFFFD, 0x202E: 0xFFFD})}"') == 2


@pytest.mark.parametrize(
    "query", ['"', "' OR 1=1 --", "a* AND (b", "NEAR(a b)", "title:duties", "%s", "& | !a <->", "{a"]
)
def test_no_query_is_treated_as_an_operator(client: Client, query: str) -> None:
    assert client.get("/search/", {"q": query}).status_code in (200, 400)


def test_an_unknown_kind_or_page_is_refused(client: Client) -> None:
    assert client.get("/search/?q=duties&kind=colour").status_code == 400
    assert client.get("/search/?q=duties&kind=variant&page=99").status_code == 404


def test_every_page_has_the_search_box_which_works_without_scripts(client: Client) -> None:
    for address in ("/", "/provisions/customs-duties/", "/no-such-page/", "/accounts/login/"):
        page = client.get(address).content.decode()
        assert re.search(r'<form class="search-box[^>]*method="get" action="/search/"', page), address


def test_long_results_are_divided_into_pages(client: Client) -> None:
    first = client.get("/search/?q=the&kind=document")
    assert len(paths(first)) == 25
    second = paths(client.get("/search/?q=the&kind=document&page=2"))
    assert second
    assert not set(second) & set(paths(first))
