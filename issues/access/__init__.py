"""Who may read and change what: visibility (who reads), permissions (who acts), audiences (the same as sets)."""
