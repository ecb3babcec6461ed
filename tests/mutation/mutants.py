"""Mutants, which are copies of a source file with one small fault, such as `<` instead of `<=` or a missing argument.

The faults are those of mutmut. Unlike mutmut, which puts all mutants of a file into a single file, this module also
mutates decorated functions, such as every function in `issues/actions` that writes, and code that runs on import.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.configuration import config
from mutmut.mutation.file_mutation import Mutation, MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mutant:
    """A fault in the file `path`, on the lines `first` to `last`. `index` is its number within the file."""

    path: str
    index: int
    first: int
    last: int
    before: str
    after: str

    @property
    def name(self) -> str:
        return f"{self.path}:{self.first}:{self.index}"


class _Visitor(MutationVisitor):
    """A visitor that finds the nodes that can be mutated, including those in decorated functions."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, cst.FunctionDef) and super()._skip_node_and_children(node)


def rooms() -> list[str]:
    """Return the folders to mutate, which mutmut's setting `source_paths` in pyproject.toml lists."""
    return [path.as_posix() for path in config().source_paths]


def _mutations(path: str) -> tuple[MetadataWrapper, list[Mutation]]:
    module = MetadataWrapper(cst.parse_module((ROOT / path).read_text(encoding="utf-8")))
    visitor = _Visitor(mutation_operators, IgnoredCode(set(), set(), set()))
    module.visit(visitor)
    return module, visitor.mutations


def mutants_of(path: str) -> Iterator[Mutant]:
    """Yield all mutants of a file."""
    module, mutations = _mutations(path)
    positions = module.resolve(PositionProvider)
    for index, mutation in enumerate(mutations):
        # libcst does not guarantee that every node has a position.
        if position := positions.get(mutation.original_node):
            before, after = (
                module.module.code_for_node(node) for node in (mutation.original_node, mutation.mutated_node)
            )
            yield Mutant(path, index, position.start.line, position.end.line, before, after)


def mutated(mutant: Mutant) -> str:
    """Return the text of the file with the fault."""
    module, mutations = _mutations(mutant.path)
    mutation = mutations[mutant.index]
    code: str = module.module.deep_replace(mutation.original_node, mutation.mutated_node).code
    return code


def shares(counts: dict[str, int], size: int) -> dict[str, int]:
    """Divide a sample of `size` in proportion to `counts`, rounding by the method of largest remainders."""
    total = sum(counts.values())
    exact = {room: size * count / total for room, count in counts.items()}
    whole = {room: int(share) for room, share in exact.items()}
    by_remainder = sorted(exact, key=lambda room: whole[room] - exact[room])
    for room in by_remainder[: size - sum(whole.values())]:
        whole[room] += 1
    return whole


def sample(size: int, seed: int) -> list[Mutant]:
    """Return a sample in which each folder is represented in proportion to its number of mutants."""
    population = {
        room: [
            mutant
            for file in sorted((ROOT / room).rglob("*.py"))
            for mutant in mutants_of(file.relative_to(ROOT).as_posix())
        ]
        for room in rooms()
    }
    numbers = random.Random(seed)
    drawn = shares({room: len(mutants) for room, mutants in population.items()}, size)
    return [mutant for room, mutants in population.items() for mutant in numbers.sample(mutants, drawn[room])]
