"""Serializers for agreement between members, landing zones, comparisons and readings."""

from rest_framework import serializers

from issues.api.serializers.fields import ResponsePart, demonstration_field
from issues.api.serializers.figures import FiguresSerializer
from issues.filters.analysis import Mode
from issues.reports.analysis import Inexact


class PairSerializer(ResponsePart):
    """A pair of members, with the numbers of variants on which they take the same side and opposite sides."""

    member = serializers.CharField()
    other = serializers.CharField()
    same = serializers.IntegerField()
    opposite = serializers.IntegerField()
    n = serializers.IntegerField(help_text="Number of variants on which both members take a side.")
    share = serializers.FloatField(help_text="`same` divided by `n`. See also `small`.")
    small = serializers.BooleanField(help_text="Whether `n` is too small for a meaningful share.")
    demonstration = demonstration_field()


class OptionSerializer(ResponsePart):
    """An option of a decision."""

    words = serializers.CharField()
    keeps = serializers.BooleanField(
        help_text="Whether the words stay in the text. If false, they are removed with their bracket."
    )
    wanted_by = serializers.ListField(child=serializers.CharField())
    unwanted_by = serializers.ListField(
        child=serializers.CharField(), help_text="Members that would have to change their position."
    )
    balance = serializers.IntegerField(help_text="Number of supporting members minus number of opposing members.")
    best = serializers.BooleanField(help_text="Whether no other option has a greater balance.")


class ChoiceSerializer(ResponsePart):
    """A decision that a provision leaves open."""

    provision = serializers.CharField()
    demonstration = demonstration_field()
    revision = serializers.IntegerField()
    offset = serializers.IntegerField(help_text="Position in the text of that revision, in characters.")
    nested = serializers.BooleanField(
        help_text="Whether the decision becomes moot if the enclosing bracket or option is removed."
    )
    options = OptionSerializer(many=True)


class ZoneSerializer(ResponsePart):
    """The largest set of participants found whose positions allow a reading without brackets."""

    members = serializers.ListField(child=serializers.CharField())
    silent = serializers.ListField(child=serializers.CharField(), help_text="Members of the set that take no side.")
    outside = serializers.ListField(child=serializers.CharField())
    exact = serializers.BooleanField(
        help_text="Whether this is the largest possible set. If false, `inexact_because` gives the reasons."
    )
    inexact_because = serializers.ListField(
        child=serializers.ChoiceField([reason.value for reason in Inexact]),
        help_text="With `nested` or `steps`, a larger set is possible. With `undetermined`, adjacent brackets may be "
        "alternatives.",
    )
    decisions = serializers.IntegerField()
    contested = serializers.IntegerField()
    demonstration = demonstration_field()


class HunkSerializer(ResponsePart):
    """A difference: `text` replaces the characters `[start:end]` of the old text."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField()


class ChangedSerializer(ResponsePart):
    """A provision whose text changed. `old_revision` is null if the provision had no text at the start."""

    provision = serializers.CharField()
    heading = serializers.CharField()
    demonstration = demonstration_field()
    old_revision = serializers.IntegerField(allow_null=True)
    new_revision = serializers.IntegerField()
    sentences = serializers.ListField(child=serializers.CharField())
    hunks = HunkSerializer(many=True)
    before = FiguresSerializer()
    after = FiguresSerializer()


class ReadingSerializer(ResponsePart):
    """A provision in one of the readings of its text."""

    provision = serializers.CharField()
    heading = serializers.CharField()
    demonstration = demonstration_field()
    place = serializers.CharField()
    revision = serializers.IntegerField()
    mode = serializers.ChoiceField(Mode.choices)
    text = serializers.CharField()
    silent = serializers.IntegerField(help_text="Number of decisions settled by the rule for silence.")
    divided = serializers.IntegerField(help_text="Number of brackets that stay because the members disagree.")
