"""사이트 확장의 순수한 부분: 알림 상자, 장의 머리, 카드, 실행 보고서, 링크, 그림 크기, 쪽의 무게."""

import json
from pathlib import Path

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from PIL import Image

from website.chapters import Chapter, Part, find_chapter, read_chapter, read_parts
from website.extensions import (
    accessible_html,
    chapter_cards,
    chapter_header,
    colab_links,
    image_sizes,
    lead_in_admonitions,
    page_weight,
    run_report,
    site_address,
)

ROOT = Path(__file__).resolve().parent.parent
CHAPTER = Chapter("notebooks/cnn/digits", "숫자 & 분류", "한 문장.", 40, 2, "숫자 그림")


def quote(text: str) -> nodes.block_quote:
    return next(iter(publish_doctree(f"글\n\n    {text}\n").findall(nodes.block_quote)))


@pytest.mark.parametrize(("word", "kind"), lead_in_admonitions.KINDS.items())
def test_lead_in_becomes_admonition(word, kind):
    block = quote(f"**{word}.** 뒤의 글입니다.")
    assert lead_in_admonitions.lead_in(block) == word
    box = lead_in_admonitions.to_admonition(block, word)
    assert box["classes"] == [kind]
    assert [child.astext() for child in box.children] == [word, "뒤의 글입니다."]


@pytest.mark.parametrize("text", ["그냥 인용입니다.", "**굵게** 시작하는 인용", "앞글 **참고.** 뒤"])
def test_other_quotes_stay(text):
    assert lead_in_admonitions.lead_in(quote(text)) is None


def test_chapter_is_read_from_its_notebook(tmp_path):
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": ["글\n", "# 제목\n"], "metadata": {}},
            {
                "cell_type": "code",
                "source": "",
                "metadata": {"tags": ["cover"], "mystnb": {"image": {"alt": "그림"}}},
            },
        ],
        "metadata": {"dlko": {"minutes": 30, "difficulty": 3, "description": " 설명 ", "script": "draw"}},
    }
    path = tmp_path / "notebooks" / "cnn" / "digits.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    chapter = read_chapter(path, "notebooks/cnn/digits")
    assert (chapter.title, chapter.minutes, chapter.difficulty_name) == ("제목", 30, "도전")
    assert (chapter.description, chapter.cover_alt, chapter.script, chapter.key) == (
        "설명",
        "그림",
        "draw",
        "cnn/digits",
    )
    assert find_chapter(tmp_path, "book/index") is None


def test_toc_lists_existing_pages_once():
    names = [name for part in read_parts(ROOT / "_toc.yml") for name in part.docnames]
    assert len(names) == len(set(names))
    missing = [
        name for name in names if not any((ROOT / f"{name}{end}").exists() for end in (".md", ".ipynb"))
    ]
    assert not missing, f"_toc.yml에 있는데 없는 쪽입니다. 이름을 고치거나 줄을 지우세요: {missing}"


def test_every_page_of_the_book_is_in_the_toc():
    listed = {name for part in read_parts(ROOT / "_toc.yml") for name in part.docnames} | {"book/index"}
    forgotten = sorted({f"book/{path.stem}" for path in (ROOT / "book").glob("*.md")} - listed)
    assert not forgotten, f"_toc.yml에 넣으세요. 넣지 않은 쪽은 책에 나오지 않습니다: {forgotten}"


def test_header_line_tells_minutes_and_difficulty():
    line = chapter_header.header_html(CHAPTER, [("내려받기", "a.ipynb", " download")])
    assert "약 40분" in line and "난이도 보통" in line and '<a href="a.ipynb" download>' in line
    assert chapter_header.header_html(Chapter("a/b", "글"), []) == ""
    assert chapter_header.insert_after_title("<h1>글</h1><h1>둘</h1>", "줄") == "<h1>글</h1>\n줄<h1>둘</h1>"


def test_description_falls_back_to_first_paragraph():
    doctree = publish_doctree("제목\n====\n\n짧다.\n\n" + "이 문단은 설명으로 쓸 만큼 깁니다. " * 12)
    text = chapter_header.page_description(doctree, None)
    assert text.startswith("이 문단은") and text.endswith("…") and len(text) <= 150
    assert chapter_header.page_description(doctree, CHAPTER) == "한 문장."


def test_card_escapes_and_names_the_picture():
    card = chapter_cards.card_html(CHAPTER, "../a.html", "../_images/cards/a.webp")
    assert 'alt="숫자 그림"' in card and "숫자 &amp; 분류" in card and 'width="640" height="400"' in card
    assert "dlko-card-blank" in chapter_cards.card_html(CHAPTER, "a.html", "")
    assert "2개 장, 모두 약 80분" in chapter_cards.part_html(Part("부분", ()), ["", ""], 3, 80)


def test_thumbnail_has_card_size(tmp_path):
    Image.new("RGBA", (1200, 300), "red").save(tmp_path / "cover.png")
    chapter_cards.make_thumbnail(tmp_path / "cover.png", tmp_path / "cards" / "a.webp")
    with Image.open(tmp_path / "cards" / "a.webp") as picture:
        assert picture.size == (chapter_cards.WIDTH, chapter_cards.HEIGHT)


