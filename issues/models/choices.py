"""The choices of model fields, and the definitions of statuses that pages show."""

from django.db import models
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _


def slug_of(value: str) -> str:
    """Return a stored value, such as "taken back", as the API shows it in fields and filters: "taken-back"."""
    return slugify(value.replace("/", " "))


class SectionKind(models.TextChoices):
    SECTION = "section", _("Section")
    ANNEX = "annex", _("Annex")


class Visibility(models.TextChoices):
    """The readers that may read a provision or proposal, which remains hidden from all other users."""

    PUBLIC = "public", _("Everybody")
    PARTICIPANTS = "participants", _("Participants")
    GROUP = "group", _("Its small groups")


class Stance(models.TextChoices):
    """A member's position on a bracket. A member that is not named there is silent."""

    PROPOSE = "propose", _("proposes")
    SUPPORT = "support", _("supports")
    OPPOSE = "oppose", _("opposes")
    RESERVE = "reserve", _("reserves")
    CONSIDER = "consider", _("considers")
    FLEXIBLE = "flexible", _("is flexible")


class Act(models.TextChoices):
    """An operation on a bracket or a passage. The first six kinds of operation are performed on behalf of a member."""

    TAKE = "take", _("takes a position")
    WITHDRAW = "withdraw", _("withdraws its position")
    ALTERNATIVE = "alternative", _("proposes an alternative")
    PROPOSE = "propose", _("proposes words")
    ENCLOSE = "enclose", _("puts words in brackets")
    SUBSTITUTE = "substitute", _("proposes other words instead")
    LIFT = "lift", _("lift the bracket and keep the words")
    DROP = "drop", _("drop the bracket and its words")
    CHOOSE = "choose", _("choose this alternative")
    MERGE = "merge", _("merge the alternatives into one bracket")
    ALTERNATIVES = "alternatives", _("mark as alternatives")
    INDEPENDENT = "independent", _("mark as independent options")


class FileFormat(models.TextChoices):
    """The file formats for export, by file extension."""

    WORD = "docx", "Word"
    HTML = "html", "HTML"
    PDF = "pdf", "PDF"
    AKOMA_NTOSO = "xml", "Akoma Ntoso 3.0"


class VariantKind(models.TextChoices):
    BRACKET = "bracket", _("Bracket")
    ALTERNATIVE = "alternative", _("Alternative")
    OPTION = "option", _("Option")


class Outcome(models.TextChoices):
    """The outcome of a variant that has ended."""

    LIFTED = "lifted", _("Lifted: words kept, bracket removed")
    DROPPED = "dropped", _("Dropped: words removed")
    CHOSEN = "chosen", _("Chosen among alternatives")
    MERGED = "merged", _("Merged into another bracket")
    REWORDED = "reworded", _("Reworded")


class Status(models.TextChoices):
    """The status of a small group, as stated by a facilitator, the co-conveners or a plenary. It is never computed."""

    NOT_STARTED = "not started", _("Not started")
    PROPOSALS_TABLED = "proposals tabled", _("Proposals tabled")
    COMPILED = "compiled", _("Compiled")
    STREAMLINED = "streamlined", _("Streamlined")
    UNDER_NEGOTIATION = "under negotiation", _("Under negotiation")
    PARKED = "parked until", _("Parked until …")
    TECHNICAL_WORK_FINISHED = "technical work finished", _("Technical work finished")
    AD_REFERENDUM = "ad referendum", _("Ad referendum")
    CLEAN_TEXT = "clean text", _("Clean text")
    STABILISED = "stabilised", _("Stabilised")
    ADOPTED = "adopted", _("Adopted")
    REOPENED = "reopened", _("Reopened")
    WITHDRAWN = "withdrawn", _("Withdrawn")


STATUS_DEFINITIONS: dict[str, str | Promise] = {
    Status.NOT_STARTED: _("No proposal is on the table."),
    Status.PROPOSALS_TABLED: _("Members have tabled texts that have not yet been compiled."),
    Status.COMPILED: _("The proposals are set out side by side in one document."),
    Status.STREAMLINED: _("Overlapping proposals have been combined into one text with brackets."),
    Status.UNDER_NEGOTIATION: _("The small group is working on the brackets."),
    Status.PARKED: _("Work is set aside until another matter, named in the status report, is settled."),
    Status.TECHNICAL_WORK_FINISHED: _("Work at expert level is complete; open points await a wider decision."),
    Status.AD_REFERENDUM: _("Negotiators accept the text, subject to approval by their capitals."),
    Status.CLEAN_TEXT: _("The group announced clean text. Nothing is agreed until everything is agreed."),
    Status.STABILISED: _("The text is closed to substantive changes."),
    Status.ADOPTED: _("The participants adopted the text."),
    Status.REOPENED: _("A text that was clean or closed is under discussion again."),
    Status.WITHDRAWN: _("The subject has been taken off the table."),
}
# The statuses that an open bracket in the text would contradict.
WITHOUT_BRACKETS = frozenset({Status.CLEAN_TEXT, Status.STABILISED, Status.ADOPTED})


