"""Send unusual requests in every role to a running site, with different requests each time (`make schemathesis`).

EXAMPLES is the number of requests for each operation (50). PHASES selects the phases of schemathesis
("examples,fuzzing"; "coverage" is slow). Data are written to a temporary database.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.serving import served

ROOT = Path(__file__).resolve().parents[2]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
ROLES = ("anonymous", "delegate", "facilitator", "secretariat")
TOKENS = """
import datetime
from issues.models import SmallGroup
from members.models import Member
from members.tokens import make
from tests.factories import DelegationFactory, FacilitatorFactory, UserFactory
group = SmallGroup.objects.get(slug="spam")
for user in (
    DelegationFactory(member=Member.objects.get(code="CAN")).user,
    FacilitatorFactory(small_group=group, user=UserFactory()).user,
    DelegationFactory(role="secretariat", member=None).user,
):
    print("token", make(user, "Long run", "write", datetime.timedelta(days=1), second_factor=True)[1])
"""


def main() -> int:
    """Serve the facts, send requests in each role, and return 1 if a defect was found."""
    with tempfile.TemporaryDirectory() as folder:
        limits = {"API_RATE_ADDRESS": "off", "API_RATE_ACCOUNT": "off", "LOG_LEVEL": "ERROR"}
        environment = {**os.environ, **limits, "DATABASE_URL": f"sqlite:///{folder}/long.sqlite3"}
        for command in (["migrate", "--verbosity", "0"], ["load_fixtures", "--verbosity", "0"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
        made = [sys.executable, "manage.py", "shell", "--command", TOKENS]
        said = subprocess.run(made, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
        keys = ["", *(line.split()[1] for line in said.splitlines() if line.startswith("token "))]
        with served(environment, "/api/v1/", "--workers", "2", "--log-level", "error") as site:
            return max(_ask(site, role, key) for role, key in zip(ROLES, keys, strict=True))


def _ask(site: str, role: str, key: str) -> int:
    print(f"== {role}", flush=True)
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", "docs/openapi.yaml"]
    command += ["--url", site, "--checks", CHECKS]
    command += ["--phases", os.environ.get("PHASES", "examples,fuzzing")]
    command += ["--max-examples", os.environ.get("EXAMPLES", "50")]
    command += ["-H", f"Authorization: Bearer {key}"] if key else []
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