def report(**changes):
    return {
        "profile": "quick",
        "device": "CPU",
        "seconds": 75.2,
        "versions": {"Python": "3.11.7"},
        "data": [
            {"name": "fashion", "source": "embedded", "line": "데이터: 내장 Fashion", "sha256": "ab" * 32}
        ],
        "quality": [{"name": "테스트 정확도", "value": 0.8812, "floor": 0.85, "lower_is_better": False}],
        **changes,
    }


def test_report_shows_every_field():
    page = run_report.report_html([("숫자", "a.html", report())])
    for text in (
        "숫자",
        "내장 Fashion",
        "quick",
        "CPU",
        "1분 15초",
        "0.8812",
        "합격선 0.85 이상",
        "Python 3.11.7",
    ):
        assert text in page
    assert "긴 실행" not in page
    assert run_report.report_html([]) == run_report.EMPTY


def test_report_shows_versions_by_chapter_when_they_differ_and_recorded_runs():
    record = report(
        profile="full", date="2026-11-01", command="make full", seconds=900.0,
        quality=[{"name": "테스트 정확도", "value": 0.9321, "floor": 0.9}],
    )  # fmt: skip
    entries = [("가", "", report(recorded=record)), ("나", "", report(versions={"Python": "3.12.1"}))]
    page = run_report.report_html(entries)
    assert '<th scope="col">버전</th>' in page and "2026-11-01" in page and "make full" in page
    side_by_side = page[page.index("긴 실행의 값") :]
    assert [text in side_by_side for text in ("1분 15초", "0.8812", "15분 0초", "0.9321")] == [True] * 4
    assert "나</" not in side_by_side, "긴 실행의 기록이 없는 장까지 실었습니다."


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (3.14, "3.1초"), (61, "1분 1초"), (7300, "2시간 1분")]
)
def test_seconds_read_well(seconds, text):
    assert run_report.seconds_text(seconds) == text


def test_colab_and_source_addresses():
    url = colab_links.colab_url("someone/book", "colab", "notebooks/cnn/digits.ipynb")
    assert url == "https://colab.research.google.com/github/someone/book/blob/colab/cnn/digits.ipynb"
    assert (
        colab_links.source_url("a/b", "main", "book/x.md", "edit")
        == "https://github.com/a/b/edit/main/book/x.md"
    )
    assert not colab_links.REPOSITORY.fullmatch("a/b/../c")


def test_image_sizes_are_added_once(tmp_path):
    Image.new("RGB", (30, 20)).save(tmp_path / "a.png")
    body = (
        '<img alt="가" src="../_images/a.png" /><img src="b.svg" /><img width="5" src="../_images/a.png" />'
    )
    done = image_sizes.add_sizes(body, lambda source: tmp_path / source.rsplit("/", 1)[-1])
    first, second, third = done.split("/>")[:3]
    assert 'width="30" height="20"' in first and "loading" not in first
    assert "height" not in second and 'loading="lazy"' in second
    assert third.count("width=") == 1


@pytest.mark.parametrize(
    ("name", "body", "needed"),
    [
        ("sphinx-thebe.js", "", False),
        ("katex/katex.min.css", '<span class="math notranslate">', True),
        ("katex/katex.min.css", "<p>글</p>", False),
        ("sphinx-design.min.css", '<div class="sd-tab-set">', True),
        ("dlko.css", "", True),
    ],
)
def test_pages_load_only_what_they_use(name, body, needed):
    assert page_weight.is_needed(name, body) is needed


def test_icon_font_rules_are_removed():
    css = '@font-face{font-display:block;font-family:Font Awesome\\ 6 Free;src:url(a)}.fa-x:before{content:"1"}.keep{color:red}'
    assert page_weight.slim_css(css) == ".keep{color:red}"


def test_generated_html_is_made_accessible():
    body = (
        '<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th class="head"><p></p></th><th>가</th></tr></thead></table>'
        '<summary aria-label="Toggle hidden content">\n<p class="collapsed admonition-title">보기</p>\n'
        '<p class="expanded admonition-title">숨기기</p>\n</summary>'
    )
    done = accessible_html.make_accessible(body)
    assert "<td></td><td></td><th>가</th>" in done and 'class="dlko-table"' in done
    assert "aria-label" not in done and done.count("<span") == 2


def test_heading_that_is_only_a_formula_gets_a_name():
    formula = '<span class="math notranslate"><annotation encoding="x">2i</annotation></span>'
    done = accessible_html.make_accessible(
        f'<th class="head"><p>{formula}</p></th><th class="head"><p>답 {formula}</p></th>'
    )
    assert done.count("visually-hidden") == 1 and ">2i</span><p aria-hidden" in done


@pytest.mark.parametrize(
    ("url", "prefix"), [("", "/"), ("https://a.io/", "/"), ("https://a.io/book", "/book/")]
)
def test_not_found_page_prefix(url, prefix):
    assert site_address.url_prefix(url) == prefix


def test_open_graph_leaves_out_what_is_unknown():
    tags = site_address.open_graph('글 "하나"', "설명", "https://a.io/x.html", "")
    assert "og:image" not in tags and "&quot;하나&quot;" in tags
