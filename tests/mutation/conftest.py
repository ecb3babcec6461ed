"""Skip the tests in this folder unless NIGHTLY is set. They require mutmut, which only `make nightly` installs."""

import os

collect_ignore_glob = [] if "NIGHTLY" in os.environ else ["test_*.py"]
