"""The last of several labelled options ends where its text ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bracketed_text import parse
from engine_texts import REGISTER


def last_option(text: str) -> str:
    """Return the text of the last option, without surrounding blanks."""
    block = parse(text, REGISTER).runs[-1][-1]
    return text[block.body : block.end].strip()


@pytest.mark.parametrize(
    ("behind", "words"),
    [
        # titles and notes in braces on lines of their own belong to the text that follows
        ("Bells rest.\n{Lamps}\n3. Lamps burn.", "Bells rest."),
        ("Bells rest.\n{Lamps} 4\n3. Lamps burn.", "Bells rest."),
        ("Bells rest.\n{This note\nhas two lines.}\n*{Lamps}*\n\n3. Lamps burn.", "Bells rest."),
        ("Bells rest.\n{Lamps}\n", "Bells rest."),
        # those in a line or on the line of the label do not
        ("Bells rest {as a rule}\n3. Lamps burn.", "Bells rest {as a rule}"),
        ("{as before}\n3. Lamps burn.", "{as before}"),
        ("Bells rest.\n{Lamps} burn.\n3. Horns blow.", "Bells rest.\n{Lamps} burn."),
        # paragraphs in brackets
        ("Bells rest.\n[6. Lamps burn.]", "Bells rest."),
        ("Bells rest.\n3bis. Lamps burn.", "Bells rest."),
        ("Bells rest.\n## Lamps\n3. Lamps burn.", "Bells rest."),
        ("Bells rest.\n**7.** Lamps burn.\n8. Horns blow.", "Bells rest.\n**7.** Lamps burn."),
        # a list after a colon, in which letters and Roman numerals follow each other
        ("Bells that:\n(a)\nring;\n(b)\nrest.\n3. Lamps burn.", "Bells that:\n(a)\nring;\n(b)\nrest."),
        ("[Bells that]:\n(a) ring:\n(i) by day;\n(ii) by night;\n(b) rest.\n3. End.", None),
        ("Bells that:\n(i) ring;\n(ii) rest.\n(d) Lamps burn.", "Bells that:\n(i) ring;\n(ii) rest."),
        ("Bells that:\n(a) ring;\n(c) Lamps burn.", "Bells that:\n(a) ring;"),
        ("Bells rest.\n(a) Lamps burn.", "Bells rest."),
        ("Bells:\n(b) Lamps burn.", "Bells:"),
    ],
)
def test_the_last_option_ends_where_its_text_ends(behind: str, words: str | None) -> None:
    expected = behind.rpartition("\n")[0] if words is None else words
    assert last_option(f"2.\nOption 1: Bells ring.\nOption 2: {behind}") == expected


@pytest.mark.parametrize(
    ("behind", "words"),
    [
        ("\n\n    Bells rest.\n\n3. Lamps burn.", "Bells rest."),
        (" Bells rest.\n\n    So do horns.\n\n  3. Lamps burn.", "Bells rest.\n\n    So do horns."),
        (" Bells rest.\n\n  Lamps burn.", "Bells rest."),
        (" Bells rest.\n\n    *Lamps*\n\n    Lamps burn.", "Bells rest."),
        (" Bells that:\n\n    1. ring;\n    2. rest.\n\n3. End.", "Bells that:\n\n    1. ring;\n    2. rest."),
    ],
)
def test_paragraphs_indented_like_the_last_label_belong_to_its_option(behind: str, words: str) -> None:
    assert last_option(f"2. Sounds\n\n    **Option 1:** Bells ring.\n\n    **Option 2:**{behind}") == words


def test_a_list_after_two_options_that_end_with_a_colon_belongs_to_neither_option() -> None:
    options = "Option 1: Bells shall:\nOption 2: Bells may:\n"
    assert last_option(f"{options}(a) ring;\n(b) rest.\n") == "Bells may:"
    indented = f"    {options.replace(chr(10), chr(10) + '    ').strip()}\n\n    1. ring;\n    2. rest.\n"
    assert last_option(f"1. Sounds\n\n{indented}") == "Bells may:"


BREAKS = ["\n\n", "\n3. ", "\n(a) ", "\nArticle 4 ", "\n{Lamps}\n"]


@given(st.lists(st.sampled_from(["ring", "[by day]", "as a rule", *BREAKS]), max_size=6), st.sampled_from(BREAKS))
def test_an_option_does_not_end_inside_a_bracket_that_it_opens(parts: list[str], behind: str) -> None:
    words = f"Bells [{' '.join(['may', *parts])}] here."
    text = f"2.\nOption 1: Lamps burn.\nOption 2: {words}{behind}End."
    assert last_option(text).startswith(words)


@given(st.text("ab1.:;()[]{}*\n ", max_size=60))
def test_the_options_of_any_text_are_in_order_and_inside_the_text(text: str) -> None:
    text = f"Option 1: x\nOption 2:{text}"
    tree = parse(text, REGISTER)
    edges = [edge for run in tree.runs for block in run for edge in (block.start, block.body, block.end)]
    assert edges == sorted(edges)
    assert not edges or edges[-1] <= len(text)
    assert "".join(text[piece.start : piece.end] for piece in tree.pieces()) == text
