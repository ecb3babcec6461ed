"""Agreement between every two members, from the sides that they take: plain numpy."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
# Below so many variants at which both take a side, a share says little; it is shown as such.
SMALL = 5


class Agreement(NamedTuple):
    """Symmetric tables, members by members: at how many variants both stand on the same side, and on opposite ones."""

    same: Matrix
    opposite: Matrix

    @property
    def n(self) -> Matrix:
        """At how many variants both take a side."""
        return self.same + self.opposite

    @property
    def share(self) -> Matrix:
        """The part of those at which they stand on the same side, 0 to 1; NaN where there is none."""
        n = self.n
        return np.divide(self.same, n, out=np.full_like(n, np.nan), where=n > 0)

    @property
    def smoothed(self) -> Matrix:
        """(same + 1) / (n + 2): the share as if one more variant stood on either side, so that small n says little."""
        shares: Matrix = (self.same + 1) / (self.n + 2)
        np.fill_diagonal(shares, 1.0)
        return shares


class Pair(NamedTuple):
    """How one member (`other`, a column) stands to the one asked for."""

    column: int
    same: int
    opposite: int

    @property
    def n(self) -> int:
        """At how many variants both take a side."""
        return self.same + self.opposite

    @property
    def share(self) -> float:
        """The part at which they stand on the same side."""
        return self.same / self.n

    @property
    def is_small(self) -> bool:
        """Whether that is too few to say much."""
        return self.n < SMALL


def agreement(table: NDArray[np.float32]) -> Agreement:
    """Return the agreement of the columns of `table`, whose entries are +1, -1 and 0: two products of matrices.

    With s the table and |s| its absolute values: s's counts same less opposite, |s|'|s| counts both.
    """
    difference = (table.T @ table).astype(np.float64)
    taken = np.abs(table)
    both = (taken.T @ taken).astype(np.float64)
    return Agreement((both + difference) / 2, (both - difference) / 2)


def nearest(counts: Agreement, member: int) -> list[Pair]:
    """Return how the others stand to `member`, nearest first; of equal shares, the one that more speaks for."""
    pairs = [
        Pair(column, int(counts.same[member, column]), int(counts.opposite[member, column]))
        for column in range(len(counts.same))
        if column != member and counts.n[member, column]
    ]
    return sorted(pairs, key=lambda pair: (-counts.smoothed[member, pair.column], -pair.n))


def clustered(counts: Agreement) -> list[int]:
    """Return the columns in an order in which those that agree stand side by side.

    By the second eigenvector of the Laplacian of the smoothed shares (Atkins, Boman and Hendrickson, 1998).
    """
    size = len(counts.same)
    if size < 3:
        return list(range(size))
    alike = counts.smoothed.copy()
    np.fill_diagonal(alike, 0)
    laplacian = np.diag(alike.sum(axis=1)) - alike
    _, vectors = np.linalg.eigh(laplacian)
    second = vectors[:, 1]
    order = np.argsort(_turned(second), kind="stable")
    return [int(at) for at in order]


def arrangement(counts: Agreement) -> Matrix:
    """Return a place in the plane for each column, so that distances come near to 1 - smoothed share.

    Classical multidimensional scaling (Torgerson, 1952): the two greatest eigenvalues of the double-centred squares.
    """
    size = len(counts.same)
    if size < 2:
        return np.zeros((size, 2))
    squares = (1 - counts.smoothed) ** 2
    centre = np.eye(size) - 1 / size
    values, vectors = np.linalg.eigh(-centre @ squares @ centre / 2)
    places = np.zeros((size, 2))
    for axis, at in enumerate(np.argsort(values)[::-1][:2]):
        places[:, axis] = _turned(vectors[:, at]) * np.sqrt(max(values[at], 0))
    return places


def carried_onto(places: Matrix, target: Matrix) -> Matrix:
    """Return `places` turned, mirrored and moved so that they lie as near as they can to `target`, row by row.

    Orthogonal Procrustes (Schönemann, 1966), without scaling: what is left of a difference is movement.
    """
    middle, goal = places.mean(axis=0), target.mean(axis=0)
    left, _, right = np.linalg.svd((places - middle).T @ (target - goal))
    carried: Matrix = (places - middle) @ (left @ right) + goal
    return carried


def _turned(vector: Matrix) -> Matrix:
    """Return an eigenvector with its sign fixed by its greatest entry, so that a page stays as it is."""
    turned: Matrix = vector if vector[np.argmax(np.abs(vector))] > 0 else -vector
    return turned
