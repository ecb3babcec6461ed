"""The site. Importing this package makes the engine, the library `bracketed_text` in this repository, importable.

pip cannot install a directory from a requirements file with hashes, so the source of the library is added to the
import path here, in the package that every command and server of the site imports first.
"""

import sys
from pathlib import Path

ENGINE = str(Path(__file__).resolve().parent.parent / "packages" / "bracketed-text" / "src")
if ENGINE not in sys.path:
    sys.path.insert(0, ENGINE)
