"""Tests of reading Word documents, including the content that python-docx omits."""

import pytest

from bracketed_text import Name, Register
from issues.interchange.composition import ACCEPT, PROPOSE, REJECT, Choices, compose, default_choices
from issues.interchange.drafts import Draft, draft_from_json
from issues.interchange.file_checks import Unreadable
from issues.interchange.readers import read_file
from tests.interchange.documents import DAY, Sheet, W, changed, deleted, inserted, paragraph, run

REGISTER = Register([("CAN", Name("CAN")), ("Canada", Name("CAN")), ("BRA", Name("BRA")), ("USA", Name("USA"))])


def read(*paragraphs: str) -> Draft:
    return read_file("text.docx", Sheet().xml(*paragraphs).saved())


def text(draft: Draft, treatment: str = PROPOSE, **authors: str) -> str:
    choices = Choices(dict.fromkeys(draft.authors(), treatment), authors)
    return compose(draft, choices).text.strip()


CHANGED = paragraph(run("Each Party ") + deleted("shall", "Canada") + inserted("may", "Canada") + run(" act."))


def test_tracked_changes_become_positions_or_are_accepted_or_rejected() -> None:
    draft = read(CHANGED)
    assert draft.authors() == ["Canada"]
    assert compose(draft, default_choices(draft, REGISTER)).text.strip() == (
        "Each Party [CAN oppose: shall][CAN propose: may] act."
    )
    assert text(draft, ACCEPT) == "Each Party may act."
    assert text(draft, REJECT) == "Each Party shall act."
    assert text(draft) == "Each Party [shall][may] act."


def test_blanks_next_to_a_change_stay_outside_its_bracket() -> None:
    draft = read(paragraph(run("Each Party") + inserted(" promptly ", "X") + run("acts.")))
    assert text(draft, X="CAN") == "Each Party [CAN propose: promptly] acts."


def test_a_change_that_cuts_through_brackets_is_imported_unchanged_and_reported() -> None:
    draft = read(paragraph(run("Each ") + inserted("[", "X") + run("Party") + inserted("]", "X") + run(" acts.")))
    composed = compose(draft, Choices())
    assert composed.text.strip() == "Each [Party] acts."
    assert "inside the marked passage" in composed.warnings[0]


def test_moved_words_are_read_in_both_places() -> None:
    moved = f'<w:moveFrom w:id="5" w:author="X" {DAY}>{run("soon ")}</w:moveFrom>'
    to = f'<w:moveTo w:id="6" w:author="X" {DAY}>{run(" soon")}</w:moveTo>'
    draft = read(paragraph(moved + run("Each Party acts") + to + run(".")))
    assert text(draft, ACCEPT) == "Each Party acts soon."
    assert text(draft, REJECT) == "soon Each Party acts."


def test_an_inserted_paragraph_keeps_its_number_inside_the_bracket() -> None:
    mark = f'<w:rPr><w:ins w:id="9" w:author="X" {DAY}/></w:rPr>'
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="NUM"/></w:numPr>'
    sheet = Sheet()
    first = sheet.document.add_paragraph("First.", style="List Number")
    number = sheet.document.styles["List Number"].element.pPr.numPr.numId.val
    assert first is not None
    sheet.xml(paragraph(inserted("Second.", "X"), numbered.replace("NUM", str(number)) + mark))
    draft = read_file("a.docx", sheet.saved())
    assert text(draft, X="CAN") == "1. First.\n\n[CAN propose: 2. Second.]"
    assert text(draft, REJECT) == "1. First."


def test_paragraphs_with_a_deleted_paragraph_mark_are_joined_if_the_deletion_is_accepted() -> None:
    mark = f'<w:rPr><w:del w:id="9" w:author="X" {DAY}/></w:rPr>'
    draft = read(paragraph(run("Each Party "), mark), paragraph(run("acts.")))
    assert text(draft, ACCEPT) == "Each Party acts."
    assert text(draft, REJECT) == "Each Party \n\nacts."


