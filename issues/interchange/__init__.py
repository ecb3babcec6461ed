"""Text in from Word, PDF, web pages and plain files, and out to Word, Akoma Ntoso, web pages and PDF.

Coming in: `reading` makes a file a draft, `staging` keeps it for review, `reviewing` and `recording` bring what a
person accepted into the record; `founding` makes a whole negotiation of it.
Going out: `exporting` says what a reader gets, `writing` puts it into a file.
"""
