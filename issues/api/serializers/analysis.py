"""Serializers for agreement between members, landing zones, comparisons and readings."""

from rest_framework import serializers

from issues.api.serializers.fields import ResponsePart, demonstration_field
from issues.api.serializers.figures import FiguresSerializer
from issues.api.serializers.variants import LABEL, LABEL_REVISION
from issues.filters.analysis import Mode
from issues.reports.analysis import Bound, Inexact

PARTICIPANTS = "Number of participants as the WTO counts them."
PARTIES = "Number of parties that can stand apart. Members for which another member negotiates count with it."


class RepresentedSerializer(ResponsePart):
    """A party of several participants: the member that negotiates, and those for which it does so on this day."""

    by = serializers.CharField()
    members = serializers.ListField(child=serializers.CharField())


class CountedPopulationSerializer(ResponsePart):
    """The population that the analysis counts."""

    participants = serializers.IntegerField(help_text=PARTICIPANTS)
    parties = serializers.IntegerField(help_text=PARTIES)
    represented = RepresentedSerializer(many=True)
    taking_sides = serializers.IntegerField(help_text="Number of parties that take a side.")


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
    label = serializers.CharField(help_text=LABEL)  # type: ignore[assignment]  # a field of the response named label
    label_revision = serializers.IntegerField(allow_null=True, help_text=LABEL_REVISION)
    permalink = serializers.URLField(
        help_text="URL of the page of the first bracket of the decision, which never changes. As of a past date, it "
        "may redirect to the `permalink` of the variant."
    )


class ZoneSerializer(ResponsePart):
    """The largest sets of parties found whose positions allow a reading without brackets. `members` is one of them."""

    participants = serializers.IntegerField(help_text=PARTICIPANTS)
    parties = serializers.IntegerField(help_text=PARTIES)
    represented = RepresentedSerializer(many=True)
    taking_sides = serializers.IntegerField(help_text="Number of parties that take a side.")
    taking_sides_in_set = serializers.IntegerField(help_text="Number of parties of the set that take a side.")
    members = serializers.ListField(child=serializers.CharField())
    silent = serializers.ListField(child=serializers.CharField(), help_text="Parties of the set that take no side.")
    outside = serializers.ListField(child=serializers.CharField())
    exact = serializers.BooleanField(
        help_text="Whether no larger set exists. If false, `inexact_because` gives the reasons."
    )
    bound = serializers.ChoiceField(
        [bound.value for bound in Bound],
        help_text="With `lower`, a larger set may exist. With `none`, the largest set may be larger or smaller.",
    )
    inexact_because = serializers.ListField(
        child=serializers.ChoiceField([reason.value for reason in Inexact]),
        help_text="With `steps`, the search was stopped. With `undetermined`, adjacent brackets may be alternatives.",
    )
    unique = serializers.BooleanField(
        allow_null=True, help_text="Whether no other set has this size; null if this is not certain."
    )
    sets = serializers.IntegerField(help_text="Number of sets of this size that were found.")
    sets_counted = serializers.BooleanField(help_text="Whether no further sets have this size.")
    in_all = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="Parties in all of these sets; null if not certain."
    )
    in_none = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="Parties in none of these sets; null if not certain."
    )
    taking_sides_if_enclosing_stay = serializers.IntegerField(
        allow_null=True,
        help_text="`taking_sides_in_set` if no bracket that contains a contested choice is removed; null if unknown.",
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
