"""Parse a text into a tree.

Three rules apply:

1. Every string can be parsed. Problems are reported as diagnostics of the tree; nothing is repaired silently.
2. Each "]" closes the last "[" that is still open in the same text. A mark without a partner is ordinary text and is
   reported in a diagnostic.
3. Time and memory grow linearly with the length of the text.

For example, the inner pair of "a [b [c] d" is a bracket, and the first "[" is text:

    >>> tree = parse("a [b [c] d")
    >>> tree.brackets
    [<Bracket 5:8 negotiation>]
    >>> [(diagnostic.code.value, diagnostic.start) for diagnostic in tree.diagnostics]
    [('unmatched-open', 2)]
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from bracketed_text.alternatives import variants
from bracketed_text.diagnostics import DEPTH_LIMIT, DEPTH_WARNING, MOST_VARIANTS, Code, Diagnostic
from bracketed_text.heads import NO_HEAD, NOTE_HEAD, Head, head_behind_a_stray_mark, names_without_a_bracket, read_head
from bracketed_text.labels import label_at, labelled_runs, labels_in_brackets, may_have_labels, says_no_text
from bracketed_text.limits import may_hold_too_many
from bracketed_text.register import Register
from bracketed_text.tree import Bracket, Kind, Tree

# Marks are hidden by a backslash before them, in a note "{…}", and in the target of a link.
_ESCAPED = frozenset("[]{}\\")
_TARGET = re.compile(r"\](\((?=[^()\s]*[/.#])[^()\s]+\))")
_PLACEHOLDER = re.compile(
    r"\s+|\s*(?:[.…]+|[Xx]{1,3}|[_●•]+|[-–—]+"
    r"|date|number|year|month|day|name|title|place|to be (?:determined|inserted)|insert\s[^\[\]]*)\s*",
)
_FOOTNOTE = re.compile(r"\^\w{1,4}")
_NUMBER = re.compile(r"\s*\d{1,3}(?:\.\d{1,2})?\s*")
# The signs that a footnote mark may follow, in addition to letters and digits.
_MARKED = frozenset('.,;:)]}”"’-–')
# Matches if another number in brackets follows directly or after a separator of alternatives. The other number may have
# a head.
_BETWEEN_NUMBERS = re.compile(r"[ \t]*(?:(?:/|or\b|\{[ \t]*and/or[ \t]*\})[ \t]*)?")
_ANOTHER_NUMBER = re.compile(
    _BETWEEN_NUMBERS.pattern + r"\[(?:\s*\d|[A-Z][^\[\]:\n]{0,200}:\s*\d{1,3}(?:\.\d{1,2})?\s*\])"
)
_LINK_TARGET = re.compile(r"\((?=[^()\s]*[/.#])[^()\s]+\)")
# The markdown definition of the target of "[text][label]".
_REFERENCE = re.compile(r"\n\[([^\[\]\n]{1,80})\]:[ \t]+(\S+)$", re.MULTILINE)
# No placeholder or footnote mark is longer than this.
_SHORT = 24
# A deleted and an inserted word, joined because tracked changes were lost: "digitalElectronic", "shallshould".
_SHAPE = bytes(97 if chr(byte).islower() else 65 if chr(byte).isupper() else 32 for byte in range(256))
_JOINED = b"aaaAaaa"
_JOINED_VERBS = ("shallshould", "shouldshall", "shallmay", "mayshall")
_WORD = re.compile(r"\w+")
_NEGOTIATION = Kind.NEGOTIATION
EMPTY_REGISTER = Register()


def parse(text: str, register: Register = EMPTY_REGISTER) -> Tree:
    """Return the tree of `text`. `register` contains the names that may occur in heads.

    Pass one provision at a time, because brackets pair within the text. For whole documents, use `parse_document`. The
    function never raises an exception.
    """
    hidden, notes = (text, []) if not _may_hide_marks(text) else _without_asides(text)
    reading = _Reading(text, register, notes)
    at = -1
    for part in hidden.split("["):  # each part except the first follows a "["
        if at >= 0:
            close = part.find("]")
            if close < 0:
                reading.open(at)
            else:
                reading.flat(at, at + close + 2, part[:close] if hidden is text else text[at + 1 : at + 1 + close])
                close = part.find("]", close + 1)
        else:
            close = part.find("]")
        while close >= 0:
            reading.close(at + close + 2)
            close = part.find("]", close + 1)
        at += len(part) + 1
    return _finished(reading)


class _Reading:
    """The state of parsing a text. The end of a bracket is the offset after its closing mark."""

    __slots__ = (
        "_behind",
        "_references",
        "_split_heads",
        "deepest",
        "findings",
        "forest",
        "notes",
        "opens",
        "register",
        "text",
    )

    def __init__(self, text: str, register: Register, notes: list[Bracket]) -> None:
        self.text = text
        self.register = register
        self.notes = notes
        # The completed brackets that are not inside another completed bracket. When a bracket is closed, the brackets
        # after its "[" become its children.
        self.forest: list[Bracket] = []
        self.opens: list[int] = []
        self._behind: list[int] = []  # the length of the forest at each of `opens`
        self._split_heads: dict[int, Head] = {}
        defined = _REFERENCE.findall("\n" + text) if "]: " in text else []
        self._references = {label for label, target in defined if any(mark in target for mark in "/.#")}
        self.findings: list[Diagnostic] = []
        self.deepest = 0

    def open(self, start: int) -> None:
        """Process a "["."""
        if self.notes:
            self.take_notes(start)
        self.opens.append(start)
        self._behind.append(len(self.forest))
        self.deepest = max(self.deepest, len(self.opens))

    def flat(self, start: int, end: int, inside: str) -> None:
        """Process a whole bracket that contains no other bracket."""
        if inside.isupper() and self._head_is_cut(start, end):
            self.open(start)
        elif self.notes and self.notes[-1].start < end:
            self.open(start)
            self.close(end)
        else:
            self._add(start, end, inside, ())

    def close(self, end: int) -> None:
        """Process a "]"."""
        if self.notes:
            self.take_notes(end)
        if not self.opens:
            self.findings.append(Diagnostic(Code.UNMATCHED_CLOSE, end - 1, end))
            return
        start, first = self.opens.pop(), self._behind.pop()
        children = self.forest[first:]
        del self.forest[first:]
        until = children[0].start if children else end - 1
        self._add(start, end, self.text[start + 1 : until], children)

    def take_notes(self, until: int) -> None:
        """Add the notes that begin before `until`."""
        while self.notes and self.notes[-1].start < until:
            self.forest.append(self.notes.pop())

    def _head_is_cut(self, start: int, end: int) -> bool:
        head = head_behind_a_stray_mark(self.text, start, end - 1, self.register)
        if head is NO_HEAD:
            return False
        self._split_heads[start] = head
        self.findings.append(Diagnostic(Code.CLOSE_IN_HEAD, end - 1, end))
        return True

    def _add(self, start: int, end: int, inside: str, children: Sequence[Bracket]) -> None:
        """Determine the kind of a bracket and add the bracket. `inside` is its text up to the next mark."""
        if inside in self._references and not children:
            self._link_by_reference(start, end)
            return
        if end - start <= _SHORT and not children:
            kind = _kind_of_short(self.text, start, end, self.forest)
            if end - start == 2:
                self.findings.append(Diagnostic(Code.EMPTY_BRACKET, start, end))
            if kind is not _NEGOTIATION:
                self.forest.append(Bracket(start, end, kind, NO_HEAD, children))
                return
        if (
            len(children) == 1
            and children[0].kind is Kind.FOOTNOTE
            and end - start - 2 == children[0].end - children[0].start
        ):
            self.forest.append(Bracket(start, end, Kind.FOOTNOTE, NO_HEAD, ()))  # "[[^9]]"
            return
        if self.text.startswith("(", end) and (target := _LINK_TARGET.match(self.text, end)):
            self.forest.append(Bracket(start, target.end(), Kind.LINK, NO_HEAD, children))
            return
        head = read_head(inside, self.register)
        if self._split_heads and start in self._split_heads:
            head = self._split_heads.pop(start)
        if head is NOTE_HEAD:
            self.forest.append(Bracket(start, end, Kind.NOTE, NO_HEAD, children))
            return
        for code, name in head.problems:
            self.findings.append(Diagnostic(code, start, start + head.length, name))
        self.forest.append(Bracket(start, end, _NEGOTIATION, head, children))

    def _link_by_reference(self, start: int, end: int) -> None:
        """Process the label of a link.

        If a bracket directly precedes the label, that bracket is the text of the link.
        """
        if self.forest and self.forest[-1].end == start:
            self.forest[-1].kind = Kind.LINK
        self.forest.append(Bracket(start, end, Kind.LINK, NO_HEAD, ()))


def _may_hide_marks(text: str) -> bool:
    return "{" in text or "\\" in text or "](" in text


def _without_asides(text: str) -> tuple[str, list[Bracket]]:
    """Return `text` with its notes, escaped marks and link targets replaced by blanks, and a list of the notes.

    The list begins with the last note.
    """
    parts: list[str] = []
    notes: list[Bracket] = []
    position, next_brace = 0, -1
    hiding = [(at, at + 1) for at in _places(text, "{")]
    hiding += [(at, at + 2) for at in _places(text, "\\") if text[at + 1 : at + 2] in _ESCAPED]
    if "](" in text:
        hiding += [match.span(1) for match in _TARGET.finditer(text)]
    hiding.sort()
    for start, end in hiding:
        if start < position:
            continue
        if text[start] == "{":
            # The next "}" is searched for only once, so that a thousand "{" cost no more than a single "{".
            next_brace = next_brace if next_brace >= start else _find_or_end(text, "}", start)
            if next_brace == len(text):
                continue
            end = next_brace + 1
            notes.append(Bracket(start, end, Kind.NOTE, NO_HEAD, ()))
        parts += (text[position:start], " " * (end - start))
        position = end
    parts.append(text[position:])
    notes.reverse()
    return "".join(parts), notes


def _finished(reading: _Reading) -> Tree:
    """Return the tree with its options, and with all diagnostics in text order.

    A "[" that is never closed is text. The brackets after it belong to the surrounding bracket.
    """
    text, findings = reading.text, reading.findings
    reading.take_notes(len(text))
    findings += _unclosed(reading.opens)
    findings += _lost_marks(text, findings, reading.register)
    findings += _joined(text)
    tree = Tree(text, reading.forest, findings, reading.register)
    if may_have_labels(text):
        tree.runs, problems = labelled_runs(text, tree.brackets)
        findings += problems
        in_blocks = {(block.start, block.body) for run in tree.runs for block in run}
        tree.labels = sorted(in_blocks.union(labels_in_brackets(text, tree.brackets)))
        _empty_options(tree)
    if reading.deepest + 1 >= DEPTH_WARNING:  # an upper bound of the depth, since flat brackets are not counted
        findings += _depth_findings(tree)
    if may_hold_too_many(text, sum(map(len, tree.runs))):
        findings += _too_many(tree)
    findings.sort(key=lambda diagnostic: diagnostic.start)
    return tree


def _places(text: str, mark: str) -> Iterator[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + 1)


def _find_or_end(text: str, mark: str, start: int) -> int:
    offset = text.find(mark, start)
    return offset if offset >= 0 else len(text)


def _kind_of_short(text: str, start: int, end: int, siblings: Sequence[Bracket]) -> Kind:
    """Return the kind of the bracket `text[start:end]`, which is short and contains no other bracket."""
    if _PLACEHOLDER.fullmatch(text, start + 1, end - 1):
        return Kind.PLACEHOLDER
    if _FOOTNOTE.fullmatch(text, start + 1, end - 1):
        return Kind.FOOTNOTE
    if _NUMBER.fullmatch(text, start + 1, end - 1) and _marks_a_footnote(text, start, end, siblings):
        return Kind.FOOTNOTE
    return Kind.NEGOTIATION


def _marks_a_footnote(text: str, start: int, end: int, siblings: Sequence[Bracket]) -> bool:
    """Return whether a number in brackets is a footnote mark, based on the surrounding text.

    A number directly after a word or its punctuation is a footnote mark. A number after a space may be contested, as in
    "every [5] [10] years" or "[4] [2]. Each …". Such a number is a footnote mark only if no other number is next to it
    and a word precedes it in the line.
    """
    neighbour = siblings[-1] if siblings else None
    if neighbour is not None and neighbour.kind is Kind.NOTE and len(siblings) > 1:
        neighbour = siblings[-2]
    if neighbour is not None and neighbour.end <= start and _BETWEEN_NUMBERS.fullmatch(text, neighbour.end, start):
        if neighbour.kind is Kind.FOOTNOTE:
            return neighbour.end == start
        if text[neighbour.body : neighbour.end].lstrip()[:1].isdigit() and neighbour.kind is Kind.NEGOTIATION:
            return False
    before = text[start - 1 : start]
    if before.isalnum() or before in _MARKED:
        return before != "]" or not _ANOTHER_NUMBER.match(text, end)
    if before not in (" ", "\t") or _ANOTHER_NUMBER.match(text, end):
        return False
    word = text[max(0, start - 4) : start].rstrip(" \t")[-1:]
    return word.isalnum() or word in _MARKED


def _unclosed(opens: list[int]) -> Iterator[Diagnostic]:
    """Yield diagnostics for every "[" that is never closed. Consecutive marks share a diagnostic."""
    first = last = -1
    for at in opens:
        if at != last:
            if first >= 0:
                yield Diagnostic(Code.UNMATCHED_OPEN, first, last)
            first = at
        last = at + 1
    if first >= 0:
        yield Diagnostic(Code.UNMATCHED_OPEN, first, last)


def _lost_marks(text: str, findings: list[Diagnostic], register: Register) -> list[Diagnostic]:
    """Return diagnostics for names that take a position before an unmatched "]", where a "[" seems to be missing."""
    lost = []
    previous = 0
    for finding in [diagnostic for diagnostic in findings if diagnostic.code is Code.UNMATCHED_CLOSE]:
        span = names_without_a_bracket(text, max(previous, finding.start - 4000), finding.start, register)
        if span is not None:
            lost.append(Diagnostic(Code.LOST_OPEN, *span))
        previous = finding.end
    return lost


def _joined(text: str) -> Iterator[Diagnostic]:
    shape = text.encode("latin-1", "replace").translate(_SHAPE)  # one byte per character; much faster than a pattern
    at = shape.find(_JOINED)
    while at >= 0:
        span = _joined_word(text, at)
        if span.name[0].islower():  # "JavaScript" is a name
            yield span
        at = shape.find(_JOINED, at + 4)
    for words in _JOINED_VERBS:
        for at in _places(text, words):
            yield _joined_word(text, at)


def _joined_word(text: str, at: int) -> Diagnostic:
    start = at
    while start and at - start < 40 and text[start - 1].isalnum():
        start -= 1
    word = _WORD.match(text, start, start + 80)
    end = max(at + 1, word.end()) if word else at + 1
    return Diagnostic(Code.JOINED_WORDS, start, end, text[start:end])


def _empty_options(tree: Tree) -> None:
    """Make the bracket of "Option 2: [No text]" a placeholder, so that an empty option is not counted as a bracket."""
    text = tree.text
    for block in (block for run in tree.runs for block in run if says_no_text(text, block.body, block.end)):
        _says_it_is_empty(block.container.children if block.container else tree.brackets, block.body, block.end)
    for bracket, _depth in list(tree.walk()):
        body = label_at(text, bracket.body, bracket.close) if bracket.children else None
        if body is not None and says_no_text(text, body, bracket.close):
            _says_it_is_empty(bracket.children, body, bracket.close)


def _says_it_is_empty(siblings: Sequence[Bracket], body: int, end: int) -> None:
    at = bisect_left(siblings, body, key=lambda bracket: bracket.start)
    if at < len(siblings) and siblings[at].start < end:
        siblings[at].kind = Kind.PLACEHOLDER


def _too_many(tree: Tree) -> list[Diagnostic]:
    """Return a diagnostic if the tree has more than `MOST_VARIANTS` variants."""
    all_variants = variants(tree)
    if len(all_variants) <= MOST_VARIANTS:
        return []
    begin = all_variants[MOST_VARIANTS].begin
    return [Diagnostic(Code.TOO_MANY_BRACKETS, begin, begin + 1)]


def _depth_findings(tree: Tree) -> list[Diagnostic]:
    """Return a diagnostic for each bracket at which the depth of nesting crosses a limit.

    Brackets at a greater depth have no diagnostic.
    """
    crossed = {DEPTH_WARNING: Code.DEEP, DEPTH_LIMIT + 1: Code.TOO_DEEP}
    return [
        Diagnostic(crossed[depth], bracket.start, bracket.start + 1)
        for bracket, depth in tree.walk()
        if depth in crossed
    ]
