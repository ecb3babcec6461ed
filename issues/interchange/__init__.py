"""Import texts from Word, Akoma Ntoso, HTML and plain text; export them to Word, Akoma Ntoso, HTML and PDF.

An import passes through four stages:

    readers       converts a file or pasted text to a draft, which consists of paragraphs with their formatting
    staging       divides the draft into provisions, matches each to a stored provision and compares the two
    review        records a person's decision on each provision
    log_import    logs all accepted provisions in one transaction

`new_negotiation` loads a text as a separate negotiation, without a review. An export passes through two stages:
`export` selects the provisions that the reader may see, and `writers` serializes them.
"""
