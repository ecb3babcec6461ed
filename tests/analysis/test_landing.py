"""Tests of landing zones, which rank the options in a text by support and show who could accept one reading."""

import sys
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bracketed_text import Name, Register, parse
from issues.reports.analysis import Bound, Choice, Inexact, Option, choices_in, landing

CODES = ["BRA", "CAN", "IDN", "JPN", "KEN", "NGA"]
REGISTER = Register([*((code, Name(code)) for code in CODES), ("AFRICAN GROUP", Name("AFRICAN GROUP", ("KEN", "NGA")))])


def choices(text: str) -> list[Choice]:
    return choices_in(parse(text, REGISTER), CODES)


def test_an_opponent_of_a_bracket_wants_it_dropped() -> None:
    (choice,) = choices("Each Party [CAN, JPN propose; BRA oppose: shall] act.")
    keep, drop = choice.options
    assert (keep.words, sorted(keep.supporters), sorted(keep.opponents)) == ("shall", ["CAN", "JPN"], ["BRA"])
    assert (drop.keeps, sorted(drop.supporters), sorted(drop.opponents)) == (False, ["BRA"], ["CAN", "JPN"])
    assert choice.contested
    assert choice.best == [keep]


def test_options_with_the_same_balance_are_all_the_best() -> None:
    (choice,) = choices("Each Party [CAN: shall] / [BRA: may] / [JPN, IDN oppose: could] act.")
    assert [option.words for option in choice.best] == ["shall", "may"]


def test_a_supporter_of_one_alternative_is_against_the_others() -> None:
    (choice,) = choices("Each Party [CAN: shall] / [BRA, JPN: may] act.")
    shall, may = choice.options
    assert sorted(shall.opponents) == ["BRA", "JPN"]
    assert choice.best == [may]
    assert choice.stands_between(["CAN", "BRA"])
    assert not choice.stands_between(["BRA", "JPN"])


def test_a_members_own_position_overrides_that_of_its_grouping() -> None:
    (choice,) = choices("It [AFRICAN GROUP propose; KEN oppose: promptly] informs.")
    assert sorted(choice.options[0].supporters) == ["NGA"]
    assert sorted(choice.options[0].opponents) == ["KEN"]


def test_brackets_without_positions_are_not_choices_between_members() -> None:
    assert choices("It [shall] act [CAN reserve: now].") == []


def test_all_members_can_agree_on_a_reading_that_nobody_opposes() -> None:
    found = landing(choices("It [CAN: shall] act [JPN oppose: now]."), CODES)
    assert (found.members, found.exact) == (frozenset(CODES), True)


def test_the_largest_set_excludes_an_isolated_member() -> None:
    found = landing(choices("It [CAN, JPN propose; BRA oppose: shall] act [BRA propose; IDN oppose: now]."), CODES)
    assert found.members == frozenset(CODES) - {"BRA"}
    assert found.silent == {"KEN", "NGA"}
    assert found.exact


def test_a_choice_inside_a_bracket_does_not_arise_where_the_bracket_is_removed() -> None:
    found = landing(choices("It [CAN propose; BRA oppose: acts [JPN propose; IDN oppose: now]]."), CODES)
    assert (found.members, found.exact, found.unique) == (frozenset(CODES) - {"CAN"}, True, True)
    assert (len(found.inside), found.enclosing_stay) == (3, 2)


def test_an_unnamed_bracket_may_be_removed_and_the_size_without_its_removal_is_given() -> None:
    found = landing(choices("It [acts [JPN propose; IDN oppose: now]]."), CODES)
    assert (found.members, found.exact) == (frozenset(CODES), True)
    assert (len(found.inside), found.enclosing_stay) == (2, 1)


def test_sets_of_the_same_size_are_counted_and_the_parties_in_all_or_none_are_named() -> None:
    found = landing(choices("It [CAN, IDN propose; BRA, JPN oppose: shall] act."), CODES)
    assert (len(found.members), found.sets, found.counted, found.unique) == (4, 2, True, False)
    assert (found.in_all, found.in_none) == ({"KEN", "NGA"}, frozenset())


def test_a_party_whose_position_no_text_allows_is_in_no_set() -> None:
    found = landing(
        choices("It [CAN: a] / [BRA propose; JPN oppose: b] / [JPN oppose: c] acts [CAN oppose: d]."), CODES
    )
    assert found.in_none is not None
    assert found.in_none | (found.in_all or set()) <= set(CODES)


def test_a_number_of_sets_beyond_the_counting_limit_is_reported_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["issues.reports.analysis.largest_sets"], "MOST_SETS", 2)
    text = "It [CAN propose; BRA oppose: shall] act [JPN propose; IDN oppose: now] and [KEN, NGA: then] on."
    found = landing(choices(text), CODES)
    assert (found.exact, found.sets, found.counted, found.unique) == (True, 2, False, False)
    assert (found.in_all, found.in_none) == ({"KEN", "NGA"}, frozenset())


def test_a_position_of_a_represented_member_counts_only_where_its_representative_has_none() -> None:
    register = Register([(code, Name(code)) for code in ("CAN", "EU", "FRA", "POL")])

    def taken(text: str) -> list[list[str]]:
        parsed = parse(text, register)
        return [
            sorted(option.supporters)
            for choice in choices_in(parsed, ["CAN", "EU"], {"FRA": "EU", "POL": "EU"})
            for option in choice.options
        ]

    assert taken("It [EU propose; FRA oppose: now] acts.") == [["EU"], []]
    assert taken("It [EU reserve; FRA oppose: now] acts.") == []
    assert taken("It [CAN propose; FRA oppose: now] acts.") == [["CAN"], ["EU"]]
    assert taken("It [FRA propose; POL oppose: now] acts.") == []


