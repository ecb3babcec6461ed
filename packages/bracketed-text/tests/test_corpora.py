"""Compare the engine's results for real negotiating texts, if available, with docs/explanation/corpora.md."""

import re
from collections import Counter
from pathlib import Path

import pytest

from bracketed_text import Code, Name, Register, Silence, Tree, compare, parse, parse_document, read
from bracketed_text.advanced import Bracket, Kind, cut

ROOT = Path(__file__).resolve().parents[3]
CORPORA = ROOT.parent / "shared" / "corpora"
PAGE = (ROOT / "docs" / "explanation" / "corpora.md").read_text(encoding="utf-8")
PARTIES = "AU BN CA CL JP MX MY NZ PE SG US VN".split()
REGISTER = Register((code, Name(code)) for code in PARTIES)
FIGURES = {
    "tpp_ip": 794,
    "acta": 712,
    "unfccc_adp_2015-11-10": 1562,
    "bbnj_A-CONF.232-2022-5": 280,
    "unfccc_cop21_2015-12-12": 0,
    "wto_jsi": 0,
}

pytestmark = pytest.mark.skipif(
    not CORPORA.is_dir(), reason="The real texts are not here: ../shared/corpora is missing beside the project"
)
FILES = sorted(CORPORA.glob("*.txt")) if CORPORA.is_dir() else []
every_text = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def text_of(start: str) -> str:
    return next(path for path in FILES if path.name.startswith(start)).read_bytes().decode("utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table that follows `heading` on the page."""
    lines = PAGE[PAGE.index(heading) :].splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("|---"))
    cells = []
    for line in lines[first + 1 :]:
        if not line.startswith("|"):
            break
        cells.append([cell.strip() for cell in line.strip("|").split("|")])
    return cells


# --- the plain count, which is independent of the engine

_MARKS = re.compile(r"[\[\]]")
_NO_NEGOTIATION = re.compile(r"\[{1,2}\s*(?:\d+(?:\.\d*)*|X|\.+|…|date|insert \w+|\^\w+)?\s*\]{1,2}")
_DEFINES_LINKS = re.compile(r"^\[\w+\]: \S*/", re.MULTILINE)
_HEAD = re.compile(rf"\[\s*(?:\d+\.\s*)?(?:{'|'.join(PARTIES)})[^\[\]:]{{0,150}}:")


def plain_pairs(text: str) -> dict[int, int]:
    """Return the start and end of each negotiation bracket, found by simple stack matching."""
    opens: list[int] = []
    result = {}
    has_links = _DEFINES_LINKS.search(text) is not None
    for match in _MARKS.finditer(text):
        if match[0] == "[":
            opens.append(match.start())
        elif opens:
            start = opens.pop()
            linked = has_links and ("]" in text[start - 1 : start] or text[match.end() : match.end() + 1] in "[(:")
            if not linked and not _NO_NEGOTIATION.fullmatch(text, start, match.end()):
                result[start] = match.end()
    return result


@pytest.mark.parametrize(("name", "figure", "plain", "engine"), rows("| Text | Independent count |"))
def test_the_number_of_pairs_in_each_text_matches_the_documentation(
    name: str, figure: str, plain: str, engine: str
) -> None:
    text = text_of(name)
    assert FIGURES[name] == int(figure)
    assert len(plain_pairs(text)) == int(plain)
    assert sum(1 for _ in parse(text, REGISTER).walk()) == int(engine)


def test_the_documentation_explains_every_pair_on_which_engine_and_plain_count_differ() -> None:
    counts: Counter[tuple[str, str, str]] = Counter()
    for name in FIGURES:
        text = text_of(name)
        tree = parse(text, REGISTER)
        plain, engine = plain_pairs(text), {bracket.start: bracket.end for bracket, _ in tree.walk()}
        for start in plain.keys() - engine.keys():
            counts[name, "leaves out", left_out(tree, start, plain[start])] += 1
        for start in engine.keys() - plain.keys():
            counts[name, "counts", counted(text, start, engine[start])] += 1
        for start in engine.keys() & plain.keys():
            if engine[start] != plain[start]:
                counts[name, "pairs differently", "brackets around a misplaced mark"] += 1
    written = {(name, does, what): int(count) for name, does, what, count, _ in rows("| Text | Engine |")}
    assert dict(counts) == {key: count for key, count in written.items() if count}


