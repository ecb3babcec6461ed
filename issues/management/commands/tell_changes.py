"""`manage.py tell_changes`: the earlier name of `publish_changes`, kept for scripts that call it."""

from issues.management.commands.publish_changes import Command

__all__ = ["Command"]
