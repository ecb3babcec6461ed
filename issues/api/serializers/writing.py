"""Serializers for the bodies of write requests."""

from typing import Any

from rest_framework import serializers

from issues.api.serializers.fields import (
    ExactTextField,
    LimitedListField,
    LineField,
    ListedChoiceField,
    NamedField,
    ProseField,
    RequestPart,
    SlugChoiceField,
)
from issues.api.serializers.record import OperationSerializer
from issues.models.choices import Stance, Status, Visibility
from issues.text.operations import MAX_OPERATIONS
from members.choices import Precision
from members.models import Member

MAX_CODES = 200
REVISION: dict[str, Any] = {"min_value": 0, "max_value": 2**31 - 1}


def member_field(**more: Any) -> serializers.SlugRelatedField[Any]:
    """Return a field that identifies a member by its code."""
    messages: dict[str, Any] = {"does_not_exist": "No member has the code “{value}”."}
    return NamedField(slug_field="code", queryset=Member.objects.all(), error_messages=messages, **more)


ON_BEHALF_OF: dict[str, Any] = {
    "required": False,
    "allow_null": True,
    "default": None,
    "help_text": "Code of the member on whose behalf you act. Facilitators and the secretariat may omit it when they "
    "act for no member.",
}


class WrittenSerializer(RequestPart):
    """A change: the whole new text, or one or more operations on the text of `base_revision`."""

    base_revision = serializers.IntegerField(
        help_text="Number of the revision on which the change is based; 0 for a first text.", **REVISION
    )
    text = ExactTextField(required=False)
    operation = OperationSerializer(required=False)
    operations = LimitedListField(
        child=OperationSerializer(),
        required=False,
        allow_empty=False,
        max_length=MAX_OPERATIONS,
        help_text="Operations that form one change. All offsets refer to the text of `base_revision`, and "
        "overlapping operations are refused.",
    )
    on_behalf_of = member_field(**ON_BEHALF_OF)
    made_on = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Default: today. If a later text exists, the change is made to the text of this date and carried "
        "forward.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values. Raise ValidationError unless exactly one of the three kinds of change is given."""
        if sum(name in attrs for name in ("text", "operation", "operations")) != 1:
            raise serializers.ValidationError({"text": "Send exactly one of `text`, `operation` and `operations`."})
        return attrs


class LogSerializer(WrittenSerializer):
    """A change to log."""

    reason = ProseField()
    source = ProseField(help_text="Document symbol or meeting, if any.")  # type: ignore[assignment]
    corrects = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Number of the mistaken revision. Only the secretariat may correct revisions.",
        **REVISION,
    )


class TakeSerializer(RequestPart):
    """A position on a variant."""

    stance = ListedChoiceField(Stance.choices)
    reason = ProseField()


class EntrySerializer(RequestPart):
    """The member on whose behalf an action on a proposal is taken, the date, and a note."""

    on_behalf_of = member_field(**ON_BEHALF_OF)
    made_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="Default: today.")
    note = ProseField()


class TableSerializer(EntrySerializer):
    """A proposal to table."""

    title = LineField(max_length=250)
    text = ExactTextField()
    summary = ProseField()
    sub_issues = LimitedListField(child=LineField(required=True, max_length=20), max_length=MAX_CODES)
    co_sponsors = LimitedListField(
        child=member_field(), required=False, default=list, max_length=MAX_CODES, help_text="Codes of members."
    )
    symbol = LineField(max_length=60, help_text="Symbol of the document, if any.")
    visibility = ListedChoiceField(Visibility.choices, default=Visibility.PARTICIPANTS)
    supersedes = serializers.SlugField(
        required=False,
        allow_null=True,
        default=None,
        max_length=100,
        help_text="Slug of the proposal that this proposal replaces.",
    )
    although_tabled = serializers.BooleanField(
        default=False,
        help_text="Confirms that this is a different proposal if one with the same title was tabled within a day.",
    )


