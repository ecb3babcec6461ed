"""Run the command `bracketed-text`, which checks, compares, reads, measures and divides texts in a terminal.

The exit code is 0 for success and 1 if `check` found an error in the text. It is 2 if the command could not run, for
example because a file is unreadable, a member is unknown or an argument is invalid. The reason is then written to
stderr.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import bracketed_text
from bracketed_text import commands
from bracketed_text.commands import FAILED, Output
from bracketed_text.documents import Document, parse_document
from bracketed_text.names import names_at_heads, read_names
from bracketed_text.readings import Silence

STDIN = "-"
RunCommand = Callable[[argparse.Namespace, list[Document]], Output]

EPILOG = "The exit code is 0 for success, 1 if check found an error in the text, and 2 if the command could not run."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with `arguments`, and return its exit code.

    The default is the list of arguments with which the process was started.
    """
    options = _parser().parse_args(arguments)
    run_command: RunCommand = options.run_command
    try:
        texts = [_read_text(path) for path in options.files]
        register = read_names(_read_text(options.names)) if options.names else names_at_heads("\n".join(texts))
        output = run_command(options, [parse_document(text, register) for text in texts])
    except (OSError, ValueError) as problem:
        print(f"bracketed-text: {problem}", file=sys.stderr)
        return FAILED
    _print(output, options.json)
    return output.exit_code


def run() -> None:
    """Run the command and end the process with its exit code."""
    sys.exit(main())


def _print(output: Output, as_json: bool) -> None:
    if output.note and not as_json:
        print(output.note, file=sys.stderr)
    try:
        if as_json:
            print(json.dumps(output.data, ensure_ascii=False, indent=2), flush=True)
        else:
            print(*output.lines, sep="\n", flush=True)
    except BrokenPipeError:  # the reader has closed the pipe, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bracketed-text",
        description="Check, compare, read, measure and cut bracketed negotiating text.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {bracketed_text.__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run_command, description in (
        ("check", _check, "List the errors and warnings, and print the figures."),
        ("compare", _compare, "Describe the changes between two versions."),
        ("read", _read, "Print the text that one or more members would prefer."),
        ("measure", _measure, "Print the figures of each provision."),
        ("cut", _cut, "List the headings and provisions."),
    ):
        subparser = subparsers.add_parser(name, help=description, description=description, epilog=EPILOG)
        _add_arguments(subparser, name, run_command)
    return parser


def _add_arguments(subparser: argparse.ArgumentParser, name: str, run_command: RunCommand) -> None:
    metavar, count = ("OLD NEW", 2) if name == "compare" else ("FILE", 1)
    subparser.add_argument("files", metavar=metavar, nargs=count, help="UTF-8 text file, or - for standard input")
    subparser.add_argument(
        "--names", metavar="FILE", help="file of names, one per line, such as “CAN, Canada” or “G90 = KEN, NGA”"
    )
    subparser.add_argument("--json", action="store_true", help="print JSON")
    subparser.set_defaults(run_command=run_command)
    if name == "read":
        subparser.add_argument(
            "--as", dest="members", default="", metavar="CODES", help="codes of members, such as CAN,JPN"
        )
        subparser.add_argument(
            "--silence",
            type=Silence,
            default=Silence.SHOW,
            metavar="keep|drop|show|base",
            help="treatment of text on which these members take no position (default: show)",
        )


def _check(options: argparse.Namespace, documents: list[Document]) -> Output:
    return commands.check(options.files[0], *documents)


def _compare(options: argparse.Namespace, documents: list[Document]) -> Output:
    return commands.compare_documents(*documents)


def _read(options: argparse.Namespace, documents: list[Document]) -> Output:
    members = [code.strip() for code in options.members.split(",") if code.strip()]
    return commands.read_document(documents[0], members, options.silence)


def _measure(options: argparse.Namespace, documents: list[Document]) -> Output:
    return commands.measure_document(*documents)


def _cut(options: argparse.Namespace, documents: list[Document]) -> Output:
    return commands.cut_document(*documents)


def _read_text(path: str) -> str:
    """Return the text of a file, without converting line ends.

    Raises ValueError if the file is not UTF-8.
    """
    try:
        return (sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()).decode("utf-8")
    except UnicodeDecodeError as problem:
        raise ValueError(f"{path} is not UTF-8 text (byte {problem.start}). Save the file as UTF-8.") from problem


if __name__ == "__main__":
    run()
