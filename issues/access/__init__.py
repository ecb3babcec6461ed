"""Access control: visibility (who reads), permissions (who acts) and audiences (readers as sets of scopes)."""
