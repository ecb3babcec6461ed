"""Provide the rest of the public interface, for programs that edit texts, trace their versions or attribute changes."""

from bracketed_text.alternatives import (
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
from bracketed_text.attribution import Attribution, attributions, new_attributions
from bracketed_text.choices import mark_run, merge_alternatives
from bracketed_text.cutting import Cut, Part, cut, without_furniture
from bracketed_text.diagnostics import DEPTH_LIMIT, MOST_VARIANTS
from bracketed_text.dividing import Article, articles
from bracketed_text.documents import Section
from bracketed_text.editing import Edit, require_own_words
from bracketed_text.edits import enclose
from bracketed_text.events import ENDINGS, Act, Event, Hunk
from bracketed_text.foreign import Foreign, foreign
from bracketed_text.heads import STANCES, Claim, Head
from bracketed_text.joins import Join
from bracketed_text.limits import excess
from bracketed_text.merging import Side, retaken
from bracketed_text.names import names_at_heads, read_names
from bracketed_text.ownership import first_trespass, innermost
from bracketed_text.patches import Patch, Replacement, apply_patch, compose, inverse
from bracketed_text.phrases import Message, Translate
from bracketed_text.quotations import quote
from bracketed_text.readings import Reading
from bracketed_text.stance_phrases import listed, stance_sentence
from bracketed_text.standing import divide
from bracketed_text.tree import Block, Bracket, Kind, Piece
from bracketed_text.wording import sentences_by_event

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
    "Cut",
    "Edit",
    "Event",
    "Foreign",
    "Form",
    "Group",
    "Head",
    "Hunk",
    "Join",
    "Kind",
    "Message",
    "Part",
    "Patch",
    "Piece",
    "Reading",
    "Relation",
    "Replacement",
    "Section",
    "Side",
    "Translate",
    "Variant",
    "apply_patch",
    "articles",
    "attributions",
    "compose",
    "cut",
    "divide",
    "enclose",
    "excess",
    "first_trespass",
    "foreign",
    "groups",
    "head_of",
    "innermost",
    "inverse",
    "listed",
    "mark_run",
    "merge_alternatives",
    "names_at_heads",
    "new_attributions",
    "only_bracket",
    "quote",
    "read_names",
    "require_own_words",
    "retaken",
    "sentences_by_event",
    "stance_sentence",
    "stands_at",
    "variants",
    "without_furniture",
]
