"""Test that the representation of each object is a short, descriptive line."""

from bracketed_text import Document, Name, Register, compare, lift, parse, parse_document

REGISTER = Register([("CAN", Name("CAN")), ("Canada", Name("CAN")), ("BRA", Name("BRA"))])
TREE = parse("Each Party [CAN propose; BRA oppose: shall] [may] publish its laws.", REGISTER)


def test_the_repr_of_a_tree_shows_its_first_words_and_counts() -> None:
    assert repr(TREE) == "<Tree 'Each Party [CAN propose; BRA oppose: sh…': 67 characters, 2 brackets>"
    assert repr(parse("A [b")) == "<Tree 'A [b': 4 characters, 0 brackets, 1 diagnostics>"


def test_the_repr_of_a_bracket_shows_its_span_kind_and_positions() -> None:
    assert [repr(bracket) for bracket in TREE.brackets] == [
        "<Bracket 11:43 negotiation CAN propose; BRA oppose>",
        "<Bracket 44:49 negotiation>",
    ]


def test_the_reprs_of_registers_documents_edits_and_comparisons_show_counts() -> None:
    edit = lift(TREE, 44)
    assert repr(REGISTER) == "<Register of 2 names in 3 forms>"
    document: Document = parse_document("Article 1\n\n1. Each Member acts.\n", REGISTER)
    assert repr(document) == "<Document of 32 characters, 1 provisions, 1 headings>"
    assert repr(edit) == f"<Edit of {len(edit.changes)} replacements, giving {edit.tree!r}>"
    assert repr(compare(TREE, edit.tree)) == "<Comparison: 1 lifted>"
    assert repr(compare(TREE, TREE)) == "<Comparison: nothing changed>"
