"""Operations: health checks, logs, metrics, slow queries, backups, retention, migration checks and the worker."""
