"""The styles of a Word document that this site writes, by which it knows its own parts again when it reads them."""

# Paragraphs.
ABOUT, SECTION, PROVISION, POSITIONS = "TrackerAbout", "TrackerSection", "TrackerProvision", "TrackerPositions"
HEADING, TEXT, POINT, SUBPOINT = "TrackerHeading", "TrackerText", "TrackerPoint", "TrackerSubpoint"
# The same where no empty line stands before it in the text.
LINE = "Line"
# Characters.
MARK, HEAD, PROPOSED, OPPOSED, ASIDE = (
    "TrackerMark",
    "TrackerHead",
    "TrackerProposed",
    "TrackerOpposed",
    "TrackerAside",
)
# What a paragraph is: said of the file, a section, a provision whose heading stands beside its text ("headed") or is
# the beginning of its text ("held").
HEADED, HELD, SECTIONED = "headed", "held", "section"
ROLES = {ABOUT: "about", SECTION: SECTIONED, PROVISION: HEADED, HEADING: HELD, HEADING + LINE: HELD}
LINES = frozenset({HEADING + LINE, TEXT + LINE, POINT + LINE, SUBPOINT + LINE})
OURS = frozenset({*ROLES, *LINES, TEXT, POINT, SUBPOINT, POSITIONS, MARK, HEAD, PROPOSED, OPPOSED, ASIDE})
# What the names of bookmarks at provisions begin with; the slug follows.
ANCHORS = "provision_"
# Word takes names of bookmarks up to this length.
LONGEST_ANCHOR = 40


def anchor_name(slug: str) -> str:
    """Return the name of the bookmark of a provision; those of long slugs are cut off."""
    return (ANCHORS + slug.replace("-", "_"))[:LONGEST_ANCHOR]
