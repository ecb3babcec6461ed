"""A pytest plugin that imports the module MUTATED_FILE from the source text in the file MUTATED_SOURCE."""

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
