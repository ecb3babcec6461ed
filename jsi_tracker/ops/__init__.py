"""What whoever runs the site looks at: health, logs, metrics, slow queries, backups, retention, migrations."""
