"""Bracketed negotiating text: what it means, measured and compared, with not one character lost.

Square brackets hold text that is not agreed; whoever is named at the head of a bracket takes a position on
the words inside. A member who is not named is silent. The engine measures brackets; it never declares agreement.

    >>> from issues.brackets import Name, Register, measure, parse
    >>> register = Register([("CAN", Name("CAN")), ("BRA", Name("BRA"))])
    >>> tree = parse("Each Party [CAN propose; BRA oppose: shall] [may] act.", register)
    >>> measure(tree).open_brackets
    2
    >>> sorted(measure(tree).opposing)
    ['BRA']

It is plain Python and knows no Django. Callers use what this page exports.
"""

from issues.brackets.alternatives import (
    Form,
    Group,
    Relation,
    Variant,
    groups,
    head_of,
    only_bracket,
    stands_at,
    variants,
)
from issues.brackets.attribution import Attribution, attributions, new_attributions
from issues.brackets.comparison import compare
from issues.brackets.cutting import Cut, Part, cut, without_furniture
from issues.brackets.diagnostics import DEPTH_LIMIT, MOST_VARIANTS, Code, Diagnostic, Severity
from issues.brackets.dividing import Article, articles
from issues.brackets.documents import Document, Section, parse_document
from issues.brackets.edits import (
    Edit,
    EditRefused,
    choose,
    drop,
    enclose,
    lift,
    mark_run,
    merge_alternatives,
    propose,
    propose_alternative,
    require_own_words,
    substitute,
)
from issues.brackets.events import ENDINGS, Act, Comparison, Event, Hunk
from issues.brackets.foreign import Foreign, foreign
from issues.brackets.heads import STANCES, Claim, Head
from issues.brackets.joins import Join
from issues.brackets.limits import excess
from issues.brackets.measuring import Measures, measure, together
from issues.brackets.merging import Conflict, Merge, Side, merge, retaken
from issues.brackets.names import names_at_heads, read_names
from issues.brackets.ownership import first_trespass, innermost
from issues.brackets.parsing import parse
from issues.brackets.patches import Patch, Replacement, apply_patch, compose, inverse
from issues.brackets.phrases import speak_through
from issues.brackets.readings import Reading, Silence, read
from issues.brackets.register import Name, Register
from issues.brackets.standing import divide, take_position, withdraw_position
from issues.brackets.tree import Block, Bracket, Kind, Piece, Tree
from issues.brackets.wording import listed, quote, sentences, stance_sentence

__all__ = [
    "DEPTH_LIMIT",
    "ENDINGS",
    "MOST_VARIANTS",
    "STANCES",
    "Act",
    "Article",
    "Attribution",
    "Block",
    "Bracket",
    "Claim",
    "Code",
    "Comparison",
    "Conflict",
    "Cut",
    "Diagnostic",
    "Document",
    "Edit",
    "EditRefused",
    "Event",
    "Foreign",
    "Form",
    "Group",
    "Head",
    "Hunk",
    "Join",
    "Kind",
    "Measures",
    "Merge",
    "Name",
    "Part",
    "Patch",
    "Piece",
    "Reading",
    "Register",
    "Relation",
    "Replacement",
    "Section",
    "Severity",
    "Side",
    "Silence",
    "Tree",
    "Variant",
    "apply_patch",
    "articles",
    "attributions",
    "choose",
    "compare",
    "compose",
    "cut",
    "divide",
    "drop",
    "enclose",
    "excess",
    "first_trespass",
    "foreign",
    "groups",
    "head_of",
    "innermost",
    "inverse",
    "lift",
    "listed",
    "mark_run",
    "measure",
    "merge",
    "merge_alternatives",
    "names_at_heads",
    "new_attributions",
    "only_bracket",
    "parse",
    "parse_document",
    "propose",
    "propose_alternative",
    "quote",
    "read",
    "read_names",
    "require_own_words",
    "retaken",
    "sentences",
    "speak_through",
    "stance_sentence",
    "stands_at",
    "substitute",
    "take_position",
    "together",
    "variants",
    "withdraw_position",
    "without_furniture",
]
