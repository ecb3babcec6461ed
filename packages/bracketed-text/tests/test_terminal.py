"""Test the command `bracketed-text`."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bracketed_text.__main__ import main

OLD = "Article 1\n\n1. Each Member [CAN: shall] keep [XY/BRA oppose: all] records.\n\n2. Each Member [may wait.\n"
NEW = OLD.replace("[CAN: shall]", "shall").replace("[may", "may")


@pytest.fixture
def old(tmp_path: Path) -> str:
    path = tmp_path / "old.txt"
    path.write_text(OLD, encoding="utf-8")
    return str(path)


@pytest.fixture
def new(tmp_path: Path) -> str:
    path = tmp_path / "new.txt"
    path.write_text(NEW, encoding="utf-8")
    return str(path)


@pytest.fixture
def names(tmp_path: Path) -> str:
    path = tmp_path / "names.txt"
    path.write_text("# who there is\nCAN, Canada\nBRA\nG90, Group of 90 = BRA, KEN\nKEN\n", encoding="utf-8")
    return str(path)


def test_check_reports_each_problem_with_its_place_and_the_figures(
    old: str, names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", old, "--names", names]) == 1
    output = capsys.readouterr().out
    assert f"{old}:3:34: warning unknown-name: Unknown member or grouping “XY”" in output
    assert f"{old}:5:16: error unmatched-open: This “[” is never closed." in output
    assert "2 provisions, 1 headings" in output
    assert "2 open brackets, 0 alternatives, depth 1" in output
    assert "named: BRA, CAN\nopposing: BRA" in output


def test_check_of_a_valid_text_succeeds(new: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", new]) == 0
    assert "0 errors" in capsys.readouterr().out


def test_compare_describes_the_changes_in_sentences(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", old, new]) == 0
    output = capsys.readouterr().out
    assert "Bracket lifted, words kept: “shall”." in output
    assert "1 lifted" in output


def test_read_prints_the_text_that_a_member_would_prefer(
    old: str, names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["read", old, "--as", "CAN", "--silence", "keep", "--names", names]) == 0
    printed = capsys.readouterr()
    assert "1. Each Member shall keep all records." in printed.out
    assert "1 kept" in printed.err
    assert main(["read", old, "--as", "G90", "--silence", "drop", "--names", names]) == 0
    assert "1. Each Member keep records." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["check", "nowhere.txt"], "No such file"),
        (["read", "{old}", "--as", "ZZZ"], "Unknown member or grouping: ZZZ"),
        (["check", "{binary}"], "is not UTF-8 text"),
        (["check", "{old}", "--names", "{bad}"], "Line 1 of the names has no code"),
    ],
)
def test_a_failed_command_exits_with_status_2_and_gives_the_reason(
    arguments: list[str], problem: str, old: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "bad").write_text("= KEN\n", encoding="utf-8")
    places = {"old": old, "binary": str(tmp_path / "binary"), "bad": str(tmp_path / "bad")}
    assert main([argument.format(**places) for argument in arguments]) == 2
    assert problem in capsys.readouterr().err


def test_an_invalid_treatment_of_silence_is_refused_with_the_valid_values(
    old: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["read", old, "--silence", "shout"])
    assert ended.value.code == 2
    assert "keep|drop|show" in capsys.readouterr().err


def test_measure_prints_the_figures_of_each_provision_and_of_the_whole_text(
    new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["measure", new]) == 0
    header, first, second, total = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["provision", "words", "contested"]
    assert first.split()[:4] == ["1", "7", "1", "1"]
    assert second.split()[:4] == ["2", "5", "0", "0"]
    assert total.split()[0] == "total"


def test_cut_lists_headings_and_provisions_with_their_line_numbers(
    new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cut", new]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1:4] == [["1", "heading", "Article", "1"], ["3", "provision", "1"], ["5", "provision", "2"]]
    assert lines[-1] == ["2", "provisions,", "1", "headings"]


def printed_json(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    main([*arguments, "--json"])
    printed = capsys.readouterr()
    assert printed.err == ""
    data: dict[str, Any] = json.loads(printed.out)
    return data


def test_check_can_print_json(old: str, names: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = printed_json(["check", old, "--names", names], capsys)
    assert (data["errors"], data["warnings"]) == (1, 1)
    assert [(diagnostic["code"], diagnostic["line"], diagnostic["column"]) for diagnostic in data["diagnostics"]] == [
        ("unknown-name", 3, 34),
        ("unmatched-open", 5, 16),
    ]
    assert data["measures"]["opposing"] == ["BRA"]


def test_compare_can_print_json(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = printed_json(["compare", old, new], capsys)
    assert data["counts"] == {"lifted": 1, "respelled": 1}
    assert data["events"][0]["old"].strip() == "shall"
    assert (data["events"][0]["act"], data["events"][0]["stance"], data["events"][0]["name"]) == ("lifted", "", "")
    assert data["sentences"][0] == "Bracket lifted, words kept: “shall”."
    text = OLD
    for hunk in reversed(data["hunks"]):
        text = text[: hunk["start"]] + hunk["text"] + text[hunk["end"] :]
    assert text == NEW


def test_read_can_print_json(new: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = printed_json(["read", new, "--as", "BRA", "--silence", "keep"], capsys)
    assert data["text"] == "Article 1\n\n1. Each Member shall keep records.\n\n2. Each Member may wait.\n"
    assert data["dropped"] == 1


def test_measure_and_cut_can_print_json(new: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = printed_json(["measure", new], capsys)
    assert data["total"]["open_brackets"] == 1
    assert [provision["label"] for provision in data["provisions"]] == ["1", "2"]
    parts = printed_json(["cut", new], capsys)["parts"]
    assert "".join(NEW[part["start"] : part["end"]] for part in parts) == NEW


def test_a_dash_stands_for_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(OLD.encode())))
    assert main(["check", "-"]) == 1
    assert "-:5:16: error unmatched-open" in capsys.readouterr().out


def test_the_help_documents_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "1 if check found an error" in " ".join(capsys.readouterr().out.split())
