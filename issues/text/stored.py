"""The reader of stored texts.

The secretariat may keep the first text of a provision **unparsed**, with all problems of its source. The brackets of
such a text count nowhere: they are no variants, hold no positions, and appear in no figure, analysis, comparison or
reading. All code that reads the text of a revision therefore calls the functions of this module instead of `parse`.
"""

from bracketed_text import Measures, Register, Tree, measure, parse
from issues.models import Revision


def stored_tree(revision: Revision | None, register: Register, text: str | None = None) -> Tree:
    """Return the tree of a revision. If its text is kept unparsed, the tree has the text but no brackets.

    Without a revision, the tree is empty. `text` is the text of the revision in another form, for example with other
    line ends.
    """
    if revision is None:
        return parse("", register)
    written = revision.text if text is None else text
    return Tree(written, [], [], register) if revision.unparsed else parse(written, register)


def stored_figures(revision: Revision | None, tree: Tree) -> Measures:
    """Return the figures of a revision with this tree. They are zero if its text is kept unparsed."""
    return Measures() if revision is None or revision.unparsed else measure(tree)


def indexed_tree(revision: Revision, register: Register) -> Tree:
    """Return the tree from which the index is derived. It is empty if the text is kept unparsed, so no words count."""
    return parse("" if revision.unparsed else revision.text, register)
