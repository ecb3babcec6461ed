"""Pairwise agreement between members, computed from the sides that they take."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
# A share based on fewer shared variants than this is marked as weak evidence.
SMALL = 5


class Agreement(NamedTuple):
    """The numbers of variants on which two members take the same side or opposite sides.

    The numbers are given by two symmetric matrices, whose rows and columns represent members.
    """

    same: Matrix
    opposite: Matrix

    @property
    def n(self) -> Matrix:
        """The number of variants on which both members take a side."""
        return self.same + self.opposite

    @property
    def share(self) -> Matrix:
        """The fraction of the variants in `n` on which both members take the same side, or NaN if `n` is 0."""
        n = self.n
        return np.divide(self.same, n, out=np.full_like(n, np.nan), where=n > 0)

    @property
    def smoothed(self) -> Matrix:
        """The share (same + 1) / (n + 2). One variant is added on each side, which moderates shares with a small n."""
        shares: Matrix = (self.same + 1) / (self.n + 2)
        np.fill_diagonal(shares, 1.0)
        return shares


class Pair(NamedTuple):
    """The agreement of one member with another, which is identified by its column in the matrix."""

    column: int
    same: int
    opposite: int

    @property
    def n(self) -> int:
        """The number of variants on which both members take a side."""
        return self.same + self.opposite

    @property
    def share(self) -> float:
        """The fraction of the variants in `n` on which both members take the same side."""
        return self.same / self.n

    @property
    def is_small(self) -> bool:
        """Whether `n` is too small for a reliable share."""
        return self.n < SMALL


def agreement(table: NDArray[np.float32]) -> Agreement:
    """Return the agreement between the columns of `table`, whose entries are +1, -1 or 0.

    Let s be the table and |s| its absolute values. Then s's equals same minus opposite, and |s|'|s| equals same plus
    opposite.
    """
    difference = (table.T @ table).astype(np.float64)
    taken = np.abs(table)
    both = (taken.T @ taken).astype(np.float64)
    return Agreement((both + difference) / 2, (both - difference) / 2)


def nearest(counts: Agreement, member: int) -> list[Pair]:
    """Return the pairs of `member` with all other members, in descending order of smoothed share and then of n."""
    pairs = [
        Pair(column, int(counts.same[member, column]), int(counts.opposite[member, column]))
        for column in range(len(counts.same))
        if column != member and counts.n[member, column]
    ]
    return sorted(pairs, key=lambda pair: (-counts.smoothed[member, pair.column], -pair.n))


def clustered(counts: Agreement) -> list[int]:
    """Return the columns, ordered so that members that agree are next to each other.

    The order is that of the second eigenvector of the Laplacian of the smoothed shares (Atkins, Boman and Hendrickson,
    1998).
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
    """Return a point in the plane for each column, so that distances approximate 1 - smoothed share.

    The method is classical multidimensional scaling (Torgerson, 1952), with the two largest eigenvalues of the
    double-centred matrix of squared distances.
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
    """Return `places` rotated, reflected and translated to fit `target`, row by row, in the least-squares sense.

    The method is orthogonal Procrustes analysis (Schönemann, 1966) without scaling. The differences that remain
    represent actual movement.
    """
    middle, goal = places.mean(axis=0), target.mean(axis=0)
    left, _, right = np.linalg.svd((places - middle).T @ (target - goal))
    carried: Matrix = (places - middle) @ (left @ right) + goal
    return carried


def _turned(vector: Matrix) -> Matrix:
    """Return an eigenvector whose sign is chosen so that its largest entry by magnitude is positive.

    This choice makes the results reproducible.
    """
    turned: Matrix = vector if vector[np.argmax(np.abs(vector))] > 0 else -vector
    return turned