class ProposalState(models.TextChoices):
    TABLED = "tabled", _("Tabled")
    REVISED = "revised", _("Revised")
    MERGED = "merged", _("Merged into the text")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ProposalAct(models.TextChoices):
    """The kind of step in the history of a proposal."""

    TABLED = "tabled", _("tabled")
    REVISED = "revised", _("revised")
    INVITED = "invited", _("invited to co-sponsor")
    CONFIRMED = "confirmed", _("confirmed the text as co-sponsor")
    DECLINED = "declined", _("declined to co-sponsor")
    LEFT = "left", _("no longer co-sponsors")
    WITHDRAWN = "withdrawn", _("withdrawn")
    MERGED = "merged", _("merged into the text")
    UNMERGED = "unmerged", _("removed from the text: the merge was undone")


class RequestState(models.TextChoices):
    """The state of a delegate's request to the facilitator."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    TAKEN_BACK = "taken back", _("Taken back")
    LAPSED = "lapsed", _("Lapsed")


class Genre(models.TextChoices):
    """The role of a document in the development of a text."""

    PROPOSAL = "proposal", _("Text proposal")
    NON_PAPER = "non-paper", _("Non-paper")
    COMPILATION = "compilation", _("Compilation")
    STREAMLINED = "streamlined", _("Streamlined text")
    CONSOLIDATED = "consolidated", _("Consolidated text")
    CHAIRS_TEXT = "chairs-text", _("Chair's text")
    STABILISED = "stabilised", _("Stabilised text")
    STATEMENT = "statement", _("Joint statement")
    DECISION = "decision", _("Decision")
    COMMUNICATION = "communication", _("Communication")
    ACCESSION = "accession", _("Accession to the initiative")
    REPORT = "report", _("Report or other source")


class MeetingKind(models.TextChoices):
    PLENARY = "plenary", _("Plenary")
    ROUND = "round", _("Negotiating round")
    SMALL_GROUP = "small-group", _("Small group")
    MINISTERIAL = "ministerial", _("Ministerial")
    HEADS_OF_DELEGATION = "heads-of-delegation", _("Heads of delegation")
    GENERAL_COUNCIL = "general-council", _("General Council")
    CIRCULATION = "circulation", _("Document circulated")
    STATEMENT = "statement", _("Statement")
    OTHER = "other", _("Other")


class MeetingMode(models.TextChoices):
    UNKNOWN = "", _("not known")
    IN_PERSON = "in-person", _("In person")
    HYBRID = "hybrid", _("Hybrid")
    VIRTUAL = "virtual", _("Virtual")


class ReportedStance(models.TextChoices):
    """The position of a member as reported by a source, outside the bracketed text."""

    PROPOSE = "propose", _("proposes")
    SUPPORT = "support", _("supports")
    OPPOSE = "oppose", _("opposes")
    RESERVE = "reserve", _("reserves")
    CONDITIONAL = "conditional", _("sets a condition")
    WITHDRAW = "withdraw", _("withdraws its proposals")
    QUESTION = "question", _("questions")
    PROCESS = "process", _("takes a procedural step")
    FACT = "fact", _("is named")


class Rhythm(models.TextChoices):
    """The frequency with which a digest is sent."""

    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")


class StagedState(models.TextChoices):
    """The progress of an imported text."""

    READ = "read", _("Read")
    COMPARING = "comparing", _("Being compared")
    IN_REVIEW = "in review", _("In review")
    LOGGED = "logged", _("Logged")
    PUT_ASIDE = "put aside", _("Put aside")


class Finding(models.TextChoices):
    """The result of comparing an imported provision with the text on record."""

    PENDING = "pending", _("Not compared yet")
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("Unchanged")


class Decision(models.TextChoices):
    """A reviewer's decision on an imported provision."""

    OPEN = "open", _("Undecided")
    ACCEPTED = "accepted", _("Accepted")
    LEFT = "left", _("Left out")


class ChangeKind(models.TextChoices):
    """The kind of entry in the change feed. Readers cannot distinguish HIDDEN from GONE."""

    ADDED = "added", "added"
    CHANGED = "changed", "changed"
    VISIBLE = "visible", "now visible, or under another name"
    HIDDEN = "hidden", "no longer visible"
    GONE = "gone", "gone"


class PausedBecause(models.TextChoices):
    """The reason why deliveries to a webhook are paused."""

    PERSON = "person", _("paused by you")
    FAILING = "failing", _("paused after two days of failures")
    GONE = "gone", _("paused: the URL no longer exists (410 Gone)")


class DeliveryState(models.TextChoices):
    """The state of a delivery to a webhook."""

    WAITING = "waiting", _("waiting")
    DELIVERED = "delivered", _("delivered")
    GIVEN_UP = "given up", _("abandoned")
    EMPTY = "empty", _("not sent: you can no longer read these changes")