def test_words_in_links_controls_and_cells_are_read_with_their_changes() -> None:
    link = f'<w:hyperlink w:anchor="x">{inserted("linked", "X")}</w:hyperlink>'
    control = f"<w:sdt><w:sdtContent>{run(' controlled')}</w:sdtContent></w:sdt>"
    cells = "".join(f"<w:tc><w:tcPr/>{paragraph(run(said))}</w:tc>" for said in ("Left", "Right"))
    row = f'<w:tr><w:trPr><w:ins w:id="4" w:author="X" {DAY}/></w:trPr>{cells}</w:tr>'
    table = f"<w:tbl {W}><w:tblPr/><w:tblGrid/>{row}</w:tbl>"
    draft = read(paragraph(link + control), table)
    assert text(draft, ACCEPT) == "linked controlled\n\nLeft\n\nRight"
    assert text(draft, REJECT) == "controlled"


def test_automatic_numbers_are_computed() -> None:
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{shown}"/></w:lvl>'
        for at, (form, shown) in enumerate((("decimal", "%1."), ("lowerLetter", "(%2)"), ("lowerRoman", "(%3)")))
    )
    sheet = Sheet()
    numbering = sheet.document.part.numbering_part.element
    from docx.oxml import parse_xml

    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {W} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for at in (0, 0, 1, 1, 2, 0, 1):
        sheet.xml(paragraph(run("text"), f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="77"/></w:numPr>'))
    draft = read_file("a.docx", sheet.saved())
    assert [one.number for one in draft.paragraphs] == ["1.", "2.", "(a)", "(b)", "(i)", "3.", "(a)"]


def test_headings_are_recognised_by_their_style_and_divide_the_text() -> None:
    sheet = Sheet().heading("Transparency")
    sheet.text("Each Party publishes.")
    draft = read_file("a.docx", sheet.saved())
    assert [one.level for one in draft.paragraphs] == [1, 0]
    composed = compose(draft, Choices())
    assert composed.text == "# Transparency\n\nEach Party publishes.\n\n"
    assert [composed.text[slice(*sign)] for sign in composed.signs] == ["# "]


def test_comments_are_read_with_their_authors_and_the_words_to_which_they_refer() -> None:
    sheet = Sheet()
    one = sheet.text("Each Party ")
    about = one.add_run("shall")
    one.add_run(" act.")
    sheet.document.add_comment(about, text="US: delete", author="Chair", initials="C")
    draft = read_file("a.docx", sheet.saved())
    comment = draft.comments[0]
    assert (comment.author, comment.text) == ("Chair", "US: delete")
    composed = compose(draft, Choices())
    assert composed.text[slice(*composed.comments[comment.number])] == "shall"


def test_colours_highlights_and_styles_can_be_assigned_to_members() -> None:
    red = run("promptly", '<w:color w:val="FF0000"/>')
    yellow = run("[or soon]", '<w:highlight w:val="yellow"/>')
    draft = read(paragraph(run("Each Party ") + red + run(" ") + yellow + run(" acts.")))
    assert draft.colours() == {"colour FF0000": "promptly", "highlight yellow": "[or soon]"}
    given = Choices(colours={"colour FF0000": "CAN", "highlight yellow": "BRA"})
    assert compose(draft, given).text.strip() == "Each Party [CAN: promptly] [BRA: or soon] acts."
    assert compose(draft, Choices()).text.strip() == "Each Party promptly [or soon] acts."


def test_footnotes_are_placed_after_their_paragraph() -> None:
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    sheet = Sheet().xml(paragraph(run("Each Party") + '<w:r><w:footnoteReference w:id="1"/></w:r>' + run(" acts.")))
    notes = (
        f'<w:footnotes {W}><w:footnote w:id="1"><w:p>{run("For [greater] certainty.")}</w:p></w:footnote></w:footnotes>'
    )
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, notes.encode(), sheet.document.part.package)
    sheet.document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    assert text(read_file("a.docx", sheet.saved())) == "Each Party[^1] acts.\n\n[^1]: For [greater] certainty."


def test_fields_show_their_result_and_tables_of_contents_are_omitted() -> None:
    field = "".join(f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>{inner}' for kind, inner in (
        ("begin", "<w:r><w:instrText>REF _x</w:instrText></w:r>"), ("separate", run("Article 3")), ("end", "")
    ))  # fmt: skip
    draft = read(paragraph(run("See ") + field + run(".")))
    assert text(draft) == "See Article 3."


