"""The site. Its engine, `bracketed_text`, is a library in this repository: the site uses that source, installed or not.

pip installs no folder from a list of pinned and hashed requirements, so the path is added here, which every
command and server of the site imports first.
"""

import sys
from pathlib import Path

ENGINE = str(Path(__file__).resolve().parent.parent / "packages" / "bracketed-text" / "src")
if ENGINE not in sys.path:
    sys.path.insert(0, ENGINE)
