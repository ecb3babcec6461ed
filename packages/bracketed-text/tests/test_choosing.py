"""Test the endings that a comparison infers for the alternatives of a choice, without knowing the operation."""

import contextlib
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bracketed_text import Comparison, EditRefused, Tree, choose, compare, drop, lift, parse
from bracketed_text.__main__ import main
from bracketed_text.advanced import ENDINGS, Act, Edit, Relation, groups, variants
from bracketed_text.alternatives import CHOICES
from engine_texts import REGISTER

CHOSEN, DROPPED, LIFTED, MERGED = (Act.CHOSEN, Act.DROPPED, Act.LIFTED, Act.MERGED)

# The old text, the new text, and the ending of each variant that ended.
ENDED = [
    (
        "[personal information/personal data]",
        "personal data",
        {"personal information": DROPPED, "personal data": CHOSEN},
    ),
    (
        "[EU: No later than two years] / [CHN: No later than five years]",
        "No later than five years",
        {"No later than two years": DROPPED, "No later than five years": CHOSEN},
    ),
    ("[shall protect/shall respect]", "shall respect", {"shall protect": DROPPED, "shall respect": CHOSEN}),
    (
        "[EU: personal information] [USA: personal data]",
        "personal data",
        {"personal information": DROPPED, "personal data": LIFTED},
    ),
    # one alternative within another
    ("Keep [personal data/data] safe.", "Keep data safe.", {"personal data": DROPPED, "data": CHOSEN}),
    ("Keep [personal data/data] safe.", "Keep personal data safe.", {"personal data": CHOSEN, "data": DROPPED}),
    ("Keep [data/personal data] safe.", "Keep personal data safe.", {"data": DROPPED, "personal data": CHOSEN}),
    # the bracket remains, with fewer alternatives inside
    (
        "[No later than two years] / [No later than five years]",
        "[No later than five years]",
        {"No later than two years": DROPPED},
    ),
    ("It [a b c/a d c/a e c].", "It [a d c/a e c].", {"a b c": DROPPED}),
    ("It [a b c/a d c/a e c].", "It [a b c/a e c].", {"a d c": DROPPED}),
    ("It [a b c/a d c/a e c].", "It [a e c].", {"a b c": DROPPED, "a d c": DROPPED}),
    # a mirror pair is a choice, but a run is not
    (
        "[CAN: shall protect] [CAN oppose: shall respect]",
        "shall respect",
        {"shall protect": DROPPED, "shall respect": CHOSEN},
    ),
    ("It [shall][may] act.", "It may act.", {"shall": DROPPED, "may": LIFTED}),
    ("It [shall] {and/or} [may] act.", "It may act.", {"shall": DROPPED, "may": LIFTED}),
    # the text of both alternatives remains, so no alternative was chosen
    ("It [shall] / [may] act.", "It shall may act.", {"shall": LIFTED, "may": LIFTED}),
    ("It [shall] [may] act.", "It shall may act.", {"shall": LIFTED, "may": LIFTED}),
    # the text of one alternative is now in the bracket of the other
    (
        "[CAN: keeps records] / [BRA: publishes records]",
        "[CAN, BRA: keeps and publishes records]",
        {"keeps records": MERGED},
    ),
    # labelled options, including an empty option
    (
        "Option 1: shall keep it\nOption 2: shall sell it\n",
        "shall sell it\n",
        {"shall keep it": DROPPED, "shall sell it": CHOSEN},
    ),
    ("[Option 1: shall keep] [Option 2: shall sell]", "shall sell", {"shall keep": DROPPED, "shall sell": CHOSEN}),
    ("It [keeps it] / [No text] now.", "It now.", {"keeps it": DROPPED, "No text": CHOSEN}),
    ("It [keeps it] / [No text] now.", "It keeps it now.", {"keeps it": CHOSEN, "No text": DROPPED}),
    ("Option 1: keep it\nOption 2: [No text]\n\nEnd.", "End.", {"keep it": DROPPED, "[No text]": CHOSEN}),
    # alternatives that contain brackets and choices
    ("[a b [c d] e] / [a b f] x", "a b c d e x", {"a b [c d] e": CHOSEN, "c d": LIFTED, "a b f": DROPPED}),
    ("[a b [c d] e] / [a b f] x", "a b [c d] e x", {"a b [c d] e": CHOSEN, "a b f": DROPPED}),
    ("[a b [c d] e] / [a b f] x", "a b f x", {"a b [c d] e": DROPPED, "c d": DROPPED, "a b f": CHOSEN}),
    (
        "[a [b/c] d] / [a e] x",
        "a c d x",
        {"a [b/c] d": CHOSEN, "b": DROPPED, "c": CHOSEN, "a e": DROPPED},
    ),
    (
        "[Option 1: keep] [Option 2: sell [all] of it] now",
        "sell [all] of it now",
        {"keep": DROPPED, "sell [all] of it": CHOSEN},
    ),
    # the same words next to the choice, and different words around it
    (
        "data [protect data/respect data] data",
        "data respect data data",
        {"protect data": DROPPED, "respect data": CHOSEN},
    ),
    (
        "Each shall keep [data] / [personal data] well.",
        "Each may keep personal data today.",
        {"data": DROPPED, "personal data": CHOSEN},
    ),
    ("[two\n  years/five years]", "five  years", {"two\n  years": DROPPED, "five years": CHOSEN}),
    (
        "[EU: two years] / [CHN: no later than five years]",
        "No later than five years",
        {"two years": DROPPED, "no later than five years": CHOSEN},
    ),
]


