"""Import, export and re-import the ten texts in ../shared/corpora (`python -m tests.interchange.corpora`).

Prints the table in docs/how-to/interchange.md. The site's database must contain the facts, and all changes are rolled
back.
"""

import datetime
import io
import os
import sys
import time
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).resolve().parents[3] / "shared" / "corpora"
COLUMNS = ["text", "sections", "provisions", "brackets", "provisions with errors", "… with names to decide"]
COLUMNS += ["seconds in", "Word: kB, seconds out and in, provisions that differ", "Akoma Ntoso: the same"]


def row(path: Path, user: str) -> list[str]:
    """Import one text as a separate negotiation, export it, read it again, and return its row of the table."""
    from django.core.management import call_command
    from django.db.models import Sum

    from bracketed_text import Code, parse
    from issues.models import Measure, Negotiation, Revision
    from issues.text.member_names import load_register

    slug = path.stem.lower().replace("_", "-").replace(".", "-")[:50]
    began = time.monotonic()
    options = {"name": path.stem[:50], "made_on": "2020-01-01", "source": path.name, "user": user, "verbosity": 0}
    call_command("import_text", str(path), slug, stdout=io.StringIO(), **_parsed(options))
    taken = time.monotonic() - began
    negotiation = Negotiation.objects.get(slug=slug)
    revisions = list(Revision.objects.filter(provision__negotiation=negotiation))
    trees = [parse(one.text, load_register()) for one in revisions]
    brackets = Measure.objects.filter(revision__in=revisions).aggregate(all=Sum("open_brackets"))["all"]
    unknown = sum(1 for tree in trees if any(one.code is Code.UNKNOWN_NAME for one in tree.diagnostics))
    return [
        path.stem,
        str(negotiation.sections.count()),
        str(len(revisions)),
        str(brackets),
        str(sum(1 for tree in trees if tree.errors)),
        str(unknown),
        f"{taken:.1f}",
        _round("docx", negotiation),
        _round("xml", negotiation),
    ]


def _parsed(options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "made_on": datetime.date.fromisoformat(options["made_on"])}


def _round(ending: str, negotiation: Any) -> str:
    """Write the negotiation in a format and read it again. Return the size, the time and the number of differences."""
    from bracketed_text import measure, parse
    from bracketed_text.advanced import variants
    from issues.access.roles import everything_of
    from issues.interchange.composition import Choices, compose
    from issues.interchange.export import ExportOptions, build_export
    from issues.interchange.provision_cuts import cut_into_provisions
    from issues.interchange.readers import read_file
    from issues.interchange.writers import FORMATS
    from issues.models import Provision
    from issues.text.member_names import load_register

    began = time.monotonic()
    export = build_export(
        everything_of(negotiation.pk), negotiation, Provision.objects.all(), ExportOptions(), datetime.date.today()
    )
    data = FORMATS[ending].write(export)
    middle = time.monotonic()
    read = [
        one.stored for one in cut_into_provisions(compose(read_file(f"a.{ending}", data), Choices()), load_register())
    ]
    ended = time.monotonic()
    out = [text.tree for text in export.texts()]
    differ = abs(len(out) - len(read)) + sum(1 for one, other in zip(out, read, strict=False) if one.text != other)
    meant = [parse(text, load_register()) for text in read]
    same = [measure(one) for one in meant] == [measure(one) for one in out]
    heads = [[v.head.claims for v in variants(one)] for one in meant] == [
        [v.head.claims for v in variants(one)] for one in out
    ]
    said = "" if same and heads else ", brackets or positions too"
    return f"{len(data) / 1000:.0f} kB, {middle - began:.1f} + {ended - middle:.1f} s, {differ}{said}"


def main() -> None:
    """Print the table."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jsi_tracker.settings")
    import django

    django.setup()
    from django.db import transaction

    if not TEXTS.exists():
        sys.exit("../shared/corpora is not beside the project.")
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    with transaction.atomic():
        for path in sorted(TEXTS.glob("*.txt")):
            print("| " + " | ".join(row(path, "secretariat")) + " |", flush=True)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