class ReviseSerializer(EntrySerializer):
    """A new text of a proposal, based on the text of step `base`."""

    text = ExactTextField()
    base = serializers.IntegerField(**REVISION)
    symbol = LineField(max_length=60)
    confirmed_by = serializers.ListField(
        child=member_field(),
        required=False,
        default=list,
        max_length=200,
        help_text="Codes of other proponents that confirm this text immediately. You must act on their behalf.",
    )


class ConfirmSerializer(EntrySerializer):
    """The text that a member confirms or declines."""

    base = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The step that produced the text, as in `base` of the proposal. If the text has changed since, the "
        "response is 409. Default: the text on which the member was first asked.",
        **REVISION,
    )


class InviteSerializer(EntrySerializer):
    """The member to invite as a co-sponsor."""

    invited = member_field()


class MergeSerializer(EntrySerializer):
    """The words of a proposal to merge into a provision, or the `whole` new text of the provision.

    `words` are placed at the end of the text, or beside a bracket.
    """

    provision = serializers.SlugField(max_length=100)
    base_revision = serializers.IntegerField(**REVISION)
    words = ExactTextField(required=False, default="")
    beside = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Offset of the bracket, in characters.", **REVISION
    )
    whole = ExactTextField(required=False, default="")
    text_base = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The step that produced the text you have read, as in `base` of the proposal. If the text has "
        "changed since, the response is 409.",
        **REVISION,
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values. Raise ValidationError unless exactly one of `words` and `whole` is given."""
        if bool(attrs["words"].strip()) == bool(attrs["whole"].strip()):
            raise serializers.ValidationError({"words": "Send either `words` or `whole`, but not both."})
        return attrs


class AskSerializer(RequestPart):
    """A request from a delegation to a facilitator."""

    provision = serializers.SlugField(max_length=100)
    base_revision = serializers.IntegerField(**REVISION)
    operation = OperationSerializer()
    on_behalf_of = member_field()
    reason = ProseField()


class AnswerSerializer(RequestPart):
    """A message that accompanies the reply to a request. If the request is declined, a message is required."""

    answer = ProseField()


class AcceptSerializer(AnswerSerializer):
    """A message that accompanies the acceptance and, if the text has changed, the revision that you have previewed."""

    revision = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="`now.revision` of the request; required if `now.differs` is true.",
        **REVISION,
    )


class StateSerializer(RequestPart):
    """A status report for a small group."""

    status = SlugChoiceField(Status.choices)
    stated_on = serializers.DateField()
    stated_on_precision = ListedChoiceField(
        [Precision.MONTH.value, Precision.YEAR.value],
        required=False,
        allow_blank=True,
        default="",
        help_text="`month` or `year` if the day is not known. The status then counts from the end of that period.",
    )
    stated_by = LineField(
        required=True, allow_blank=False, max_length=200, help_text="Facilitator, co-conveners, plenary or source."
    )
    source = ProseField(  # type: ignore[assignment]  # REST framework fields have an attribute `source`
        required=True, allow_blank=False, help_text="The meeting or document in which it was stated."
    )
    until = LineField(max_length=200, help_text="Used only with the status `parked-until`.")
    note = ProseField(max_length=2000)
    corrects = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=2**63 - 1,
        help_text="`id` of the mistaken report of this group that this report replaces.",
    )
    although_brackets = serializers.BooleanField(
        default=False, help_text="Confirms the status although open brackets contradict it."
    )


class CheckedSerializer(serializers.Serializer[Any]):
    """A preview of a change. Nothing is recorded."""

    can_be_logged = serializers.BooleanField()
    sentences = serializers.ListField(child=serializers.CharField())
    problems = serializers.ListField(child=serializers.DictField(), help_text="Entries as in `errors` of a problem.")
    warnings = serializers.ListField(child=serializers.DictField())
    refusal = serializers.CharField(
        allow_null=True, help_text="The reason why you may not log the change; null if you may log it."
    )
