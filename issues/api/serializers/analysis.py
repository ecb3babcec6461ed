"""Who stands with whom, landing zones, days and revisions compared, readings."""

from rest_framework import serializers

from issues.api.serializers.fields import ResponsePart
from issues.api.serializers.figures import FiguresSerializer
from issues.filters.analysis import Mode
from issues.reports.analysis import Inexact


class PairSerializer(ResponsePart):
    """How often two members stand on the same side of a variant, and on opposite ones."""

    member = serializers.CharField()
    other = serializers.CharField()
    same = serializers.IntegerField()
    opposite = serializers.IntegerField()
    n = serializers.IntegerField(help_text="At how many variants both take a side.")
    share = serializers.FloatField(help_text="`same` per `n`; see `small`.")
    small = serializers.BooleanField(help_text="Whether `n` is too small for the share to say much.")


class OptionSerializer(ResponsePart):
    """One way to decide."""

    words = serializers.CharField()
    keeps = serializers.BooleanField(help_text="Whether words stay; false: they go with their bracket.")
    wanted_by = serializers.ListField(child=serializers.CharField())
    unwanted_by = serializers.ListField(child=serializers.CharField(), help_text="Who would have to move.")
    balance = serializers.IntegerField(help_text="Support less opposition.")
    best = serializers.BooleanField(help_text="Whether no other option has a greater balance.")


class ChoiceSerializer(ResponsePart):
    """Something to decide in a provision."""

    provision = serializers.CharField()
    revision = serializers.IntegerField()
    offset = serializers.IntegerField(help_text="Where it stands in the text of that revision.")
    nested = serializers.BooleanField(help_text="Whether it is no choice if the bracket or option around it goes.")
    options = OptionSerializer(many=True)


class ZoneSerializer(ResponsePart):
    """The largest set of participants found whose positions allow one reading without brackets."""

    members = serializers.ListField(child=serializers.CharField())
    silent = serializers.ListField(child=serializers.CharField(), help_text="Those of them that take no side.")
    outside = serializers.ListField(child=serializers.CharField())
    exact = serializers.BooleanField(help_text="Whether this is the largest; otherwise `inexact_because` says why not.")
    inexact_because = serializers.ListField(
        child=serializers.ChoiceField([reason.value for reason in Inexact]),
        help_text="`nested`, `steps`: a larger one is possible. `undetermined`: neighbours may be alternatives.",
    )
    decisions = serializers.IntegerField()
    contested = serializers.IntegerField()


class HunkSerializer(ResponsePart):
    """Characters that differ: `[start:end]` of the old text gave way to `text`."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField()


class ChangedSerializer(ResponsePart):
    """A provision whose text is another one at the end; `old_revision` is null where it had none at the beginning."""

    provision = serializers.CharField()
    heading = serializers.CharField()
    old_revision = serializers.IntegerField(allow_null=True)
    new_revision = serializers.IntegerField()
    sentences = serializers.ListField(child=serializers.CharField())
    hunks = HunkSerializer(many=True)
    before = FiguresSerializer()
    after = FiguresSerializer()


class ReadingSerializer(ResponsePart):
    """A provision as it is read."""

    provision = serializers.CharField()
    heading = serializers.CharField()
    place = serializers.CharField()
    revision = serializers.IntegerField()
    mode = serializers.ChoiceField(Mode.choices)
    text = serializers.CharField()
    silent = serializers.IntegerField(help_text="Decisions that silence took.")
    divided = serializers.IntegerField(help_text="Brackets that stay because the members disagree.")
