"""The site. Importing this package makes the engine, which is the library `bracketed_text`, importable.

Because pip cannot install a directory from a requirements file with hashes, this package adds the source of the library
to the import path. Every command and server of the site imports this package first.
"""

import sys
from pathlib import Path

ENGINE = str(Path(__file__).resolve().parent.parent / "packages" / "bracketed-text" / "src")
if ENGINE not in sys.path:
    sys.path.insert(0, ENGINE)
