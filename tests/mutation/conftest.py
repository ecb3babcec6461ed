"""The tests of this folder need mutmut, which is installed for `make nightly` only."""

import os

collect_ignore_glob = [] if "NIGHTLY" in os.environ else ["test_*.py"]
