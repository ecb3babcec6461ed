"""Access control: visibility (who can read), permissions (who can act) and audiences (readers as sets of scopes)."""
