"""Access control: visibility (read access), permissions (write access) and audiences (readers as sets of scopes)."""
