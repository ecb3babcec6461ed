"""The page docs/reference/access.md, with the rules and the outcomes of trying each action."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from issues.access.rules import Action, Role, relation_of
from tests.confidentiality.access_table import COLUMNS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "access.md"
INTRODUCTION = """# Who may do what

## The rules

Every role is held in one negotiation and applies only while it is in force. A delegation or an appointment is in force
from its first to its last day, inclusive, and a delegate's role applies only while the member participates. In a
negotiation in which a person holds no role, the person has only the rights of the public. Actions that the following
table does not allow are refused. The table is defined as `RULES` in `issues/access/rules.py`. Database queries, sets of
readers and permission checks are all derived from it.

"""
TRIED = """
*In the negotiation* means everything in the negotiation. *Where one of their groups works* means the provisions on
which one of the facilitator's or delegate's small groups works. A facilitator's groups are those that the facilitator
leads, and a delegate's groups are those to which the delegate's member belongs. If no group works on a provision, as is
the case for the security exception, only the secretariat has these rights.

When a text is restructured by editing, new words can be attributed to a member only if a delegate of that member or the
secretariat makes the change.

## Results of the trial

Each action was tried in each role on the pages of the site, in a small test negotiation. `make access` repeats the
trial and writes this page, and a test compares the page with the results of the trial and with the rules above. The
results have the following meanings:

- *yes* – The action was performed.
- *no* – The action was refused, and the response explained the rule and suggested an alternative.
- *not there* – The response was the same as for an unknown URL.
- *log in* – The response was the login page.

"""
NOTES = """
The *delegate* acts for Canada, which belongs to the small group. The *delegate of another participant* acts for Japan,
which does not belong to the group. “The member's own bracket” is a bracket of the delegate's member, and “another's
bracket” is usually a bracket of Brazil. The secretariat acts on behalf of Canada, and the record shows that it does so.

The facilitators in this trial do not act for a member and therefore cannot take positions. Facilitators who are also
delegates can take positions on behalf of their own member. If second factors are required
([accounts](../how-to/accounts.md)), people who do not have a second factor cannot make or change entries.
"""


def page(found: dict[str, dict[str, str]]) -> str:
    """Return the page, which contains both tables."""
    rules = {action: [relation_of(action, role) or "–" for role in Role] for action in Action}
    return (
        INTRODUCTION
        + _table(list(Role), rules)
        + TRIED
        + _table(list(COLUMNS.values()), {action: list(outcomes.values()) for action, outcomes in found.items()})
        + NOTES
    )


def _table(heads: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows.items()]
    return "\n".join(lines) + "\n"
