"""A plugin of pytest: one file of the product is imported from another text (MUTATED_FILE, MUTATED_SOURCE)."""

import os
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

_original = SourceFileLoader.get_code


def _get_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
    if loader.path == os.environ["MUTATED_FILE"]:
        return compile(Path(os.environ["MUTATED_SOURCE"]).read_text(encoding="utf-8"), loader.path, "exec")
    return _original(loader, fullname)


SourceFileLoader.get_code = _get_code  # type: ignore[method-assign]
