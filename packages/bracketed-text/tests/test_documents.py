"""Test documents. Their provisions are parsed separately and then combined."""

from hypothesis import given

from bracketed_text import Code, compare, measure, parse, parse_document, together
from bracketed_text.advanced import Part
from engine_texts import REGISTER, anything, sound_texts

BODY = "Article 1\n\n1. Each Member [CAN: shall] act.\n\n2. It [may] wait.\n\nArticle 2\n\n1. Each [keeps records.\n"
WRAPPED = "[Article 1\n\n1. Each Member [CAN: shall] act.\n\nArticle 2\n\n1. It [may] wait.]\n"


def test_an_unpaired_mark_affects_only_its_own_provision() -> None:
    document = parse_document(BODY, REGISTER)
    assert [diagnostic.code for diagnostic in document.tree().diagnostics] == [Code.UNMATCHED_OPEN]
    assert together(document.measures()).open_brackets == 2
    swallowed = parse(BODY.replace("[keeps", "keeps").replace("[may] wait", "[may wait"), REGISTER)
    assert [diagnostic.code for diagnostic in swallowed.diagnostics] == [Code.UNMATCHED_OPEN]


def test_offsets_in_the_combined_tree_are_those_of_the_document() -> None:
    tree = parse_document(BODY, REGISTER).tree()
    assert [BODY[bracket.start : bracket.end] for bracket, _ in tree.walk()] == ["[CAN: shall]", "[may]"]
    assert tree.line_and_column(tree.diagnostics[0].start) == (9, 9)


def test_a_bracket_around_the_whole_document_is_reported_but_not_counted_in_depth_or_share() -> None:
    document = parse_document(WRAPPED, REGISTER)
    assert document.wrapper == (0, WRAPPED.rindex("]"))
    assert [diagnostic.code for diagnostic in document.tree().diagnostics] == [Code.WHOLE_DOCUMENT]
    figures = together(document.measures())
    assert (figures.depth, figures.open_brackets, figures.contested_words) == (1, 2, 2)
    bare = parse_document(WRAPPED.replace("[Article", "Article").replace(".]\n", ".\n"), REGISTER)
    assert together(bare.measures()) == figures
    assert bare.wrapper is None


def test_a_bracket_around_one_of_several_articles_is_not_a_wrapper() -> None:
    text = "[Article 1\n\n1. Each Member acts.]\n\nArticle 2\n\n1. It [may] wait.\n"
    assert parse_document(text, REGISTER).wrapper is None


def test_page_furniture_is_not_counted_as_words() -> None:
    pages = "".join(
        f"{number}. Each Member keeps records of what it did and\n\n- {number} -\n\fWT/X/1\n\nof what it said.\n\n"
        for number in range(1, 5)
    )
    document = parse_document(pages, REGISTER)
    clean = together(document.measures()).words
    assert any(section.cut.furniture for section in document.sections)
    assert clean < measure(parse(pages, REGISTER)).words
    assert "".join(document.text[section.cut.start : section.cut.end] for section in document.sections) == pages


def test_labelled_options_of_a_provision_keep_their_offsets_in_the_document() -> None:
    text = "1. Each Member acts.\n\n2. It keeps:\nOption 1: a list\nOption 2: [records]\n\n3. It informs.\n"
    document = parse_document(text, REGISTER)
    (run,) = document.tree().runs
    assert [text[block.body : block.end].strip() for block in run] == ["a list", "[records]"]
    assert measure(document.tree()).alternatives == 2


def test_headings_are_separate_parts() -> None:
    parts = [section.cut.part for section in parse_document(BODY, REGISTER).sections]
    assert parts == [Part.HEADING, Part.PROVISION, Part.PROVISION, Part.HEADING, Part.PROVISION]


@given(anything)
def test_the_joined_parts_of_any_text_equal_the_text(text: str) -> None:
    document = parse_document(text, REGISTER)
    marks = set(document.wrapper or ())
    covered = [range(section.cut.start, section.cut.end) for section in document.sections]
    assert sorted([*marks, *(at for part in covered for at in part)]) == list(range(len(text)))
    tree = document.tree()
    assert "".join(text[piece.start : piece.end] for piece in tree.pieces()) == text


@given(sound_texts, sound_texts)
def test_documents_can_be_compared_like_texts(first: str, second: str) -> None:
    old = parse_document(f"1. {first}\n\n2. {second}\n", REGISTER).tree()
    new = parse_document(f"1. {second}\n\n2. {second}\n", REGISTER).tree()
    assert compare(old, new).replay(old.text) == new.text
