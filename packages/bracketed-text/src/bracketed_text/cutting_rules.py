"""The patterns and tests by which `cutting` recognises headings and numbered paragraphs."""

import re

# Patterns examine at most this many characters of a line, so that the cost per line is bounded.
LOOK = 240
_LEAD = r"[\s\[{*_#>“\"]*"
_BIS = r"(?:bis|ter|quat(?:er)?|quinquies|sexies|septies|octies|novies|decies|BIS|TER|alt|Alt|ALT)(?![A-Za-z])"
_WORDS = r"(?=[A-Z])(?i:article|subsection|section|chapter|part|title|annex|appendix|schedule|attachment)"
# Most lines are prose. This pattern quickly excludes lines that no rule can match; lines in capitals are checked
# separately.
MAY_BEGIN = re.compile(
    rf"{_LEAD}(?:[0-9#]|{_WORDS}|(?i:preamble)|[A-Z]\.|[IVXL]{{1,6}}\.|ALT|Alt|PP|Pp|OP|OPTION|Option)"
    r"|[\s\[{*_>“\"]*\[[^\[\]:]{1,160}:"
)
_MARKS = re.compile(_LEAD)
FIRST = re.compile(r"[\[*_]{0,4}1\.")
NUMBER = re.compile(
    rf"(?P<label>(?:(?:ALT|Alt)\.?\s)?(?:\[?(?P<rival>[0-9]{{1,3}})\]\s?\[)?(?P<n>[0-9]{{1,3}})(?P<bis>\s?{_BIS})?)\]?"
    rf"(?:\s?\.(?:(?P<gap>\s?)(?P<sub>[0-9]{{1,3}})(?:{_BIS})?)?(?=[\s\[\]“\"*_(A-Z]|$)|(?<=[a-zT])(?=\s|$))"
)
PREAMBULAR = re.compile(rf"(?P<label>(?:PP|Pp|OP)\s?[0-9]{{1,3}}(?:\s?{_BIS})?)\.?(?=\s|$)")
# A head before a number, with or without a footnote mark: "CAN propose; USA oppose:13 ".
_HEAD = re.compile(r"[^\[\]:]{1,160}:(?:[0-9]{1,3}(?=\s))?[\s\[*_]*")
_MOST_HEADS = 2
# A line that opens the bracket around the paragraph on the next line: "[CAN alternative proposal:".
LEAD_IN = re.compile(r"\[[^\[\]]{0,60}:|[\[*_\s]+")
OPTION = re.compile(r"(?P<label>(?:Option|OPTION) (?P<n>[IVX]+|[A-Z]|[0-9]{1,2}))(?![\w-])(?:[*_:\s]|\([^()]*\))*")
KEYWORD = re.compile(
    rf"(?P<label>(?P<word>{_WORDS})"
    r"(?:(?<=[Xx])(?=\W*$)|(?<=[Xx])\s+to\s+(?i:article)\s+\S+"
    r"|\s+\[?(?:ante\s)?-?(?!(?:OF|TO|AND|IN|FOR|THE)\b)[A-Z0-9]{1,8}(?:\.[A-Za-z0-9]{1,9}){0,4}"
    rf"(?:\s?{_BIS})?(?![A-Za-z0-9])))"
    r"[\]}*_]*(?:\s?[0-9]{1,3}(?=[\s:])){0,2}(?:\[\^?[0-9]+\])?\s*(?P<mark>[:.–—-]?)\s*(?P<rest>.*)",
    re.DOTALL,
)
SECTION = re.compile(r"(?P<label>[IVXL]{1,6}|[A-Z])\.(?:\s+(?P<rest>.*)|$)", re.DOTALL)
# A heading contains the headings with a larger rank.
RANKS = {"annex": 1, "appendix": 1, "schedule": 1, "attachment": 1, "part": 2, "title": 2, "chapter": 3}
RANKS |= {"roman": 4, "section": 5, "letter": 6, "subsection": 6, "capitals": 7, "article": 8, "option": 9}
ROMANS = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"]
LONGEST_TITLE = 200
LONGEST_TITLE_LINE = 90
MOST_TITLE_LINES = 4
VERB = re.compile(r"\b(?:shall|may|should|must|will|is|are|has|have|agree)\b")
# A line that ends with one of these words continues on the next line.
_JOINING = frozenset(
    "of in and or with to under by the from its that this see at for on per as no nos article articles "
    "paragraph paragraphs section sections annex annexes chapter chapters part parts".split()
)


def lead_end(text: str, start: int = 0) -> int:
    """Return the offset after any blanks and marks that begin at `start`."""
    match = _MARKS.match(text, start)
    return match.end() if match else start


def joins_on(before: str) -> bool:
    """Return whether a line that ends with `before` continues on the next line."""
    word = before.replace("/", " ").rpartition(" ")[2].lstrip("([“")
    return word.endswith(",") or word.lower() in _JOINING


def match_after_heads(form: re.Pattern[str], text: str, at: int) -> re.Match[str] | None:
    """Return the match of `form` at `at` or, if heads of brackets begin there, after these heads.

    The result is None if there is no match.
    """
    for _ in range(_MOST_HEADS):
        match = form.match(text, at)
        head = None if match or "[" not in text[:at] else _HEAD.match(text, at)
        if not head:
            return match
        at = head.end()
    return form.match(text, at)


def is_capitals(text: str) -> bool:
    """Return whether the line is a heading in capitals, which consists of several words or of one long word."""
    if not text.isupper() or len(text) > 120 or text.endswith((".", ";")):
        return False
    letters = sum(map(str.isalpha, text))
    return letters >= 6 and letters * 10 >= len(text) * 6


def is_title(text: str, most: int = LONGEST_TITLE_LINE) -> bool:
    """Return whether the text can be a title: short, with an initial capital, and without a verb or final full stop."""
    words = text.strip("*_ ")
    if len(words) > most or VERB.search(words) or (words.endswith((".", ";", ",", ":")) and not is_capitals(words)):
        return False
    if words.startswith("("):
        return words.endswith(")")
    return not next((letter for letter in words if letter.isalnum()), "A").islower()


def title_of(text: str) -> str:
    """Return the text of a heading on one line, without markup and without marks around the whole heading."""
    words = " ".join(re.sub(r"[*_#]+", "", text).split())
    for opening, closing in ("()", "{}"):
        if words.startswith(opening) and words.endswith(closing):
            words = words[1:-1]
        words = words.removesuffix(closing) if opening not in words else words
    if words.count("]") > words.count("["):
        words = words.removesuffix("]")
    return words.strip()


def option_number(letters: str) -> int:
    """Return the number of an option, given its label. For example, return 4 for "IV" and 2 for "B"."""
    return ROMANS.index(letters) + 1 if letters in ROMANS else ord(letters[0]) - ord("A") + 1
