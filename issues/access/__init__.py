"""Access control:

`visibility` (who may read), `permissions` (who may act) and `audiences` (readers as sets of scopes).
"""
