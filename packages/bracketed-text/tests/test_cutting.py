"""Test the division of a document into headings and provisions."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bracketed_text import Code, parse
from bracketed_text.cutting import Cut, Part, cut, without_furniture

CORPORA = Path(__file__).resolve().parents[4] / "shared" / "corpora"


def shape(document: str) -> list[tuple[str, str, str]]:
    """Return the part, label and title of each cut, in order. Assert that the joined cuts are the document."""
    cuts = cut(document)
    assert_tiles(document, cuts)
    return [(part.part.value, part.label, part.title) for part in cuts]


def labels(document: str) -> list[str]:
    return [part.label for part in cut(document) if part.part is Part.PROVISION]


def assert_tiles(document: str, cuts: list[Cut]) -> None:
    assert "".join(document[part.start : part.end] for part in cuts) == document
    for part in cuts:
        position = part.start
        for start, end in part.furniture:
            assert position <= start < end <= part.end
            position = end


def test_an_empty_document_has_no_cuts():
    assert cut("") == []


def test_a_text_without_headings_and_numbers_is_one_provision():
    assert shape("Ships [shall] carry lamps.\n") == [("provision", "", "")]


def test_an_article_without_numbers_is_a_heading_and_one_provision_with_its_label():
    assert shape("Article 4: Lamps\n\nShips shall carry lamps.\n\nArticle 5\nBells\nShips shall carry bells.\n") == [
        ("heading", "Article 4", "Lamps"),
        ("provision", "Article 4", ""),
        ("heading", "Article 5", "Bells"),
        ("provision", "Article 5", ""),
    ]


def test_the_text_before_the_first_heading_is_front_matter():
    assert shape("Harbour talks\nSecond draft\n\nArticle 1\n1. One.\n")[0] == ("front", "", "")


@pytest.mark.parametrize(
    ("line", "label", "title"),
    [
        ("Article 12", "Article 12", ""),
        ("ARTICLE 2.4: Lamps and [Bells]", "ARTICLE 2.4", "Lamps and [Bells]"),
        ("Article QQ.A.5: {Lamps}", "Article QQ.A.5", "Lamps"),
        ("[Article QQ.A.2bis: {Lamps}", "Article QQ.A.2bis", "Lamps"),
        ("Article 4 bis", "Article 4 bis", ""),
        ("Section A", "Section A", ""),
        ("{Section B: Bells}", "Section B", "Bells"),
        ("Chapter 3", "Chapter 3", ""),
        ("ANNEX 1", "ANNEX 1", ""),
        ("Annex", "Annex", ""),
        ("Article 2 (PURPOSE)", "Article 2", "PURPOSE"),
        ("I. PREAMBLE", "I", "PREAMBLE"),
        ("PART II", "PART II", ""),
        ("PART II LAMPS AND BELLS", "PART II", "LAMPS AND BELLS"),
        ("A.  DRAFT RULES", "A", "DRAFT RULES"),
        ("# Rules of the harbour", "", "Rules of the harbour"),
        ("## Article 3 *(lamps)*", "Article 3", "lamps"),
        ("## [Article 3ter] *(lamps)*", "Article 3ter", "lamps"),
        ("**Article 3**", "Article 3", ""),
        ("PREAMBLE", "", "PREAMBLE"),
        ("[USA propose; BRA oppose: Article 7: Bells", "Article 7", "Bells"),
    ],
)
def test_a_heading_keeps_its_label_and_has_its_title_on_one_line(line: str, label: str, title: str):
    assert shape(f"{line}\n\n1. Ships shall carry lamps.\n") == [("heading", label, title), ("provision", "1", "")]


def test_a_title_on_several_lines_is_a_single_title():
    document = "Article 4\nRelation of this code to the rules of the port and\nto its other usages\n1. None.\n"
    assert shape(document)[0] == ("heading", "Article 4", document[10:-10].replace("\n", " "))


def test_a_title_in_a_bracket_ends_on_the_line_that_closes_the_bracket():
    assert shape("Section 4: [Special Rules on Lamps in\nthe Inner Harbour]\n1. None.\n")[0] == (
        "heading",
        "Section 4",
        "[Special Rules on Lamps in the Inner Harbour]",
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "Ships shall observe the rules of\nArticle 7\nand carry lamps.",
        "Ships shall observe the rules.\nArticle 7 does not apply to rafts.",
        "Ships shall observe the rules.\nArticle 7, paragraph 2, applies to rafts.",
        "Ships shall observe Articles 2,\n3. and 4 as amended.",
        "Ships shall observe paragraph\n2. Rafts are free.",
        "Ships built before\n2010. Rafts are free.",
        "Ships built in May\n1990. Rafts are free.",
        "Lamps of at least\n40. Rafts are free.",
        "Ships shall carry:\n1. lamps;\nand so on.",
        "Ships shall carry:\n(a) lamps;\n(b) bells:\n(i) of brass;\n(ii) of tin.",
    ],
)
def test_a_line_that_continues_a_sentence_does_not_start_a_provision(sentence: str):
    assert labels(f"Article 1\n1. {sentence}\n2. Boats too.\n") == ["1", "2"]


def test_a_table_of_contents_does_not_start_provisions():
    assert shape("ARTICLE 1 ............ 3\nARTICLE 2 ............ 9\n\nARTICLE 1\n1. One.\n") == [
        ("front", "", ""),
        ("heading", "ARTICLE 1", ""),
        ("provision", "1", ""),
    ]


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("2. Bells.", "2"),
        ("[2.", "2"),
        ("[2. ]Bells.", "2"),
        ("[2. NZ/SG propose: Bells.]", "2"),
        ("[CAN: 2. Bells.]", "2"),
        ("[US/AU propose; CL oppose:13 2. Bells.]", "2"),
        ("[NZ propose: [CL oppose: 2. Bells.]]", "2"),
        ("[NZ propose: ALT 2. Bells.]", "ALT 2"),
        ("[4][2]. Bells.", "2"),
        ("2bis. Bells.", "2bis"),
        ("2 alt Bells.", "2 alt"),
        ("2.“Bell” means a bell.", "2"),
    ],
)
def test_a_numbered_paragraph_is_a_provision_even_after_brackets_and_heads(line: str, label: str):
    assert labels(f"Article 1\n1. Lamps.\n{line}\n") == ["1", label]


def test_a_number_on_a_line_of_its_own_starts_the_paragraph_below_it():
    assert labels("Article 1\n1. \nLamps.\n2. \n[Bells.]\n") == ["1", "2"]


def test_numbers_that_contain_the_article_number_start_paragraphs():
    assert labels("Article 5: Lamps\n\n5.1 Green.\n\n5 .2 Red.\n\n5. 3 White.\n") == ["5.1", "5.2", "5.3"]


def test_a_decimal_number_does_not_start_a_paragraph():
    assert labels("Article 1\n1. The glow is no less than\n2.5 candles.\n2. Bells.\n") == ["1", "2"]


def test_paragraph_numbers_continue_across_headings_or_restart():
    assert labels("I. LAMPS\n1. Green.\n2. Red.\nII. BELLS\n3. Brass.\nIII. ROPES\n1. Hemp.\n") == ["1", "2", "3", "1"]


def test_preambular_paragraphs_are_provisions():
    assert labels("A. DRAFT\nPp1\nRecalling the lamps,\nPp2\nNoting the bells,\n") == ["Pp1", "Pp2"]


def test_list_items_in_markdown_belong_to_their_paragraph():
    assert labels("## Article 1\n\n1. Ships shall carry:\n\n    1. Lamps;\n    2. Bells.\n\n2. Rafts are free.\n") == [
        "1",
        "2",
    ]


def test_competing_versions_of_a_paragraph_are_separate_provisions():
    assert labels("Article 1\n\n1. Lamps.\n\n[NZ: 2. Bells.]\n\n[CA: 2. Gongs.]\n\n3. Ropes.\n") == ["1", "2", "2", "3"]


def test_an_option_list_belongs_to_one_provision():
    document = "Article 1\n1. Lamps:\nOption 1: Green.\nOption 2: [No text]\n2. Bells.\n"
    assert labels(document) == ["1", "2"]
    assert "Option 2" in document[cut(document)[1].start : cut(document)[1].end]


def test_an_option_with_numbered_paragraphs_is_a_heading_and_the_other_options_are_divided_too():
    assert shape(
        "Article 1 (LAMPS)\nOption I:\n1. Green.\n2. Red.\nOption II: No text\nArticle 2 (BELLS)\nNone.\n"
    ) == [
        ("heading", "Article 1", "LAMPS"),
        ("heading", "Option I", ""),
        ("provision", "1", ""),
        ("provision", "2", ""),
        ("provision", "Option II", ""),
        ("heading", "Article 2", "BELLS"),
        ("provision", "Article 2", ""),
    ]


def test_heading_levels_count_only_the_headings_that_exist():
    document = "CHAPTER 1\n\nSection A\n\nArticle 1\n1. One.\nArticle 2\n1. One.\nCHAPTER 2\n\nArticle 3\n1. One.\n"
    assert [part.level for part in cut(document)] == [1, 2, 3, 4, 3, 4, 1, 2, 3]


def test_a_bracket_around_several_whole_paragraphs_joins_them():
    assert labels("Article 1\n[NZ propose: 1. Lamps.\n\n2. Bells [shall] ring.]\n\n3. Ropes.\n") == ["1–2", "3"]


def test_a_bracket_around_a_whole_article_makes_it_one_provision():
    assert shape("[Article 1: Lamps\n\n1. Green.\n\n2. Red.]\n\nArticle 2: Bells\n\nNone.\n")[0] == (
        "provision",
        "Article 1",
        "Lamps",
    )


def test_page_furniture_after_the_bracket_does_not_prevent_joining():
    assert labels("Article 1\n[1. Lamps.\n2. Bells.]\n\nPage 3 of 9\n\nArticle 2\n1. Ropes.\n") == ["1–2", "1"]


@pytest.mark.parametrize("opening", ["[NZ alternative proposal:", "[", "**["])
def test_the_line_that_opens_a_bracket_belongs_to_the_paragraphs_inside_it(opening: str):
    document = f"Article 1\n1. Lamps.\n\n{opening}\n\n1. Bells.\n\n2. Ropes.]\n"
    assert labels(document) == ["1", "1–2"]
    assert not parse(document[cut(document)[-1].start :]).errors


@pytest.mark.parametrize(
    "document",
    [
        "Article 1\n1. Lamps [and.\n2. Bells] too.\n",  # in the middle of a paragraph
        "Article 1\n[1. Lamps.\n" + "".join(f"{number}. Bell.\n" for number in range(2, 8)) + "8. Ropes.]\n",
        "Article 1\n[1. Lamps.\nArticle 2\n1. Bells.]\n",  # beyond the end of the article
        "Article 1\n[1. Lamps.\n2. Bells.\n",  # never closed
    ],
)
def test_any_other_bracket_across_paragraphs_does_not_join_them(document: str):
    assert not any("–" in label for label in labels(document))


def test_an_unpaired_bracket_mark_affects_only_its_own_provision():
    document = "Article 1\n1. Lamps [shall be green.\n2. Bells [shall] ring.\n3. Ropes] are [free].\n"
    counts = [len(parse(document[part.start : part.end]).diagnostics) for part in cut(document)]
    assert counts == [0, 1, 0, 1]


def test_a_page_number_inside_a_sentence_is_marked_and_kept():
    document = "Article 1\n1. Ships shall carry\n\nPage 2 of 9\n\ngreen lamps.\n2. Bells.\n"
    part = cut(document)[1]
    assert "Page 2 of 9" in document[part.start : part.end]
    assert without_furniture(document, part) == "1. Ships shall carry\ngreen lamps.\n"


def test_a_running_header_between_two_pages_is_marked_as_a_single_stretch():
    header = "\nHARBOUR TALKS\nH/2031/INF.4\n \n{} of 54\n"
    document = "Article 1\n" + "".join(
        f"{n}. Ships shall carry lamps and {header.format(n)}bells.\n" for n in range(1, 6)
    )
    for part in cut(document)[1:]:
        assert len(part.furniture) == 1
        assert without_furniture(document, part).endswith(". Ships shall carry lamps and \nbells.\n")


def test_form_feeds_are_furniture():
    document = "Article 1\n1. Ships shall carry\fgreen lamps.\n\f2. Bells.\n"
    assert [without_furniture(document, part) for part in cut(document)] == [
        "Article 1\n",
        "1. Ships shall carrygreen lamps.\n",
        "2. Bells.\n",
    ]


def test_bare_numbers_are_page_numbers_only_if_they_increase_from_page_to_page():
    page = "Ships shall carry lamps.\n" * 20
    document = "Article 1\n1. Lamps.\n" + "".join(f"{page}{number}\n" for number in range(4, 9))
    assert without_furniture(document, cut(document)[-1]) == "1. Lamps.\n" + page * 5
    notes = "Article 1\n1. Lamps.\n7\nA note.\n8\nAnother note.\n9\nA third note.\n"
    assert not any(part.furniture for part in cut(notes))


@pytest.mark.parametrize("page_break", ["7\f", "7\n\f", "\f7\n"])
def test_a_bare_number_next_to_a_form_feed_is_a_page_number(page_break: str):
    document = f"Article 1\n1. Ships shall carry\n{page_break}green lamps.\n2. Bells.\n"
    assert without_furniture(document, cut(document)[1]) == "1. Ships shall carry\ngreen lamps.\n"


def test_headings_that_differ_only_in_their_number_are_not_running_headers():
    document = "".join(f"Article {n}\nShips shall carry {n} lamps.\nPage {n} of 5\n" for n in range(1, 6))
    assert labels(document) == [f"Article {n}" for n in range(1, 6)]


def test_a_repeated_symbol_is_furniture_even_without_page_numbers():
    document = "Article 1\n" + "".join(f"{n}. Lamps.\nH/2031/INF.4\n" for n in range(1, 5))
    assert without_furniture(document, cut(document)[1]) == "1. Lamps.\n"


def test_a_repeated_classification_is_furniture_but_a_repeated_sentence_is_not():
    document = "Article 1\n" + "".join(f"{n}. Lamps.\nHarbour Confidential\nNone provided\n" for n in range(1, 5))
    assert without_furniture(document, cut(document)[1]) == "1. Lamps.\nNone provided\n"


def test_a_line_with_square_brackets_is_never_furniture():
    document = "Article 1\n" + "".join(f"{n}. Lamps.\n[Confidential]\n[Page {n} of 4]\n" for n in range(1, 5))
    assert not any(part.furniture for part in cut(document))


DRAFT = st.lists(
    st.sampled_from(
        ["Article 1", "Article 2: Lamps", "ANNEX", "PART I", "# Rules", "## Article 3", "I. LAMPS", "Option 1:", "[",
         "1. Lamps.", "2. Bells [shall] ring.", "[3. Ropes", "[CAN: 4. Tar]", "2010. Rafts", "(a) tar;", "]", "Pp1",
         "\f", "7", "Page 2 of 9", "3/9", "- 4 -", "H/1/INF.2", "Confidential", "", "", "   ", "OPTION II", "\r",
         "5.1 x", "[4][2]. a", "[CAN propose:", "Article", "lamps and", "BELLS AND ROPES", "[Article 4: Tar", "tar.]"]
    ),
    max_size=40,
).map("\n".join)  # fmt: skip


@given(st.text() | DRAFT | st.lists(DRAFT | st.text(), max_size=4).map("".join))
@settings(max_examples=400, deadline=None)
def test_the_cuts_cover_any_text_without_gaps_or_overlaps(document: str):
    cuts = cut(document)
    assert_tiles(document, cuts)
    assert all(part.level >= 1 and part.start < part.end for part in cuts)
    assert all(len(without_furniture(document, part)) <= part.end - part.start for part in cuts)


@pytest.mark.parametrize("unit", ["#", "1.", "7", "[", "]", "\n", "\f", " ", "(", "Article ", "[CAN: ", "Option I ("])
def test_two_megabytes_of_hostile_text_are_divided_in_linear_time(unit: str):
    document = unit * (2_000_000 // len(unit))
    start = time.perf_counter()
    assert_tiles(document, cut(document))
    assert time.perf_counter() - start < 30


@pytest.mark.parametrize(
    "unit", ["1.\n", "7\n", "Article 1\n", "Option 1:\n", "[1. A\n", "Page 1\nB c\n", "[a:\n", "3/9\n"]
)
def test_many_short_lines_are_divided_in_linear_time(unit: str):
    document = unit * (100_000 // len(unit))
    start = time.perf_counter()
    assert_tiles(document, cut(document))
    assert time.perf_counter() - start < 30


needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the real texts are not here: {CORPORA}")


def lost(text: str) -> int:
    """Return the number of marks in `text` that have no partner."""
    codes = (Code.UNMATCHED_OPEN, Code.UNMATCHED_CLOSE)
    return sum(diagnostic.code in codes for diagnostic in parse(text).diagnostics)


@needs_corpora
@pytest.mark.parametrize(
    ("name", "headings", "provisions", "furniture", "lost_at_most"),
    [
        ("acta_2010-04", 75, 135, 37, 40),
        ("bbnj_A-CONF.232-2022-5", 120, 320, 55, 0),
        ("bbnj_A-CONF.232-2022-INF.5", 75, 195, 220, 16),
        ("tpp_ip", 135, 185, 0, 30),
        ("unfccc_adp_2015-10-05", 40, 210, 20, 4),
        ("unfccc_adp_2015-10-23", 50, 180, 0, 26),
        ("unfccc_adp_2015-11-10", 100, 420, 54, 45),
        ("unfccc_cop21_2015-12-09", 30, 130, 0, 8),
        ("unfccc_cop21_2015-12-12", 30, 130, 0, 0),
        ("wto_jsi", 55, 150, 16, 0),
    ],
)
def test_a_real_text_is_divided_into_its_articles_and_paragraphs(
    name: str, headings: int, provisions: int, furniture: int, lost_at_most: int
):
    (path,) = CORPORA.glob(f"{name}*")
    with path.open(encoding="utf-8", newline="") as file:
        document = file.read()
    cuts = cut(document)
    assert_tiles(document, cuts)
    assert sum(part.part is Part.HEADING for part in cuts) >= headings
    assert sum(part.part is Part.PROVISION for part in cuts) >= provisions
    assert sum(len(part.furniture) for part in cuts) >= furniture
    assert sum(lost(without_furniture(document, part)) for part in cuts) <= lost_at_most
