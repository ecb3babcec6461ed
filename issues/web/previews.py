"""The preview of a text, with the changes that would be recorded and the locations of any problems."""

from issues.actions.change_previews import ChangePreview
from issues.web import rendering
from issues.web.provision_cards import Names

PLACES_SHOWN = 20


def context_of(check: ChangePreview, names: Names) -> dict[str, object]:
    """Return the context for the template `issues/_check.html`."""
    found_in_all = (*check.problems, *check.warnings)
    places = [(diagnostic, *check.tree.line_and_column(diagnostic.start)) for diagnostic in found_in_all[:PLACES_SHOWN]]
    refusal_place = (
        check.tree.line_and_column(check.refusal.place) if check.refusal and check.refusal.place is not None else None
    )
    return {
        "check": check,
        "places": places,
        "more_places": max(0, len(found_in_all) - PLACES_SHOWN),
        "refusal_place": refusal_place,
        "check_html": rendering.render(check.tree, names.of, problems=True),
    }
