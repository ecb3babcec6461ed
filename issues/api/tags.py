"""The groups of operations in the schema and the reference, in order."""

TAGS = [
    {"name": "about", "description": "The API itself: its entry point, its schema and its problems"},
    {"name": "status", "description": "Stated and measured status, figures through time, and activity"},
    {"name": "outline", "description": "Sections, issues, sub-issues and lenses"},
    {"name": "small groups", "description": "Small groups and the statuses stated for them"},
    {"name": "text", "description": "Provisions, revisions, variants and positions"},
    {"name": "proposals", "description": "Proposals, their co-sponsors and their merging into the text"},
    {"name": "requests", "description": "Requests of delegations to facilitators"},
    {"name": "analysis", "description": "Agreement between members, landing zones, readings and comparisons"},
    {"name": "record", "description": "Documents, meetings, timelines, expectations and reported positions"},
    {"name": "members", "description": "Members and groupings"},
    {"name": "changes", "description": "The change feed and the bulk download, for programs that keep a copy"},
]
