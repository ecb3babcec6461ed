"""Tests that the names of the negotiation, its outline, small groups and lenses are shown in the reader's language."""

import datetime
from collections.abc import Iterator
from importlib import import_module
from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from lxml import html

from issues.actions import status_reports
from issues.models import Digest, Issue, Lens, Negotiation, Section, SmallGroup, SubIssue
from issues.notifications.digests import send_due
from issues.sync.catch_up import catch_up_everywhere
from issues.sync.versions import last_change_number
from members.models import TRANSLATED, in_all_languages
from tests.factories import DelegationFactory, UserFactory
from tests.pages.test_reading import PAGES
from tests.site.test_demonstration import walk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]

FIELDS: list[tuple[type[Model], str]] = [
    (Negotiation, "name"),
    (Negotiation, "short_name"),
    (Section, "title"),
    (Issue, "title"),
    (SubIssue, "title"),
    (SmallGroup, "name"),
    (Lens, "name"),
]
# A word that occurs in every English name of `english_names` and nowhere else.
ENGLISH = "Englishname"
NOT_ENGLISH = "[ancestor-or-self::*[@lang][1]/@lang != 'en']"
# Attributes that a browser shows or reads out.
SHOWN = ("title", "aria-label", "alt", "label", "placeholder", "data-label")
# The Akoma Ntoso document contains the negotiated text, which is in English, with its headings.
ENGLISH_DOCUMENTS = {"/export/file/?format=xml"}
FILL = import_module("issues.migrations.0035_fill_names_in_french_and_spanish").fill


def rows() -> Iterator[tuple[Any, str]]:
    """Yield each row that has a name, with the field of the name."""
    for model, field in FIELDS:
        for row in model._default_manager.order_by("pk"):
            yield row, field


def set_names(row: Any, **values: str) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**values)


@pytest.fixture
def english_names() -> None:
    """Replace each English name by one that is recognised on any page."""
    numbers = count(1)
    for row, field in rows():
        set_names(row, **{field: f"{ENGLISH} {next(numbers)}"})


@pytest.fixture
def untranslated(english_names: None) -> None:
    """Remove all translations."""
    for row, field in rows():
        set_names(row, **{f"{field}_{language}": "" for language in TRANSLATED})


def english_parts(page: str, language: str) -> list[str]:
    """Return the parts of a page that contain an English name and are not marked as English."""
    root = html.fromstring(page)
    assert root.get("lang") == language
    texts = root.xpath(f"//text()[not(ancestor::script or ancestor::style)][parent::*{NOT_ENGLISH}]")
    values = [value for name in SHOWN for value in root.xpath(f"//*{NOT_ENGLISH}/@{name}")]
    return [text.strip() for text in (*texts, *values) if ENGLISH in text]


def shows_english(response: Any, body: str, language: str) -> list[str]:
    """Return the parts of a response in another language that contain an English name."""
    if response["Content-Type"].startswith("text/html") and "<html" in body:
        return english_parts(body, language)
    return [line.strip()[:200] for line in body.splitlines() if ENGLISH in line]


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.usefixtures("english_names")
def test_no_page_file_or_feed_shows_an_english_name_that_has_a_translation(language: str) -> None:
    reached = set()
    faults = []
    for route, address, response in walk(language):
        if route.startswith("api:") or address in ENGLISH_DOCUMENTS:
            continue
        reached.add(route)
        body = response.read.decode(errors="replace")
        faults += [(address, part) for part in shows_english(response, body, language)]
    assert not faults
    assert {"overview", "outline", "issue", "sub-issue", "provision", "small-group", "lens", "variants"} <= reached
    assert {"changes-feed", "small-group-feed", "calendar-feed", "digests", "webhooks", "state-status"} <= reached


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.usefixtures("english_names")
def test_no_example_of_a_page_shows_an_english_name(client: Client, language: str) -> None:
    for address in PAGES:
        response = client.get(address, headers={"accept-language": language})
        assert not shows_english(response, response.content.decode(), language), address


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/", "Droits de douane sur les transmissions électroniques"),
        ("/issues/", "Openness and e-commerce"),
    ],
)
def test_the_names_are_in_french_and_in_english(client: Client, address: str, name: str) -> None:
    french = address == "/"
    assert name in client.get(address, headers={"accept-language": "fr" if french else "en"}).content.decode()
    assert name not in client.get(address, headers={"accept-language": "en" if french else "fr"}).content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/issues/",
        "/issues/B.3/",
        "/sub-issues/B.2.a/",
        "/small-groups/spam/",
        "/lenses/",
        "/lenses/msme/",
        "/text/",
    ],
)
@pytest.mark.usefixtures("untranslated")
def test_a_name_without_translation_is_shown_in_english_and_marked(client: Client, address: str) -> None:
    page = client.get(address, headers={"accept-language": "fr"}).content.decode()
    marked = html.fromstring(page).xpath("//*[@lang='en']//text()")
    assert any(ENGLISH in text for text in marked)
    headings = html.fromstring(page).xpath(
        f"//*[self::h1 or self::h2 or self::h3 or self::th]//text()[parent::*{NOT_ENGLISH}]"
    )
    assert not [text for text in headings if ENGLISH in text]


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.usefixtures("english_names")
def test_the_digest_of_a_small_group_names_it_in_the_readers_language(language: str) -> None:
    group, user = SmallGroup.objects.get(slug="spam"), UserFactory()
    Digest.objects.create(
        user=user,
        negotiation=group.negotiation,
        small_group=group,
        language=language,
        told_number=last_change_number(group.negotiation_id),
    )
    status_reports.state(
        small_group=group,
        actor=DelegationFactory(role="secretariat", member=None, negotiation=group.negotiation).user,
        status="clean text",
        stated_on=timezone.localdate(),
        stated_by="The facilitator",
        source="A plenary",
    )
    assert [number for _, number in send_due(timezone.now() + datetime.timedelta(days=2))] == [1]
    (message,) = mail.outbox
    assert getattr(group, f"name_{language}") in message.subject
    assert ENGLISH not in message.subject + message.body