SIDES = st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=6, max_size=6), max_size=6)


@given(SIDES)
def test_exhaustive_search_finds_no_larger_set(table: list[list[int]]) -> None:
    made = []
    for place, row in enumerate(table):
        wanted = frozenset(code for code, side in zip(CODES, row, strict=True) if side > 0)
        unwanted = frozenset(code for code, side in zip(CODES, row, strict=True) if side < 0)
        made.append(Choice(place, (Option("a", True, wanted, unwanted), Option("", False, unwanted, wanted))))
    largest = max(
        size
        for size in range(len(CODES) + 1)
        for members in combinations(CODES, size)
        if not any(choice.stands_between(members) for choice in made)
    )
    found = landing(made, CODES)
    assert found.exact
    assert len(found.members) == largest
    assert not any(choice.stands_between(found.members) for choice in made)


def test_three_members_that_each_oppose_a_different_alternative_have_no_common_reading() -> None:
    made = choices("It [CAN oppose: a] / [BRA oppose: b] / [JPN oppose: c] acts.")
    if len(made) != 1:
        pytest.skip("the engine takes base text that is opposed for no alternative")
    assert len(landing(made, ["CAN", "BRA", "JPN"]).members) == 2


@pytest.mark.parametrize(
    "text",
    [
        "It acts.\n\nOption 1: [CAN, BRA: now]\nOption 2: [JPN: never].\n\n2. It informs.",
        "It acts [CAN, BRA: Option 1: now] [JPN: Option 2: never].",
        "It acts\n[CAN, BRA: Option 1: now]\nor\n[JPN: Option 2: never]",
    ],
)
def test_only_one_labelled_option_is_kept_and_its_head_names_its_supporters(text: str) -> None:
    (choice,) = choices(text)
    assert [sorted(option.supporters) for option in choice.options] == [["BRA", "CAN"], ["JPN"]]
    assert [sorted(option.opponents) for option in choice.options] == [["JPN"], ["BRA", "CAN"]]
    assert choice.contested
    found = landing([choice], CODES)
    assert (found.members, found.exact) == (frozenset(CODES) - {"JPN"}, True)


def test_a_contested_bracket_inside_a_dropped_option_is_not_a_choice() -> None:
    text = "Option 1: It [CAN propose; BRA oppose: promptly] acts.\nOption 2: [JPN: It informs.]\n"
    options, inside = choices(text)
    assert (options.nested, inside.nested) == (False, True)
    assert [sorted(option.supporters) for option in options.options] == [[], ["JPN"]]
    found = landing([options, inside], CODES)
    assert (found.members, found.inside, found.exact) == (frozenset(CODES), {"BRA", "CAN", "JPN"}, True)


def test_a_bracket_around_all_options_can_be_dropped_with_them() -> None:
    around, options = choices("[CAN propose; BRA oppose: Option 1: [JPN: now]\nOption 2: [IDN: never]]")
    assert (around.nested, options.nested) == (False, True)
    assert [sorted(option.supporters) for option in options.options] == [["JPN"], ["IDN"]]


def test_the_result_is_not_exact_if_adjacent_brackets_may_be_alternatives() -> None:
    found = landing(choices("It lasts [CAN: five years] [JPN: ten years]."), CODES)
    assert found.members == frozenset(CODES)
    assert (found.reasons, found.bound) == ((Inexact.UNDETERMINED,), Bound.NONE)


def test_adjacent_brackets_with_the_same_supporters_do_not_affect_exactness() -> None:
    assert landing(choices("It lasts [CAN: five years] [CAN: or so]."), CODES).exact


def test_an_interrupted_search_states_the_interruption_as_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["issues.reports.analysis.largest_sets"], "MOST_STEPS", 1)
    found = landing(choices("It [CAN, JPN propose; BRA oppose: shall] act [BRA propose; IDN oppose: now]."), CODES)
    assert (found.reasons, found.bound, found.unique) == ((Inexact.STEPS,), Bound.LOWER, None)
    assert (found.in_all, found.in_none) == (None, None)


def _head(row: list[int]) -> str:
    names = {side: "/".join(code for code, one in zip(CODES, row, strict=True) if one == side) for side in (1, -1)}
    claims = [f"{names[side]} {verb}" for side, verb in ((1, "propose"), (-1, "oppose")) if names[side]]
    return f"{'; '.join(claims)}: " if claims else ""


def _options(rows: list[list[int]], form: int) -> str:
    heads = list(enumerate(map(_head, rows), start=1))
    if form == 0:
        return "\n".join(f"Option {number}: [{head}words]" for number, head in heads)
    return ("\n" if form == 1 else " or ").join(f"[{head}Option {number}: words]" for number, head in heads)


def _refuses(at: int, member: int, rows: list[list[int]]) -> bool:
    """Return whether the member opposes the option, or wants only other options."""
    return rows[at][member] < 0 or (rows[at][member] == 0 and any(row[member] > 0 for row in rows))


OPTIONS = st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=6, max_size=6), min_size=2, max_size=3)


@given(st.lists(st.tuples(OPTIONS, st.integers(0, 2)), max_size=4))
def test_exhaustive_search_among_labelled_options_finds_no_larger_set(
    table: list[tuple[list[list[int]], int]],
) -> None:
    text = "".join(f"{number}. Text.\n\n{_options(*row)}\n\n" for number, row in enumerate(table, start=1))
    largest = max(
        sum(
            not any(_refuses(at, member, rows) for at, (rows, _) in zip(chosen, table, strict=True))
            for member in range(len(CODES))
        )
        for chosen in product(*(range(len(rows)) for rows, _ in table))
    )
    found = landing(choices(text), CODES)
    assert found.exact
    assert len(found.members) == largest
