"""Tests that similar words are the same on both databases, and that excerpts mark the matches and nothing else."""

from typing import Any

import pytest
from django.db import DatabaseError, connection

from issues.models import Provision, Variant
from issues.text.search import (
    MarkedText,
    SimilarTo,
    containing,
    excerpt_of,
    is_similar,
    marked_where,
    similarity_available,
)
from issues.text.search import indexes as search_indexes
from issues.text.search.similarity import strict_word_similarity
from tests.factories import provision_with

PAIRS = [
    ("moratorum", "the moratorium is extended", True),
    ("Moratorium", "MORATORIUM", True),
    ("Indonsia", "Indonesia", True),
    ("electronc", "an electronic signature", True),
    ("custms", "customs duties", True),
    ("fisheries", "the moratorium is extended", False),
    ("data", "the date", False),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("term", "text", "expected"), PAIRS)
def test_each_database_finds_words_with_similar_spellings(term: str, text: str, expected: bool) -> None:
    provision_with(f"A [{text}].")
    assert similarity_available("default")
    assert Variant.objects.filter(SimilarTo(term, "text")).exists() is expected
    assert any(is_similar(term, word) for word in text.split()) is expected


@pytest.mark.django_db
def test_both_databases_use_the_same_measure_of_similarity() -> None:
    for term, text, _expected in PAIRS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT strict_word_similarity(%s, %s)", [term, text])
            assert cursor.fetchone()[0] == pytest.approx(strict_word_similarity(term, text), abs=0.001)


def test_an_empty_text_is_similar_to_nothing() -> None:
    assert strict_word_similarity("moratorium", None) == strict_word_similarity(None, "") == 0


@pytest.mark.django_db
def test_without_permission_to_create_the_extension_the_search_ignores_similar_words(monkeypatch: Any) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no extensions")
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
    assert not similarity_available("default")
    monkeypatch.setattr(search_indexes, "CREATE_TRIGRAMS", "CREATE EXTENSION no_such_extension")
    search_indexes.install_search()
    assert not similarity_available("default")
    monkeypatch.undo()
    search_indexes.install_search()
    assert similarity_available("default")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname LIKE %s", ["%_trigrams"])
        assert cursor.fetchone()[0] == 2


@pytest.mark.django_db
def test_the_search_for_similar_words_uses_the_trigram_index() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no index of trigrams")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    variants = Variant.objects.filter(SimilarTo("moratorum", "text")).order_by()
    assert "issues_variant_trigrams" in variants.explain()


@pytest.mark.django_db
def test_every_index_is_updated_with_the_rows_that_it_covers() -> None:
    provision = provision_with("A Member shall not impose duties.", heading="Customs duties")
    for index in search_indexes.INDEXES.values():
        try:
            list(index.model._default_manager.filter(pk__in=containing(index.model, "duties")))
        except DatabaseError as error:
            pytest.fail(f"{index.name}: {error}")
    assert Provision.objects.filter(pk__in=containing(Provision, "duty")).exists()
    Provision.objects.filter(pk=provision.pk).update(heading="Data flows")
    assert not Provision.objects.filter(pk__in=containing(Provision, "duty")).exists()


def test_an_excerpt_starts_shortly_before_the_first_match() -> None:
    words = " ".join(f"w{number}" for number in range(100))
    excerpt = excerpt_of(marked_where(words, lambda word: word == "w50"))
    assert excerpt.plain.startswith("… w42 ")
    assert excerpt.plain.endswith(" w71 …")
    assert excerpt.html.count("<mark>") == 1


def test_spans_give_the_offsets_of_the_matches_in_the_plain_text() -> None:
    text = marked_where("No duties, <b> no Duties.", lambda word: word.lower() == "duties")
    assert [text.plain[start:end] for start, end in text.spans] == ["duties", "Duties"]
    assert text.html == "No <mark>duties</mark>, &lt;b&gt; no <mark>Duties</mark>."
    assert MarkedText("plain").spans == []