def test_a_stored_draft_can_be_loaded_unchanged() -> None:
    draft = read(CHANGED)
    assert draft_from_json(draft.as_json()) == draft


@pytest.mark.parametrize("path", ["word/numbering.xml", "word/styles.xml", "word/document.xml"])
def test_a_document_with_an_empty_part_is_refused_without_a_crash(path: str) -> None:
    data = changed(Sheet().xml(CHANGED).saved(), path, b"")
    with pytest.raises(Unreadable, match="damaged"):
        read_file("a.docx", data)


SPACES = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)


def drawn(inner: str, kind: str = "picture") -> str:
    """Return a run with a drawn object, stored once for newer programs and once for older ones."""
    uri = f"http://schemas.openxmlformats.org/drawingml/2006/{kind}"
    described = f'<wp:docPr id="1" name="x" descr="{"Flow of data" if kind == "picture" else ""}"/>'
    graphic = f'<a:graphic><a:graphicData uri="{uri}">{inner}</a:graphicData></a:graphic>'
    new = f"<w:drawing><wp:inline>{described}{graphic}</wp:inline></w:drawing>"
    old = f"<w:pict><v:shape>{inner}</v:shape></w:pict>"
    return (
        f'<w:r {SPACES}><mc:AlternateContent><mc:Choice Requires="wps">{new}</mc:Choice>'
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def box(*words: str) -> str:
    return "<w:txbxContent>" + "".join(f"<w:p>{run(one)}</w:p>" for one in words) + "</w:txbxContent>"


def test_the_text_of_a_text_box_is_placed_once_after_its_paragraph() -> None:
    first = paragraph(run("Each Party acts.") + drawn(box("[US: In a box]", "of two lines") + box("and another")))
    draft = read(first, paragraph(run("Behind.")))
    assert [one.text for one in draft.paragraphs] == [
        "Each Party acts.", "[US: In a box]", "of two lines", "and another", "Behind.",
    ]  # fmt: skip
    assert draft.warnings == (
        "The text in the text box at the paragraph “Each Party acts.” was placed after that paragraph.",
    )


def test_a_text_box_in_deleted_words_is_deleted_with_them() -> None:
    gone = f'<w:del w:id="1" w:author="Canada" {DAY}>{drawn(box("In a box"))}</w:del>'
    draft = read(paragraph(run("Each Party acts.") + gone))
    assert [(one.text, one.runs[0].change) for one in draft.paragraphs][1] == ("In a box", "deleted")


def test_objects_that_are_not_text_are_omitted_and_reported_with_their_places() -> None:
    object_ = "<w:r><w:object/></w:r>"
    draft = read(paragraph(run("As here:") + drawn("")), paragraph(run("Figures:") + drawn("", "chart") + object_))
    assert draft.warnings == (
        "An image (Flow of data) at “As here:” was left out: only text is imported.",
        "A chart at “Figures:” was left out: only text is imported.",
        "An embedded object at “Figures:” was left out: only text is imported.",
    )


def test_equations_are_imported_as_plain_characters_and_symbols_as_bullets() -> None:
    equation = f"<m:oMath {SPACES}><m:r><m:t>a+b</m:t></m:r></m:oMath>"
    symbol = '<w:r><w:sym w:font="Wingdings" w:char="F0A7"/></w:r>'
    draft = read(paragraph(symbol + run(" No more than ") + equation + run(" days.")))
    assert text(draft) == "• No more than a+b days."
    assert draft.warnings == ("The equation “a+b” was imported as plain characters. Check it.",)


def test_words_in_unexpected_elements_are_read() -> None:
    odd = f"<w:unheardOf {W}>{paragraph('<w:other>' + run('Each Party acts.') + '</w:other>')}</w:unheardOf>"
    assert text(read(odd)) == "Each Party acts."


def test_page_headers_and_footers_are_reported_once_and_page_numbers_are_not_reported() -> None:
    sheet = Sheet()
    sheet.text("Each Party acts.")
    section = sheet.document.sections[0]
    section.header.paragraphs[0].text = "RESTRICTED"
    section.footer.paragraphs[0].text = "- 1 -"
    draft = read_file("a.docx", sheet.saved())
    assert draft.warnings == ("The page header or footer “RESTRICTED” was not imported.",)
    assert text(draft) == "Each Party acts."
