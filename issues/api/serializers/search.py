"""Serializers for the results of a search."""

from rest_framework import serializers

from issues.api.serializers.fields import ResponsePart
from issues.reports.search import Match, ResultKind

MATCHES = {match: match.name.lower() for match in Match}


class MarkSerializer(ResponsePart):
    """The part of an excerpt that matches, as offsets in characters: from `start` up to, but not including, `end`."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()


class HitSerializer(ResponsePart):
    """A result."""

    kind = serializers.ChoiceField(ResultKind.choices)
    key = serializers.CharField(
        help_text="The code, slug or number that identifies the object in the list of its kind. Reported positions and "
        "definitions have no such list."
    )
    match = serializers.ChoiceField(
        list(MATCHES.values()),
        help_text="`exact` if the query is the code, symbol, name or label; `title` if all words are in the title or "
        "code; otherwise `text`.",
    )
    title = serializers.CharField()
    place = serializers.CharField(help_text="Where the object is: codes, type, holder or date. May be empty.")
    excerpt = serializers.CharField(help_text="The words around the first match. May be empty.")
    marks = MarkSerializer(many=True, help_text="The parts of `excerpt` that match.")
    demonstration = serializers.BooleanField(help_text="Whether the text is the tracker's own wording.")
    url = serializers.URLField(help_text="The page on which the object is shown.")


class KindCountSerializer(ResponsePart):
    """The number of results of a kind."""

    kind = serializers.ChoiceField(ResultKind.choices)
    count = serializers.IntegerField()
    more = serializers.BooleanField(help_text="Whether there are more results than are counted and listed.")


class SearchSerializer(ResponsePart):
    """A page of results, with the number of results of each kind."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = HitSerializer(many=True)
    similar = serializers.BooleanField(
        help_text="Whether the results contain words with similar spellings, because nothing that you may "
        "read contains the exact words."
    )
    kinds = KindCountSerializer(many=True, help_text="The kinds that have results, whichever `kind` is selected.")
