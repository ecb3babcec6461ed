"""Ask an advisory service (OSV) for known vulnerabilities of everything that is pinned, with `uv audit`.

    .venv/bin/python .ci/audit.py [requirements file]

Code 1 where a pinned version has a known vulnerability. Where the service, or the registry, cannot be reached, nothing
is known: it says so, with code 0, so that who works without a network can build; AUDIT_REQUIRED=1 makes that code 2,
for a release and for a run every night. AUDIT_URL names another service that speaks OSV's language.
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
# By the identifier of the advisory, each with why it does no harm here and until when that was looked at.
IGNORED: dict[str, str] = {}


def main(requirements: Path) -> int:
    """Audit the file and say what came of it; return the code to end with."""
    pins = [found.group().strip() for line in requirements.read_text().splitlines() if (found := PINNED.match(line))]
    if not pins:
        print(f"{requirements} pins nothing: there is nothing to audit")
        return 2
    ended = _audit(pins)
    print(ended.stdout, end="")
    if ended.returncode == 0:
        print(f"Audited: {len(pins)} pinned packages, no known vulnerability")
        return 0
    if ended.returncode == 1:
        print("VULNERABLE: raise what is named above (make requirements), or say in .ci/audit.py why it does no harm")
        return 1
    print(ended.stderr.strip())
    print(f"NOT AUDITED: the advisories of {len(pins)} packages could not be read, so nothing is known about them")
    return 2 if os.environ.get("AUDIT_REQUIRED") == "1" else 0


def _audit(pins: list[str]) -> subprocess.CompletedProcess[str]:
    """Run `uv audit` on a project made of nothing but the pins: this one has no lock file of uv's."""
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
