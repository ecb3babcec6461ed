"""Mutants: copies of a file of the product, each with one small fault, such as `<` for `<=` or an argument left out.

The faults are those of mutmut. Unlike mutmut, which keeps all mutants of a file in one, this also makes them in
decorated functions (each write in `issues/actions` is one) and in what a module executes when it is imported.
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
    """The fault number `index` of the file `path`, at the lines `first` to `last`."""

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
    """Finds what can be mutated, decorated functions included."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, cst.FunctionDef) and super()._skip_node_and_children(node)


def rooms() -> list[str]:
    """Return the folders that are mutated: `source_paths` of mutmut in pyproject.toml."""
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
        # libcst does not promise a position for each node.
        if position := positions.get(mutation.original_node):
            before, after = (
                module.module.code_for_node(node) for node in (mutation.original_node, mutation.mutated_node)
            )
            yield Mutant(path, index, position.start.line, position.end.line, before, after)


def mutated(mutant: Mutant) -> str:
    """Return the text of the file with the fault in it."""
    module, mutations = _mutations(mutant.path)
    mutation = mutations[mutant.index]
    code: str = module.module.deep_replace(mutation.original_node, mutation.mutated_node).code
    return code


def shares(counts: dict[str, int], size: int) -> dict[str, int]:
    """Divide a sample in proportion to `counts`; what rounding leaves goes to the largest remainders."""
    total = sum(counts.values())
    exact = {room: size * count / total for room, count in counts.items()}
    whole = {room: int(share) for room, share in exact.items()}
    by_remainder = sorted(exact, key=lambda room: whole[room] - exact[room])
    for room in by_remainder[: size - sum(whole.values())]:
        whole[room] += 1
    return whole


def sample(size: int, seed: int) -> list[Mutant]:
    """Draw `size` mutants, from each room in proportion to how many it has; the same for the same seed and code."""
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
