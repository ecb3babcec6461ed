"""The names of styles and bookmarks by which the reader recognizes the parts of Word files that this site wrote."""

# Paragraph styles.
ABOUT, SECTION, PROVISION, POSITIONS = "TrackerAbout", "TrackerSection", "TrackerProvision", "TrackerPositions"
HEADING, TEXT, POINT, SUBPOINT = "TrackerHeading", "TrackerText", "TrackerPoint", "TrackerSubpoint"
# Suffix of the styles for lines not preceded by a blank line.
LINE = "Line"
# Character styles.
MARK, HEAD, PROPOSED, OPPOSED, ASIDE = (
    "TrackerMark",
    "TrackerHead",
    "TrackerProposed",
    "TrackerOpposed",
    "TrackerAside",
)
# Paragraph roles: a description of the file ("about"), the title of a section ("section"), and the heading of a
# provision, which is either separate from the provision's text ("headed") or part of it ("held").
HEADED, HELD, SECTIONED = "headed", "held", "section"
ROLES = {ABOUT: "about", SECTION: SECTIONED, PROVISION: HEADED, HEADING: HELD, HEADING + LINE: HELD}
LINES = frozenset({HEADING + LINE, TEXT + LINE, POINT + LINE, SUBPOINT + LINE})
OURS = frozenset({*ROLES, *LINES, TEXT, POINT, SUBPOINT, POSITIONS, MARK, HEAD, PROPOSED, OPPOSED, ASIDE})
# Prefix of the bookmarks that mark provisions. The slug follows the prefix.
ANCHORS = "provision_"
# The longest bookmark name that Word allows, in characters.
LONGEST_ANCHOR = 40


def anchor_name(slug: str) -> str:
    """Return the bookmark name for the provision `slug`, truncated to the maximum length."""
    return (ANCHORS + slug.replace("-", "_"))[:LONGEST_ANCHOR]