def left_out(tree: Tree, start: int, end: int) -> str:
    """Return the reason why the engine does not count the pair of brackets."""
    waiting: list[tuple[Bracket, bool]] = [(bracket, False) for bracket in tree.brackets]
    while waiting:
        bracket, in_a_note = waiting.pop()
        if bracket.start == start:
            if in_a_note:
                return "brackets inside notes"
            return {Kind.NOTE: "editorial notes", Kind.PLACEHOLDER: "blanks"}.get(bracket.kind, bracket.kind.value)
        waiting += [(child, in_a_note or bracket.kind is Kind.NOTE) for child in bracket.children]
    return f"no bracket of the engine: {tree.text[start:end][:40]}"


def counted(text: str, start: int, end: int) -> str:
    """Return the kind of a pair of brackets that the plain count leaves out."""
    if re.fullmatch(r"\[\[.*\]\]", text[start:end]):
        return "a bracket around a blank"
    beside = re.match(r"[ \t]*\[\s*\d", text[end:]) or re.search(r"\[[^\[\]]*\d[^\[\]]*\][ \t]*$", text[:start])
    return "numbers side by side" if beside else "numbers at the beginning of a line"


def test_the_number_of_heads_in_the_tpp_text_matches_the_documentation() -> None:
    text = text_of("tpp_ip")
    plain: Counter[str] = Counter()
    for start in plain_pairs(text):
        head = _HEAD.match(text, start)
        if head is not None:
            plain[kind_of_head(head[0], "propos" in head[0].lower(), "oppos" in head[0].lower())] += 1
    engine: Counter[str] = Counter()
    for bracket, _ in parse(text, REGISTER).walk():
        stances = {claim.stance for claim in bracket.head.claims}
        if stances & {"propose", "oppose"}:
            engine[kind_of_head(text[bracket.start : bracket.body], "propose" in stances, "oppose" in stances)] += 1
        elif stances:
            engine["considers"] += 1
    for kind, _, by_plain_count, by_engine in rows("## Heads of the TPP text"):
        assert (plain[kind], engine[kind]) == (int(by_plain_count.replace("–", "0")), int(by_engine)), kind


def kind_of_head(written: str, proposes: bool, opposes: bool) -> str:
    if proposes and opposes:
        return "both"
    if opposes:
        return "only oppose"
    return "only propose, with a verb" if "propos" in written.lower() else "names without a verb"


def test_no_member_in_the_tpp_text_is_on_both_sides_of_a_bracket() -> None:
    codes = [diagnostic.code for diagnostic in parse(text_of("tpp_ip"), REGISTER).diagnostics]
    assert Code.BOTH_SIDES not in codes


@every_text
def test_no_character_of_a_real_text_is_lost(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    for tree in (parse(text, REGISTER), parse_document(text, REGISTER).tree()):
        assert "".join(text[piece.start : piece.end] for piece in tree.pieces()).encode() == path.read_bytes()


@every_text
def test_the_joined_provisions_of_a_real_text_equal_the_text(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert "".join(text[part.start : part.end] for part in cut(text)) == text


@every_text
def test_a_reading_of_a_real_text_that_shows_silence_differs_from_it_only_at_joins(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    tree = parse_document(text, REGISTER).tree()
    notes = sum(piece.end - piece.start for piece in tree.pieces() if piece.role == "aside")
    reading = read(tree, (), Silence.SHOW)
    assert abs(len(text) - len(reading.text)) <= notes + sum(len(join.removed) for join in reading.joins)
    assert len(read(tree, (), Silence.DROP).text) <= len(reading.text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("unfccc_adp_2015-10-05", "unfccc_adp_2015-10-23"),
        ("unfccc_adp_2015-10-23", "unfccc_adp_2015-11-10"),
        ("unfccc_adp_2015-10-05", "unfccc_adp_2015-11-10"),
        ("unfccc_cop21_2015-12-09", "unfccc_cop21_2015-12-12"),
        ("bbnj_A-CONF.232-2022-5", "bbnj_A-CONF.232-2022-INF.5"),
    ],
)
def test_the_drafts_of_a_negotiation_can_be_compared_and_replayed(old: str, new: str) -> None:
    before, after = parse_document(text_of(old)).tree(), parse_document(text_of(new)).tree()
    comparison = compare(before, after)
    assert comparison.replay(before.text) == after.text
    assert all(0 <= hunk.event < len(comparison.events) for hunk in comparison.hunks)
    assert len(comparison.pairs) <= min(len(comparison.old_variants), len(comparison.new_variants))
