"""The access rules: one table from which queries, audiences and permission checks are all derived.

A user acts in one or more roles. Each role is held in one negotiation and applies only while it is in force
(`HOLDINGS`). A delegate's role is in force during the delegation and only while the member takes part. A facilitator's
role is in force during the appointment. For each action and role, `RULES` defines the relation required between the
object and the member or group for which the role is held:

    NEGOTIATION   The object belongs to the negotiation in which the role is held.
    PLACE         In addition, the object's place is assigned to a small group that the facilitator leads or to which
                  the member belongs.
    GROUP         In addition, the object is, or belongs to, a small group that the facilitator leads.
    MEMBER        In addition, the object belongs to the member for which the delegate acts.
    ALWAYS        No relation is required, and everybody may perform the action.

An action that the table does not allow is refused. A small group works on its sub-issues and on its issues, including
all their sub-issues (`models.small_groups.worked_on_by`). An object directly under a section belongs to no group.

Example: in negotiation 1, Ana facilitates the group on spam, and Bo is a delegate of Canada. A text under the sub-issue
on spam is restricted to its group. `RULES[READ_GROUP]` requires PLACE of facilitators and delegates. Ana may therefore
read the text, and Bo may read it if Canada is a member of the group. `RULES[RESTRUCTURE]` requires PLACE of
facilitators and does not list delegates. Ana may therefore lift a bracket, whereas Bo may only request that it be
lifted. In negotiation 2, both Ana and Bo are members of the public.

`visibility` turns the table into query conditions, `audiences` into sets of scopes, and `permissions` into checks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A role in which a user acts. All roles except ANYBODY are held by accredited persons in one negotiation."""

    ANYBODY = "anybody"
    ANALYST = "analyst"
    DELEGATE = "delegate"
    FACILITATOR = "facilitator"
    SECRETARIAT = "secretariat"


class Relation(StrEnum):
    """A relation between an object and the negotiation, group or member for which a role is held."""

    ALWAYS = "always"
    NEGOTIATION = "in the negotiation"
    PLACE = "where one of their groups works"
    GROUP = "for a group that they lead"
    MEMBER = "for their own member"


class Action(StrEnum):
    """An action on a particular kind of object."""

    READ_PUBLIC = "read public data"
    READ_PARTICIPANTS = "read data for participants"
    READ_GROUP = "read data for small groups"
    READ_OWN_PROPOSALS = "read proposals that name the member"
    READ_INVITATIONS = "read invitations to co-sponsor, and refusals"
    READ_OWN_REQUESTS = "read requests made to facilitators"
    READ_IMPORTS = "read and review imported texts"
    READ_NAMES = "read the names of persons who acted"
    ACT_FOR_MEMBER = "log, propose, request and respond on behalf of a member"
    RESTRUCTURE = "restructure the text, and answer requests to do so"
    STATE_STATUS = "state the status of a small group"
    IMPORT_FOR_GROUP = "import a text for a small group"
    IMPORT_WHOLE = "import a text for the whole negotiation"
    CORRECT_RECORD = "correct any entry, and store a first text unparsed"
    ADMINISTER = "invite people, and use the admin"


@dataclass(frozen=True)
class Holding:
    """The conditions under which a role is in force.

    If `on_its_days` is true, the role is in force only during the delegation or appointment. If `member_takes_part` is
    true, it is in force only while the member takes part.
    """

    on_its_days: bool = True
    member_takes_part: bool = False


HOLDINGS: dict[Role, Holding] = {
    Role.ANALYST: Holding(),
    Role.DELEGATE: Holding(member_takes_part=True),
    Role.FACILITATOR: Holding(),
    Role.SECRETARIAT: Holding(),
}

_IN_IT = Relation.NEGOTIATION

RULES: dict[Action, dict[Role, Relation]] = {
    Action.READ_PUBLIC: {Role.ANYBODY: Relation.ALWAYS},
    Action.READ_PARTICIPANTS: {
        Role.ANALYST: _IN_IT,
        Role.DELEGATE: _IN_IT,
        Role.FACILITATOR: _IN_IT,
        Role.SECRETARIAT: _IN_IT,
    },
    Action.READ_GROUP: {
        Role.DELEGATE: Relation.PLACE,
        Role.FACILITATOR: Relation.PLACE,
        Role.SECRETARIAT: _IN_IT,
    },
    Action.READ_OWN_PROPOSALS: {Role.DELEGATE: Relation.MEMBER, Role.SECRETARIAT: _IN_IT},
    Action.READ_INVITATIONS: {Role.DELEGATE: Relation.MEMBER, Role.SECRETARIAT: _IN_IT},
    Action.READ_OWN_REQUESTS: {
        Role.DELEGATE: Relation.MEMBER,
        Role.FACILITATOR: Relation.PLACE,
        Role.SECRETARIAT: _IN_IT,
    },
    Action.READ_IMPORTS: {Role.FACILITATOR: Relation.GROUP, Role.SECRETARIAT: _IN_IT},
    Action.READ_NAMES: {
        Role.ANALYST: _IN_IT,
        Role.DELEGATE: _IN_IT,
        Role.FACILITATOR: _IN_IT,
        Role.SECRETARIAT: _IN_IT,
    },
    Action.ACT_FOR_MEMBER: {Role.DELEGATE: Relation.MEMBER, Role.SECRETARIAT: _IN_IT},
    Action.RESTRUCTURE: {Role.FACILITATOR: Relation.PLACE, Role.SECRETARIAT: _IN_IT},
    Action.STATE_STATUS: {Role.FACILITATOR: Relation.GROUP, Role.SECRETARIAT: _IN_IT},
    Action.IMPORT_FOR_GROUP: {Role.FACILITATOR: Relation.GROUP, Role.SECRETARIAT: _IN_IT},
    Action.IMPORT_WHOLE: {Role.SECRETARIAT: _IN_IT},
    Action.CORRECT_RECORD: {Role.SECRETARIAT: _IN_IT},
    Action.ADMINISTER: {Role.SECRETARIAT: _IN_IT},
}

# The action that is required to read a text, for each value of `choices.Visibility`.
READING: Mapping[str, Action] = {
    "public": Action.READ_PUBLIC,
    "participants": Action.READ_PARTICIPANTS,
    "group": Action.READ_GROUP,
}


def relation_of(action: Action, role: Role) -> Relation | None:
    """Return the relation that `action` requires of `role`, or None if the role does not permit the action."""
    return RULES[action].get(role)
