"""`make schemathesis`: questions that nobody would ask, to a site that runs, in every role, ever anew.

EXAMPLES is how many for each operation (50), PHASES which ways of schemathesis (examples,fuzzing; coverage is slow).
What is written stays in a database of its own, which is thrown away.
"""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.api import wait_for

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
    """Serve the facts, ask in each role, and return 1 where something was found."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
        probe.close()
        limits = {"API_RATE_ADDRESS": "off", "API_RATE_ACCOUNT": "off", "LOG_LEVEL": "ERROR"}
        environment = {**os.environ, **limits, "DATABASE_URL": f"sqlite:///{folder}/long.sqlite3"}
        for command in (["migrate", "--verbosity", "0"], ["load_fixtures", "--verbosity", "0"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
        made = [sys.executable, "manage.py", "shell", "--command", TOKENS]
        said = subprocess.run(made, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
        keys = ["", *(line.split()[1] for line in said.splitlines() if line.startswith("token "))]
        served = [sys.executable, "-m", "gunicorn", "jsi_tracker.wsgi", "--bind", address, "--workers", "2"]
        with subprocess.Popen([*served, "--log-level", "error"], cwd=ROOT, env=environment) as server:
            try:
                wait_for(f"http://{address}/api/v1/")
                return max(_ask(address, role, key) for role, key in zip(ROLES, keys, strict=True))
            finally:
                server.terminate()


def _ask(address: str, role: str, key: str) -> int:
    print(f"== {role}", flush=True)
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", "docs/openapi.yaml"]
    command += ["--url", f"http://{address}", "--checks", CHECKS]
    command += ["--phases", os.environ.get("PHASES", "examples,fuzzing")]
    command += ["--max-examples", os.environ.get("EXAMPLES", "50")]
    command += ["-H", f"Authorization: Bearer {key}"] if key else []
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
