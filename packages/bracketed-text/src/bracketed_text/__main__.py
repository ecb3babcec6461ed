"""The engine in a terminal: `bracketed-text check FILE`, `compare OLD NEW`, `read FILE --as CAN`.

It ends with 0, with 1 where `check` found an error, and with 2 where it could not do what was asked.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bracketed_text.comparison import compare
from bracketed_text.cutting import Part
from bracketed_text.diagnostics import Diagnostic, Severity
from bracketed_text.documents import Document, parse_document
from bracketed_text.measuring import Measures, together
from bracketed_text.names import names_at_heads, read_names
from bracketed_text.readings import Silence, read
from bracketed_text.register import Register
from bracketed_text.wording import sentences

Command = Callable[[argparse.Namespace, list[Document]], tuple[list[str], int]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments ask for; return the exit code."""
    asked = _parser().parse_args(arguments)
    command: Command = asked.command
    try:
        texts = [_text(path) for path in asked.files]
        register = read_names(_text(asked.names)) if asked.names else names_at_heads("\n".join(texts))
        lines, code = command(asked, [parse_document(text, register) for text in texts])
    except (OSError, ValueError) as problem:
        print(f"bracketed_text: {problem}", file=sys.stderr)
        return 2
    try:
        print(*lines, sep="\n", flush=True)
    except BrokenPipeError:  # whoever read it has seen enough: "… | head"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bracketed-text", description="Bracketed negotiating text: check it, compare it, read it."
    )
    commands = parser.add_subparsers(required=True, metavar="check | compare | read")
    check = commands.add_parser("check", help="what is wrong with a text, and its figures")
    check.add_argument("files", metavar="FILE", nargs=1)
    check.set_defaults(command=_check)
    comparing = commands.add_parser("compare", help="what changed, in terms of brackets")
    comparing.add_argument("files", metavar="OLD NEW", nargs=2)
    comparing.set_defaults(command=_compare)
    reading = commands.add_parser("read", help="the text as a member, or several together, would have it")
    reading.add_argument("files", metavar="FILE", nargs=1)
    reading.add_argument("--as", dest="members", default="", metavar="CODES", help="codes, such as CAN or CAN,JPN")
    reading.add_argument(
        "--silence", type=Silence, default=Silence.SHOW, metavar="keep|drop|show|base", help="what silence does (show)"
    )
    reading.set_defaults(command=_read)
    for one in (check, comparing, reading):
        one.add_argument("--names", metavar="FILE", help="who there is: a line each, “CAN, Canada”, “G90 = KEN, NGA”")
    return parser


def _text(path: str) -> str:
    """Return the text of a file byte for byte: ends of lines are not changed."""
    try:
        return Path(path).read_bytes().decode("utf-8")
    except UnicodeDecodeError as problem:
        raise ValueError(f"{path} is no UTF-8 text (byte {problem.start}): save it as UTF-8.") from problem


def _check(asked: argparse.Namespace, documents: list[Document]) -> tuple[list[str], int]:
    (document,) = documents
    tree = document.tree()
    lines = []
    for found in tree.diagnostics:
        line, column = tree.place(found.start)
        place = f"{asked.files[0]}:{line}:{column}"
        lines.append(f"{place}: {found.severity.value} {found.code.value}: {found.message} {found.hint}")
        lines.append(f"    {tree.excerpt(found.start, found.end)}")
    return [*lines, *_figures(document, tree.diagnostics)], int(
        any(one.severity is Severity.ERROR for one in tree.diagnostics)
    )


def _figures(document: Document, diagnostics: list[Diagnostic]) -> Iterator[str]:
    measures = document.measures()
    total = together(measures)
    parts = Counter(section.cut.part for section in document.sections)
    findings = Counter(found.severity for found in diagnostics)
    yield ""
    yield f"{parts[Part.PROVISION]} provisions, {parts[Part.HEADING]} headings"
    yield f"{findings[Severity.ERROR]} errors, {findings[Severity.WARNING]} warnings"
    yield from _lines(total)
    if total.named:
        yield f"named: {', '.join(sorted(total.named))}"
        yield f"opposing: {', '.join(sorted(total.opposing)) or 'nobody'}"


def _lines(total: Measures) -> Iterator[str]:
    share = f"{total.clean_share:.1%}" if total.clean_share is not None else "no words"
    yield f"{total.words} words, {total.contested_words} contested, clean share {share}"
    yield f"{total.open_brackets} open brackets, {total.alternatives} alternatives, depth {total.depth}"


def _compare(asked: argparse.Namespace, documents: list[Document]) -> tuple[list[str], int]:
    old, new = (document.tree() for document in documents)
    found = compare(old, new)
    acts = Counter(event.act.value for event in found.events)
    counted = ", ".join(f"{count} {act}" for act, count in acts.most_common()) or "nothing changed"
    return [*sentences(old, new, found), "", counted], 0


def _read(asked: argparse.Namespace, documents: list[Document]) -> tuple[list[str], int]:
    (document,) = documents
    members = [code.strip() for code in asked.members.split(",") if code.strip()]
    unknown = [code for code in members if _nobody(document.register, code)]
    if unknown:
        raise ValueError(f"Nobody in this text or in --names is called {', '.join(unknown)}: use the codes of heads.")
    reading = read(document.tree(), members, asked.silence)
    counted = (
        f"{reading.kept} kept, {reading.dropped} dropped, {reading.silent} decided by silence, "
        f"{reading.divided} divided, {len(reading.joins)} joins made good"
    )
    print(counted, file=sys.stderr)
    return [reading.text], 0


def _nobody(register: Register, code: str) -> bool:
    found = register.find(code)
    return found is None or found.code != code


def run() -> None:
    """Run the command and leave with its exit code."""
    sys.exit(main())


if __name__ == "__main__":
    run()
