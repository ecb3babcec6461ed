"""Import texts from Word, PDF, web pages and plain files; export them to Word, Akoma Ntoso, HTML and PDF.

An import passes four stages:

    readers       convert a file or pasted text to a draft: paragraphs with their formatting
    staging       divide the draft into provisions, match each to a stored one, and compare them
    review        record what a person decides about each provision
    log_import    log everything that was accepted, in one transaction

`new_negotiation` loads a text as a negotiation of its own, without a review. An export passes two stages: `export`
selects what the reader may see, and `writers` serializes it.
"""