def ended(old: Tree, comparison: Comparison) -> dict[str, Act]:
    """Return the endings of those variants of `old` that ended. The keys are the texts of the variants."""
    return {
        comparison.old_variants[event.old].words(old.text).strip(): event.act
        for event in comparison.events
        if event.act in ENDINGS and event.old is not None
    }


@pytest.mark.parametrize(("old", "new", "expected"), ENDED)
def test_a_comparison_reports_which_alternative_was_chosen_and_which_were_dropped(
    old: str, new: str, expected: dict[str, Act]
) -> None:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    comparison = compare(before, after)
    assert ended(before, comparison) == expected
    assert comparison.replay(old) == new


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (*ENDED[0][:2], ["Dropped: “personal information”.", "Chosen among the alternatives: “personal data”."]),
        (
            *ENDED[1][:2],
            [
                "Dropped: “No later than two years”.",
                "This ends the position of EU.",
                "Chosen among the alternatives: “No later than five years”.",
                "This ends the position of CHN.",
            ],
        ),
        (*ENDED[2][:2], ["Dropped: “shall protect”.", "Chosen among the alternatives: “shall respect”."]),
        (
            *ENDED[3][:2],
            [
                "Dropped: “personal information”.",
                "This ends the position of EU.",
                "Bracket lifted, words kept: “personal data”.",
                "This ends the position of USA.",
            ],
        ),
    ],
)
def test_the_compare_command_reports_the_chosen_alternative(
    old: str, new: str, lines: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old.txt").write_text(old + "\n", encoding="utf-8")
    (tmp_path / "new.txt").write_text(new + "\n", encoding="utf-8")
    assert main(["compare", str(tmp_path / "old.txt"), str(tmp_path / "new.txt")]) == 0
    assert capsys.readouterr().out.splitlines()[:-2] == lines


# --- choices of every form, made by an operation and by a free edit

WORDS = "the each shall may not protect respect data personal information of two five years keep records".split()
phrases = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
heads = st.sampled_from(["", "CAN: ", "JPN oppose: ", "CAN propose; BRA oppose: ", "EU: "])


@st.composite
def alternatives(draw: st.DrawFn, nested: bool) -> list[str]:
    """Return two to four alternatives, some of which begin or end with the same words or contain each other."""
    shared, kind = draw(phrases), draw(st.sampled_from(["plain", "prefix", "suffix", "longer"]))
    rows: list[str] = []
    for phrase in draw(st.lists(phrases, min_size=2, max_size=4, unique=True)):
        row = {"plain": phrase, "prefix": f"{shared} {phrase}", "suffix": f"{phrase} {shared}"}.get(kind)
        row = row or (f"{rows[-1]} {phrase}" if rows else phrase)
        if nested and draw(st.booleans()):
            row += f" [{draw(heads)}{draw(phrases)}]" + draw(st.sampled_from(["", " anew"]))
        rows.append(row)
    return rows


@st.composite
def texts_with_choices(draw: st.DrawFn) -> str:
    parts = [draw(phrases)]
    for form in draw(
        st.lists(st.sampled_from(["/", "or", "run", "inside", "mirror", "lines", "labels"]), min_size=1, max_size=2)
    ):
        rows = draw(alternatives(nested=form != "inside"))
        if form == "inside":
            choice = f"[{'/'.join(rows)}]"
        elif form == "mirror":
            choice = f"[CAN: {rows[0]}] [CAN oppose: {rows[1]}]"
        elif form == "lines":
            choice = "".join(f"\nOption {number}: {row}" for number, row in enumerate(rows, 1)) + "\n\n"
        elif form == "labels":
            choice = " ".join(f"[Option {number}: {row}]" for number, row in enumerate(rows, 1))
        else:
            choice = {"/": " / ", "or": " or ", "run": " "}[form].join(f"[{draw(heads)}{row}]" for row in rows)
        parts += [choice, draw(phrases)]
    return " ".join(parts)


def endings_of(tree: Tree) -> list[Edit]:
    """Return the edits that choose, drop or lift an alternative or option of `tree`."""
    edits: list[Edit] = []
    for group in groups(tree):
        inside = group.relation is Relation.INSIDE
        places = [(group.brackets[0].start, number) for number in range(len(group.spans))] if inside else []
        for at, number in places or [(member.start, 0) for member in group.members]:
            for operation in (partial(choose, number=number), drop, lift):
                with contextlib.suppress(EditRefused):
                    edits.append(operation(tree, at))
    return edits


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(texts_with_choices(), st.data())
def test_a_free_edit_ends_the_same_variants_as_the_operation(text: str, data: st.DataObject) -> None:
    tree = parse(text, REGISTER)
    rows = [variant.words(text).strip() for variant in variants(tree)]
    assume(len(set(rows)) == len(rows))  # identical alternatives cannot be distinguished
    edits = endings_of(tree)
    assume(edits)
    edit = data.draw(st.sampled_from(edits))
    comparison = compare(tree, edit.tree)
    endings = {
        comparison.old_variants[event.old].begin: event.act
        for event in comparison.events
        if event.act in ENDINGS and event.old is not None
    }
    assert endings == dict(edit.outcomes)


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(texts_with_choices(), st.data())
def test_a_change_to_adjacent_words_does_not_affect_the_chosen_alternative(text: str, data: st.DataObject) -> None:
    tree = parse(text, REGISTER)
    rows = [variant.words(text).strip() for variant in variants(tree)]
    assume(len(set(rows)) == len(rows))
    edits = endings_of(tree)
    assume(edits)
    after = data.draw(st.sampled_from(edits)).tree
    before = ended(tree, compare(tree, after))
    edges = data.draw(st.tuples(*[st.sampled_from(["", "Article six ", "lastly (a) "])] * 2))
    assert ended(tree, compare(tree, parse(f"{edges[0]}{after.text} {edges[1]}", REGISTER))) == before


@given(texts_with_choices(), texts_with_choices())
def test_at_most_one_alternative_of_a_choice_and_no_bracket_of_a_run_is_chosen(old: str, new: str) -> None:
    tree = parse(old, REGISTER)
    comparison = compare(tree, parse(new, REGISTER))
    begins = {variant.start: variant.begin for variant in comparison.old_variants}
    begins |= {v.bracket.body: v.begin for v in comparison.old_variants if v.bracket and v.begin == v.bracket.start}
    chosen = {comparison.old_variants[event.old or 0].begin for event in comparison.events if event.act is CHOSEN}
    counts = [(sum(begins[start] in chosen for start, _ in group.spans), group.relation) for group in groups(tree)]
    assert all(count <= (relation in CHOICES) for count, relation in counts)
    assert sum(count for count, _ in counts) == len(chosen)


def test_a_footnote_number_between_two_options_does_not_separate_them() -> None:
    text = "[Option 1: Parties meet;]1\n[Option 2: Parties write;]"
    assert [group.relation for group in groups(parse(text, REGISTER))] == [Relation.OPTIONS]
