"""What is sent to be put on record."""

from typing import Any

from rest_framework import serializers

from issues.api.serializers.fields import Sent
from issues.api.serializers.record import OperationSerializer
from issues.choices import Stance, Status, Visibility
from members.models import Member

LONGEST_LINE = 500
# Each is put together with the rest, and the whole text is read for it.
MOST_OPERATIONS = 50
REVISION: dict[str, Any] = {"min_value": 0, "max_value": 2**31 - 1}


def member(**more: Any) -> serializers.SlugRelatedField[Any]:
    """Return a field that names a member by its code."""
    messages: dict[str, Any] = {"does_not_exist": "No member has the code “{value}”."}
    return serializers.SlugRelatedField(
        slug_field="code", queryset=Member.objects.all(), error_messages=messages, **more
    )


def text(**more: Any) -> serializers.CharField:
    """Return a field that is kept to the letter. What a text may be, the one way in says."""
    return serializers.CharField(trim_whitespace=False, allow_blank=True, **more)


def line(**more: Any) -> serializers.CharField:
    """Return a field for a line of words, empty unless it is sent."""
    return serializers.CharField(required=False, allow_blank=True, default="", **{"max_length": LONGEST_LINE, **more})


BEHALF: dict[str, Any] = {
    "required": False,
    "allow_null": True,
    "default": None,
    "help_text": "In whose name, by code. Facilitators and the secretariat leave it out for what they do in nobody's.",
}


class WrittenSerializer(Sent):
    """A change: the whole new text, or one or several operations on the text that stood at `base_revision`."""

    base_revision = serializers.IntegerField(
        help_text="The revision it was written on; 0 for a first text.", **REVISION
    )
    text = text(required=False)
    operation = OperationSerializer(required=False)
    operations = serializers.ListField(
        child=OperationSerializer(),
        required=False,
        allow_empty=False,
        max_length=MOST_OPERATIONS,
        help_text="Together one change. Each counts its places in the text of `base_revision`; one that touches what "
        "another does is refused.",
    )
    on_behalf_of = member(**BEHALF)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError unless exactly one of text, operation and operations is there."""
        if sum(name in attrs for name in ("text", "operation", "operations")) != 1:
            raise serializers.ValidationError({"text": "Send one of `text`, `operation` and `operations`."})
        return attrs


class LogSerializer(WrittenSerializer):
    """A change to be put on record."""

    made_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="Without: today.")
    reason = line()
    source = line(help_text="Document symbol or meeting, if there is one.")  # type: ignore[assignment]
    corrects = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The mistaken revision; secretariat only.",
        **REVISION,
    )


class TakeSerializer(Sent):
    """A position at a bracket."""

    stance = serializers.ChoiceField(Stance.choices)
    reason = line()


class EntrySerializer(Sent):
    """In whose name something is done with a proposal, on which day, and why."""

    on_behalf_of = member(**BEHALF)
    made_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="Without: today.")
    note = line()


class TableSerializer(EntrySerializer):
    """What is put on the table."""

    title = line(max_length=250)
    text = text()
    summary = line()
    sub_issues = serializers.ListField(child=serializers.CharField(max_length=20), max_length=200)
    co_sponsors = serializers.ListField(
        child=member(), required=False, default=list, max_length=200, help_text="Codes of members."
    )
    symbol = line(max_length=60, help_text="The document's, if there is one.")
    visibility = serializers.ChoiceField(Visibility.choices, default=Visibility.PARTICIPANTS)
    supersedes = serializers.SlugField(
        required=False, allow_null=True, default=None, max_length=100, help_text="The older proposal, by its slug."
    )
    although_tabled = serializers.BooleanField(
        default=False, help_text="That it is another one, where the same title was tabled within a day."
    )


class ReviseSerializer(EntrySerializer):
    """A new text of a proposal, written on that of step `base`."""

    text = text()
    base = serializers.IntegerField(**REVISION)
    symbol = line(max_length=60)


class InviteSerializer(EntrySerializer):
    """Who is invited to co-sponsor."""

    invited = member()


class MergeSerializer(EntrySerializer):
    """Which words of a proposal go where in a text: `words` at its end or beside a bracket, or the `whole` text."""

    provision = serializers.SlugField(max_length=100)
    base_revision = serializers.IntegerField(**REVISION)
    words = text(required=False, default="")
    beside = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Where the bracket begins, in characters.", **REVISION
    )
    whole = text(required=False, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError unless exactly one of words and whole text is there."""
        if bool(attrs["words"].strip()) == bool(attrs["whole"].strip()):
            raise serializers.ValidationError({"words": "Send either `words` or the `whole` text."})
        return attrs


class AskSerializer(Sent):
    """What a delegation asks of a facilitator."""

    provision = serializers.SlugField(max_length=100)
    base_revision = serializers.IntegerField(**REVISION)
    operation = OperationSerializer()
    on_behalf_of = member()
    reason = line()


class AnswerSerializer(Sent):
    """A word with the answer to a request; a refusal wants one."""

    answer = line()


class StateSerializer(Sent):
    """What was stated of a small group."""

    status = serializers.ChoiceField(Status.choices)
    stated_on = serializers.DateField()
    stated_by = serializers.CharField(max_length=200, help_text="Facilitator, co-conveners, plenary or source.")
    source = serializers.CharField(  # type: ignore[assignment]  # DRF's fields have a source of their own
        max_length=LONGEST_LINE, help_text="The meeting, or the document, where it was stated."
    )
    until = line(max_length=200, help_text="For “parked until”.")
    note = line(max_length=2000)
    although_brackets = serializers.BooleanField(
        default=False, help_text="That it is known that brackets stand open against it."
    )


class CheckedSerializer(serializers.Serializer[Any]):
    """What would be recorded of a text or operation; nothing was."""

    can_be_logged = serializers.BooleanField()
    sentences = serializers.ListField(child=serializers.CharField())
    problems = serializers.ListField(child=serializers.DictField(), help_text="As in `errors` of a problem.")
    warnings = serializers.ListField(child=serializers.DictField())
    refusal = serializers.CharField(allow_null=True, help_text="Why it is not yours to do.")
