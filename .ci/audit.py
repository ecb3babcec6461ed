"""Check all pinned packages for known vulnerabilities in an advisory service (OSV), using `uv audit`.

    .venv/bin/python .ci/audit.py [requirements file]

The exit status is 1 if a pinned version has a known vulnerability. If the service or the registry is unreachable, a
message is printed and the status is 0, so that the project can be built without a network. With AUDIT_REQUIRED=1, as
for releases and nightly runs, the status is then 2. AUDIT_URL selects another service with the OSV interface.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")
PINNED = re.compile(r"[a-z0-9][\w.\[\]-]*==[^\\]+", re.IGNORECASE)
# Ignored advisories by identifier, each with the reason why it is harmless in this project and the date of the check.
IGNORED: dict[str, str] = {}


def main(requirements: Path) -> int:
    """Audit the file, print the result, and return the exit status."""
    pins = [found.group().strip() for line in requirements.read_text().splitlines() if (found := PINNED.match(line))]
    if not pins:
        print(f"{requirements} contains no pinned versions, so nothing was audited")
        return 2
    ended = _audit(pins)
    print(ended.stdout, end="")
    if ended.returncode == 0:
        print(f"Audited: {len(pins)} pinned packages without known vulnerabilities")
        return 0
    if ended.returncode == 1:
        print(
            "VULNERABLE: update the packages listed above (make requirements). If an advisory is harmless in this "
            "project, add it with the reason to IGNORED in .ci/audit.py"
        )
        return 1
    print(ended.stderr.strip())
    print(f"NOT AUDITED: the advisories for {len(pins)} packages could not be read. Check the network, and try again")
    return 2 if os.environ.get("AUDIT_REQUIRED") == "1" else 0


def _audit(pins: list[str]) -> subprocess.CompletedProcess[str]:
    """Run `uv audit` on a temporary project that contains only `pins`, because this project has no uv lock file."""
    service = os.environ.get("AUDIT_URL")
    with tempfile.TemporaryDirectory() as project:
        table = {"name": "audited", "version": "0", "requires-python": ">=3.11", "dependencies": pins}
        lines = [f"{name} = {json.dumps(value)}" for name, value in table.items()]
        Path(project, "pyproject.toml").write_text("\n".join(["[project]", *lines]))
        return subprocess.run(
            [
                *(UV, "audit", "--no-progress", "--preview-features", "audit-command"),
                *(["--service-url", service] if service else []),
                *(part for identifier in IGNORED for part in ("--ignore", identifier)),
            ],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "requirements-dev.txt"))
