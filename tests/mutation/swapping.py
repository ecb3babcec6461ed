"""Activate a mutant in the running process by replacing the code of a function wherever it is referenced."""

import functools
import gc
import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType

from tests.mutation.mutants import ROOT, Mutant, mutated

PROJECT = ("issues", "members", "bracketed_text")


def functions_in(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of a module's functions and of its classes' methods, in the order of the file."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_flags & inspect.CO_OPTIMIZED:
                yield constant
            else:
                yield from functions_in(constant)


def same(code: CodeType, changed: CodeType) -> bool:
    """Return whether two functions have the same code, disregarding line numbers."""
    if code.co_code != changed.co_code or code.co_names != changed.co_names or code.co_flags != changed.co_flags:
        return False
    if len(code.co_consts) != len(changed.co_consts):
        return False
    pairs = zip(code.co_consts, changed.co_consts, strict=True)
    return all(
        same(left, right)
        if isinstance(left, CodeType) and isinstance(right, CodeType)
        else type(left) is type(right) and left == right
        for left, right in pairs
    )


def exchange(mutant: Mutant) -> tuple[CodeType, CodeType] | None:
    """Return the original and the mutated code of the function, or None if the fault takes effect on import."""
    path = str(ROOT / mutant.path)
    before = list(functions_in(compile((ROOT / mutant.path).read_text(encoding="utf-8"), path, "exec")))
    after = list(functions_in(compile(mutated(mutant), path, "exec")))
    if len(before) != len(after):
        return None
    changed = [(old, new) for old, new in zip(before, after, strict=True) if not same(old, new)]
    return changed[0] if len(changed) == 1 and changed[0][0].co_freevars == changed[0][1].co_freevars else None


def swap(old: CodeType, new: CodeType) -> int:
    """Replace the code `old` by `new` everywhere, clear the caches, and return the number of functions changed."""
    identity = (old.co_filename, old.co_qualname, old.co_firstlineno)
    count = 0
    for value in gc.get_objects():
        if type(value) is FunctionType:
            code = value.__code__
            if (code.co_filename, code.co_qualname, code.co_firstlineno) == identity:
                value.__code__ = new
                count += 1
        elif type(value) is functools._lru_cache_wrapper and str(value.__module__).startswith(PROJECT):
            value.cache_clear()
    return count
