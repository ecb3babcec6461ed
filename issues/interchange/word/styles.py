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
# Roles of paragraphs: about the file, the title of a section, and the heading of a provision, which is either separate
# from its text ("headed") or part of it ("held").
HEADED, HELD, SECTIONED = "headed", "held", "section"
ROLES = {ABOUT: "about", SECTION: SECTIONED, PROVISION: HEADED, HEADING: HELD, HEADING + LINE: HELD}
LINES = frozenset({HEADING + LINE, TEXT + LINE, POINT + LINE, SUBPOINT + LINE})
OURS = frozenset({*ROLES, *LINES, TEXT, POINT, SUBPOINT, POSITIONS, MARK, HEAD, PROPOSED, OPPOSED, ASIDE})
# Prefix of the bookmarks that mark provisions; it is followed by the slug.
ANCHORS = "provision_"
# The longest bookmark name that Word allows, in characters.
LONGEST_ANCHOR = 40


def anchor_name(slug: str) -> str:
    """Return the bookmark name of a provision, truncated to the maximum length."""
    return (ANCHORS + slug.replace("-", "_"))[:LONGEST_ANCHOR]