# Search


@pytest.mark.parametrize("reader", ["en", *TRANSLATED])
@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("customs duties transmissions", "/issues/B.3/"),
        ("droits douane transmissions", "/issues/B.3/"),
        ("derechos aduana transmisiones", "/issues/B.3/"),
        ("Données publiques ouvertes", "/small-groups/open-government-data/"),
        ("Código fuente", "/sub-issues/C.3.a/"),
        ("Pays les moins avancés", "/lenses/ldc/"),
    ],
)
def test_a_search_in_any_language_finds_a_name(client: Client, reader: str, query: str, path: str) -> None:
    page = html.fromstring(client.get("/search/", {"q": query}, headers={"accept-language": reader}).content.decode())
    (link,) = page.xpath(f"//a[@data-result][@href='{path}']")
    assert link.get("lang") == reader


def test_a_result_found_by_a_name_in_another_language_shows_that_name_too(client: Client) -> None:
    page = client.get("/search/", {"q": "código fuente"}, headers={"accept-language": "fr"}).content.decode()
    (result,) = html.fromstring(page).xpath("//a[@data-result][@href='/sub-issues/C.3.a/']/..")
    assert result.xpath("string(a)") == "Code source"
    (excerpt,) = result.xpath("p[@lang='es']")
    assert excerpt.text_content() == "Código fuente"


def test_a_misspelt_french_name_is_found(client: Client) -> None:
    page = client.get("/search/", {"q": "cryptographei"}, headers={"accept-language": "fr"}).content.decode()
    assert html.fromstring(page).xpath("//a[@data-result][@href='/sub-issues/C.3.b/']")


# Programs


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/api/v1/sections/A/", "title"),
        ("/api/v1/issues/B.3/", "title"),
        ("/api/v1/sub-issues/C.3.a/", "title"),
        ("/api/v1/small-groups/spam/", "name"),
        ("/api/v1/lenses/msme/", "name"),
    ],
)
def test_api_responses_contain_the_names_in_all_languages(client: Client, address: str, field: str) -> None:
    data = client.get(address, headers={"accept-language": "fr"}).json()
    assert len({data[column] for column in in_all_languages(field)}) == len(TRANSLATED) + 1


def test_a_changed_translation_is_published_in_the_change_feed(client: Client) -> None:
    before = client.get("/api/v1/changes/?page_size=1").json()
    SmallGroup.objects.filter(slug="spam").update(name_fr="Pourriel")
    assert catch_up_everywhere() == 1
    published = client.get("/api/v1/bulk/small-group.jsonl").getvalue().decode()  # type: ignore[attr-defined]
    assert '"name_fr": "Pourriel"' in published or '"name_fr":"Pourriel"' in published
    assert before


# Existing databases


def test_the_migration_fills_the_names_of_the_fixtures_and_only_those() -> None:
    expected = {
        (type(row), row.pk, field): [getattr(row, name) for name in in_all_languages(field)] for row, field in rows()
    }
    for row, field in rows():
        set_names(row, **{f"{field}_{language}": "" for language in TRANSLATED})
    SmallGroup.objects.filter(slug="spam").update(name="Another name")
    Lens.objects.filter(slug="data").update(name_fr="Un autre nom")
    FILL(apps, None)
    for row, field in rows():
        names = [getattr(row, name) for name in in_all_languages(field)]
        if row == SmallGroup.objects.get(slug="spam"):
            assert names == ["Another name", "", ""]
        elif row == Lens.objects.get(slug="data"):
            assert names == ["Data", "Un autre nom", ""]
        else:
            assert names == expected[type(row), row.pk, field]


def test_the_migration_leaves_other_negotiations_unchanged() -> None:
    Negotiation.objects.update(slug="another")
    Section.objects.update(title_fr="", title_es="")
    FILL(apps, None)
    assert not Section.objects.exclude(title_fr="").exists()
