"""Operations, including health checks, logs, metrics, backups, retention, migration checks and the worker."""
