"""What is sent to be put on record."""

from typing import Any

from rest_framework import serializers

from issues.api.serializers.fields import (
    ExactTextField,
    LimitedListField,
    LineField,
    NamedField,
    ProseField,
    RequestPart,
)
from issues.api.serializers.record import OperationSerializer
from issues.models.choices import Stance, Status, Visibility
from issues.text.operations import MAX_OPERATIONS
from members.models import Member

MAX_CODES = 200
REVISION: dict[str, Any] = {"min_value": 0, "max_value": 2**31 - 1}


def member_field(**more: Any) -> serializers.SlugRelatedField[Any]:
    """Return a field that names a member by its code."""
    messages: dict[str, Any] = {"does_not_exist": "No member has the code “{value}”."}
    return NamedField(slug_field="code", queryset=Member.objects.all(), error_messages=messages, **more)


ON_BEHALF_OF: dict[str, Any] = {
    "required": False,
    "allow_null": True,
    "default": None,
    "help_text": "In whose name, by code. Facilitators and the secretariat leave it out for what they do in nobody's.",
}


class WrittenSerializer(RequestPart):
    """A change: the whole new text, or one or several operations on the text that stood at `base_revision`."""

    base_revision = serializers.IntegerField(
        help_text="The revision it was written on; 0 for a first text.", **REVISION
    )
    text = ExactTextField(required=False)
    operation = OperationSerializer(required=False)
    operations = LimitedListField(
        child=OperationSerializer(),
        required=False,
        allow_empty=False,
        max_length=MAX_OPERATIONS,
        help_text="Together one change. Each counts its places in the text of `base_revision`; one that touches what "
        "another does is refused.",
    )
    on_behalf_of = member_field(**ON_BEHALF_OF)
    made_on = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Without: today. Earlier than what stands, it is put onto the text of that day and carried forward.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError unless exactly one of text, operation and operations is there."""
        if sum(name in attrs for name in ("text", "operation", "operations")) != 1:
            raise serializers.ValidationError({"text": "Send one of `text`, `operation` and `operations`."})
        return attrs


class LogSerializer(WrittenSerializer):
    """A change to be put on record."""

    reason = ProseField()
    source = ProseField(help_text="Document symbol or meeting, if there is one.")  # type: ignore[assignment]
    corrects = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The mistaken revision; secretariat only.",
        **REVISION,
    )


class TakeSerializer(RequestPart):
    """A position at a bracket."""

    stance = serializers.ChoiceField(Stance.choices)
    reason = ProseField()


class EntrySerializer(RequestPart):
    """In whose name something is done with a proposal, on which day, and why."""

    on_behalf_of = member_field(**ON_BEHALF_OF)
    made_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="Without: today.")
    note = ProseField()


class TableSerializer(EntrySerializer):
    """What is put on the table."""

    title = LineField(max_length=250)
    text = ExactTextField()
    summary = ProseField()
    sub_issues = LimitedListField(child=LineField(required=True, max_length=20), max_length=MAX_CODES)
    co_sponsors = LimitedListField(
        child=member_field(), required=False, default=list, max_length=MAX_CODES, help_text="Codes of members."
    )
    symbol = LineField(max_length=60, help_text="The document's, if there is one.")
    visibility = serializers.ChoiceField(Visibility.choices, default=Visibility.PARTICIPANTS)
    supersedes = serializers.SlugField(
        required=False, allow_null=True, default=None, max_length=100, help_text="The older proposal, by its slug."
    )
    although_tabled = serializers.BooleanField(
        default=False, help_text="That it is another one, where the same title was tabled within a day."
    )


class ReviseSerializer(EntrySerializer):
    """A new text of a proposal, written on that of step `base`."""

    text = ExactTextField()
    base = serializers.IntegerField(**REVISION)
    symbol = LineField(max_length=60)
    confirmed_by = serializers.ListField(
        child=member_field(),
        required=False,
        default=list,
        max_length=200,
        help_text="Codes of other proponents for which you act and which confirm this text at once.",
    )


class ConfirmSerializer(EntrySerializer):
    """Which text a member confirms or declines."""

    base = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The step that made the text, `base` of the proposal; 409 where another stands by now. "
        "Without: the text about which the member was asked first.",
        **REVISION,
    )


class InviteSerializer(EntrySerializer):
    """Who is invited to co-sponsor."""

    invited = member_field()


class MergeSerializer(EntrySerializer):
    """Which words of a proposal go where in a text: `words` at its end or beside a bracket, or the `whole` text."""

    provision = serializers.SlugField(max_length=100)
    base_revision = serializers.IntegerField(**REVISION)
    words = ExactTextField(required=False, default="")
    beside = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Where the bracket begins, in characters.", **REVISION
    )
    whole = ExactTextField(required=False, default="")
    text_base = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The step that made the text that you have read, `base` of the proposal; 409 where another stands.",
        **REVISION,
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError unless exactly one of words and whole text is there."""
        if bool(attrs["words"].strip()) == bool(attrs["whole"].strip()):
            raise serializers.ValidationError({"words": "Send either `words` or the `whole` text."})
        return attrs


class AskSerializer(RequestPart):
    """What a delegation asks of a facilitator."""

    provision = serializers.SlugField(max_length=100)
    base_revision = serializers.IntegerField(**REVISION)
    operation = OperationSerializer()
    on_behalf_of = member_field()
    reason = ProseField()


class AnswerSerializer(RequestPart):
    """A word with the answer to a request; a refusal wants one."""

    answer = ProseField()


class AcceptSerializer(AnswerSerializer):
    """A word with the acceptance, and where the text has changed, on which one it was read what it would do."""

    revision = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="`now.revision` of the request: needed where `now.differs`.",
        **REVISION,
    )


class StateSerializer(RequestPart):
    """What was stated of a small group."""

    status = serializers.ChoiceField(Status.choices)
    stated_on = serializers.DateField()
    stated_by = LineField(
        required=True, allow_blank=False, max_length=200, help_text="Facilitator, co-conveners, plenary or source."
    )
    source = ProseField(  # type: ignore[assignment]  # DRF's fields have a source of their own
        required=True, allow_blank=False, help_text="The meeting, or the document, where it was stated."
    )
    until = LineField(max_length=200, help_text="For “parked until”.")
    note = ProseField(max_length=2000)
    corrects = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=2**63 - 1,
        help_text="`id` of a mistaken statement of this group, in whose place this one stands.",
    )
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
