"""Tests that words in variants are found by their stem on both databases, ranked, and shown in context."""

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from issues.models import SmallGroup, Variant
from issues.text.search import as_html, best_first, containing, excerpts, install_search, matching, parse_terms
from issues.text.search.indexes import SearchIndex
from tests.factories import NegotiationFactory, SmallGroupFactory, provision_with

pytestmark = pytest.mark.django_db

DAY = datetime.date(2021, 3, 2)


@pytest.fixture
def _texts() -> None:
    provision_with(
        "A [not prevent transfers] B [transferring, transfer & <transfer of data] C [may require source code] "
        f"D [the code {'and more words ' * 40}to the source] E [=]",
        days=[DAY],
    )


def found(typed: str) -> list[str]:
    words = parse_terms(typed)
    return [one.text.split()[0] for one in best_first(matching(Variant.objects.all(), words), words)]


@pytest.mark.usefixtures("_texts")
def test_words_are_found_by_their_stem_and_all_of_them_are_required() -> None:
    assert sorted(found("TRANSFERRED")) == ["not", "transferring,"]
    assert found("transfer data") == ["transferring,"]
    assert found("transfer code") == []


@pytest.mark.usefixtures("_texts")
def test_even_the_shortest_words_can_be_searched_for() -> None:
    assert found("not") == ["not"]
    assert found("may") == ["may"]
    assert found("the") == ["the"]


@pytest.mark.usefixtures("_texts")
def test_quotation_marks_require_a_phrase_and_a_minus_sign_excludes_a_word() -> None:
    assert found("“source code”") == ["may"]
    assert sorted(found("source code")) == ["may", "the"]
    assert found('code -"source code"') == ["the"]
    assert sorted(found("-code")) == ["=", "not", "transferring,"]


@pytest.mark.usefixtures("_texts")
def test_the_most_relevant_texts_come_first() -> None:
    assert found("transfer") == ["transferring,", "not"]


@pytest.mark.usefixtures("_texts")
@pytest.mark.parametrize(
    "typed", ['"', "' OR 1=1 --", "a* AND (b", "NEAR(a b)", "text:shall", "a\0b", "%s", "& | !a <->", "x" * 5000]
)
def test_no_input_is_treated_as_an_operator_or_causes_an_error(typed: str) -> None:
    try:
        words = parse_terms(typed)
    except ValueError:
        return
    list(best_first(matching(Variant.objects.all(), words), words))
    excerpts(list(Variant.objects.all()), words)


@pytest.mark.parametrize("typed", ["", "  ", '""', "!!! – …", "-"])
def test_a_query_without_words_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="no word"):
        parse_terms(typed)


@pytest.mark.usefixtures("_texts")
def test_an_excerpt_marks_the_words_and_escapes_all_other_html() -> None:
    words = parse_terms("transfer")
    said = excerpts(list(Variant.objects.all()), words)
    shown = " ".join(said[one.pk] for one in matching(Variant.objects.all(), words))
    assert "not prevent <mark>transfers</mark>" in shown
    assert "&amp; &lt;<mark>" in shown
    assert as_html("\ue000<i>\ue001 \ue000open") == "<mark>&lt;i&gt;</mark> \ue000open"


@pytest.mark.usefixtures("_texts")
def test_the_excerpt_of_a_long_text_shows_the_matches() -> None:
    words = parse_terms("source")
    one = Variant.objects.get(text__startswith="the code")
    shown = excerpts([one], words)[one.pk]
    assert "<mark>source</mark>" in shown
    assert len(shown.split()) < 45


@pytest.mark.usefixtures("_texts")
def test_the_search_index_follows_every_change_and_earlier_texts_are_found_too() -> None:
    call_command("rebuild_index", verbosity=0)
    assert found("source code") != []
    Variant.objects.filter(text__startswith="may").update(text="algorithm")
    assert found("algorithms") == ["algorithm"]
    assert found("“source code”") == []
    install_search()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER issues_variant_words_update")
            cursor.execute("UPDATE issues_variant SET text = 'keys' WHERE text = 'algorithm'")
        install_search()
        assert found("key") == ["keys"]


def test_an_index_without_the_columns_of_this_release_is_replaced() -> None:
    group = SmallGroupFactory(name="Source code")
    connection.check_constraints()  # PostgreSQL creates no index while checks of the table are deferred
    earlier = SearchIndex(SmallGroup, ("name", "highlights", "state_of_play"))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP INDEX {earlier.name}")
            with connection.schema_editor(atomic=False) as editor:
                editor.execute(next(earlier.postgresql_indexes()).create_sql(SmallGroup, editor))
        else:
            triggers = earlier.sqlite_triggers()
            drops = [*(f"DROP TRIGGER {name}" for name in triggers), f"DROP TABLE {earlier.name}"]
            for statement in (*drops, earlier.sqlite_table(), *triggers.values(), earlier.sqlite_rebuild()):
                cursor.execute(statement)
    SmallGroup.objects.filter(pk=group.pk).update(name_es="Código fuente")
    connection.check_constraints()
    install_search()
    assert list(SmallGroup.objects.filter(pk__in=containing(SmallGroup, "fuente"))) == [group]
    SmallGroup.objects.filter(pk=group.pk).update(name_fr="Code source")
    connection.check_constraints()
    install_search()
    assert list(SmallGroup.objects.filter(pk__in=containing(SmallGroup, "fuente", ("name_es",)))) == [group]
    assert not SmallGroup.objects.filter(pk__in=containing(SmallGroup, "fuente", ("name_fr",))).exists()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [earlier.name])
            assert "name_es" in cursor.fetchone()[0]


@pytest.mark.usefixtures("_texts")
def test_postgresql_uses_its_index_to_find_words() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("how PostgreSQL goes about it is seen on PostgreSQL")
    with connection.cursor() as cursor:
        # On a few rows, the choice depends on the statistics. The index of words is used by bitmap scans only.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    words = parse_terms("transfer")
    assert "issues_variant_words" in matching(Variant.objects.all(), words).explain()


def test_an_excessive_number_of_words_is_refused_at_its_field(client: Client) -> None:
    NegotiationFactory()
    many = "+".join(f"word{number}" for number in range(100))
    for address in ("/variants/", "/variants/facets/", "/variants/export/"):
        answer = client.get(f"{address}?q={many}")
        assert answer.status_code == 400
    assert "Too many words to search for at once" in client.get(f"/variants/?q={many}").content.decode()


def test_the_order_of_results_does_not_reveal_word_frequencies_in_hidden_texts() -> None:
    """With BM25, the ranking would reveal this frequency, because a word that is frequent elsewhere has less weight."""
    for number, words in enumerate(["shall shall member", "member member shall", "shall", "member"]):
        provision_with(f"It [{words} and more words to read].", slug=f"open-{number}", position=number)
    words = parse_terms("shall member")
    before = [one.pk for one in best_first(matching(Variant.objects.all(), words), words)]
    for number in range(30):
        provision_with("It [shall].", slug=f"hidden-{number}", visibility="group", position=100 + number)
    after = matching(Variant.objects.filter(provision__visibility="public"), words)
    assert [one.pk for one in best_first(after, words)] == before
