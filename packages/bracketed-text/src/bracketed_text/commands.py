"""Prepare the output of each subcommand of `bracketed-text`, as lines for a terminal and as data for `--json`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bracketed_text.comparison import compare
from bracketed_text.cutting import Cut, Part
from bracketed_text.diagnostics import Diagnostic, Severity
from bracketed_text.documents import Document
from bracketed_text.events import Act, Comparison, Event
from bracketed_text.measuring import Measures, together
from bracketed_text.readings import Silence, read
from bracketed_text.register import Register
from bracketed_text.tree import Tree
from bracketed_text.wording import sentences

OK, ERRORS_FOUND, FAILED = 0, 1, 2


class Output(NamedTuple):
    """The result of a subcommand.

    `lines` are written to stdout and `note` to stderr. If `--json` is given, `data` is written to stdout instead.
    `exit_code` is the exit code of the process.
    """

    lines: list[str]
    data: Mapping[str, Any]
    exit_code: int = OK
    note: str = ""


def check(path: str, document: Document) -> Output:
    """Return the diagnostics and figures of a document. The exit code is 1 if any diagnostic is an error."""
    tree = document.tree()
    lines = []
    for diagnostic in tree.diagnostics:
        line, column = tree.line_and_column(diagnostic.start)
        summary = f"{diagnostic.severity.value} {diagnostic.code.value}: {diagnostic.message} {diagnostic.hint}"
        lines += [f"{path}:{line}:{column}: {summary}", f"    {tree.excerpt(diagnostic.start, diagnostic.end)}"]
    severities = Counter(diagnostic.severity for diagnostic in tree.diagnostics)
    total = together(document.measures())
    data = {
        "errors": severities[Severity.ERROR],
        "warnings": severities[Severity.WARNING],
        "diagnostics": [_diagnostic_data(tree, diagnostic) for diagnostic in tree.diagnostics],
        "measures": _measures_data(total),
    }
    figures = [
        "",
        _count_parts(document),
        f"{severities[Severity.ERROR]} errors, {severities[Severity.WARNING]} warnings",
        *_total_lines(total),
    ]
    return Output(lines + figures, data, ERRORS_FOUND if severities[Severity.ERROR] else OK)


def compare_documents(old_document: Document, new_document: Document) -> Output:
    """Return the changes between two documents, as sentences and as events."""
    old, new = old_document.tree(), new_document.tree()
    comparison = compare(old, new)
    changes = sentences(old, new, comparison)
    acts = Counter(event.act.value for event in comparison.events)
    summary = ", ".join(f"{count} {act}" for act, count in acts.most_common()) or "nothing changed"
    data = {
        "sentences": changes,
        "counts": dict(acts),
        "events": [
            {
                "act": event.act.value,
                "stance": event.stance,
                "name": event.name,
                **_event_words(event, comparison, old, new),
            }
            for event in comparison.events
        ],
        "hunks": [hunk._asdict() for hunk in comparison.hunks],
    }
    return Output([*changes, "", summary], data)


def read_document(document: Document, members: list[str], silence: Silence) -> Output:
    """Return the text that `members` would prefer. The members are given by their codes.

    Raises ValueError for an unknown code.
    """
    unknown = [code for code in members if not _is_code(document.register, code)]
    if unknown:
        hint = "Use a code from the head of a bracket or from --names."
        raise ValueError(f"Unknown member or grouping: {', '.join(unknown)}. {hint}")
    reading = read(document.tree(), members, silence)
    note = (
        f"{reading.kept} kept, {reading.dropped} dropped, {reading.silent} decided by silence, "
        f"{reading.divided} divided, {len(reading.joins)} joins repaired"
    )
    data = {
        "text": reading.text,
        "members": members,
        "silence": silence.value,
        "kept": reading.kept,
        "dropped": reading.dropped,
        "silent": reading.silent,
        "divided": reading.divided,
        "joins": len(reading.joins),
    }
    return Output([reading.text], data, note=note)


def measure_document(document: Document) -> Output:
    """Return the figures of each provision and of the whole document."""
    provisions = [
        (section.cut, measures)
        for section, measures in zip(document.sections, document.measures(), strict=True)
        if section.cut.part is Part.PROVISION
    ]
    total = together(document.measures())
    header = ("provision", "words", "contested", "brackets", "alternatives", "depth", "clean share")
    rows = [header, *(_row(cut.label or "–", measures) for cut, measures in provisions), _row("total", total)]
    data = {
        "total": _measures_data(total),
        "provisions": [{**_cut_data(document.text, cut), **_measures_data(measures)} for cut, measures in provisions],
    }
    return Output(list(_table(rows)), data)


def cut_document(document: Document) -> Output:
    """Return the headings and provisions of a document, with the line on which each begins."""
    parts = [_cut_data(document.text, section.cut) for section in document.sections]
    rows = [("line", "part", "label", "title")]
    rows += [(str(part["line"]), part["part"], part["label"] or "–", part["title"]) for part in parts]
    return Output([*_table(rows), "", _count_parts(document)], {"parts": parts})


def _is_code(register: Register, code: str) -> bool:
    name = register.find(code)
    return name is not None and name.code == code


def _count_parts(document: Document) -> str:
    parts = Counter(section.cut.part for section in document.sections)
    return f"{parts[Part.PROVISION]} provisions, {parts[Part.HEADING]} headings"


def _total_lines(total: Measures) -> Iterator[str]:
    yield f"{total.words} words, {total.contested_words} contested, clean share {_share(total)}"
    yield f"{total.open_brackets} open brackets, {total.alternatives} alternatives, depth {total.depth}"
    if total.named:
        yield f"named: {', '.join(sorted(total.named))}"
        yield f"opposing: {', '.join(sorted(total.opposing)) or 'nobody'}"


def _share(measures: Measures) -> str:
    return f"{measures.clean_share:.1%}" if measures.clean_share is not None else "no words"


def _row(label: str, measures: Measures) -> tuple[str, ...]:
    counts = (
        measures.words,
        measures.contested_words,
        measures.open_brackets,
        measures.alternatives,
        measures.depth,
    )
    return (label, *map(str, counts), _share(measures))


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield `rows` with their columns aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _diagnostic_data(tree: Tree, diagnostic: Diagnostic) -> dict[str, Any]:
    line, column = tree.line_and_column(diagnostic.start)
    return {
        "code": diagnostic.code.value,
        "severity": diagnostic.severity.value,
        "line": line,
        "column": column,
        "start": diagnostic.start,
        "end": diagnostic.end,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
    }


def _measures_data(measures: Measures) -> dict[str, Any]:
    return {
        **measures._asdict(),
        "named": sorted(measures.named),
        "opposing": sorted(measures.opposing),
        "clean_share": measures.clean_share,
    }


def _cut_data(text: str, cut: Cut) -> dict[str, Any]:
    start = cut.start + len(text[cut.start : cut.end]) - len(text[cut.start : cut.end].lstrip())
    return {
        "part": cut.part.value,
        "label": cut.label,
        "title": cut.title,
        "level": cut.level,
        "line": text.count("\n", 0, start) + 1,
        "start": cut.start,
        "end": cut.end,
    }


def _event_words(event: Event, comparison: Comparison, old: Tree, new: Tree) -> dict[str, str | None]:
    """Return the text that an event concerns.

    This is the text of the event's old and new variants or, for other events, the changed text.
    """
    if event.act in (Act.BASE_TEXT, Act.REWORDED):
        return {"old": event.removed, "new": event.added}
    return {
        "old": None if event.old is None else comparison.old_variants[event.old].words(old.text),
        "new": None if event.new is None else comparison.new_variants[event.new].words(new.text),
    }
