"""사이트 확장의 순수한 부분: 절의 주소, 알림 상자, 접기, 장의 머리, 카드, 표, 링크, 그림 크기, 쪽의 무게."""

import os
from collections import defaultdict
from types import SimpleNamespace

import nbformat
import pytest
from docutils import nodes
from docutils.core import publish_doctree
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader
from PIL import Image

from course import notebooks
from course.bootstrap import ROOT
from course.notebooks import Chapter, parts
from website import blocks
from website.blocks import cards, report, teacher
from website.page import Page, body, head, markdown, parse
from website.site import address, weight

TEMPLATES = ROOT / "website" / "theme" / "templates"


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """읽는 데 1분 걸리는 장 하나."""
    cell = nbformat.v4.new_code_cell(
        "", metadata={"tags": ["cover"], "mystnb": {"image": {"alt": "숫자 그림"}}}
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 숫자 & 분류"), cell])
    exercises = [["재기", "바로"], ["고르기", "훈련"]]
    notebook.metadata["dlko"] = {
        "difficulty": 2, "description": "한 문장.", "short": "숫자", "teaching": {"lessons": 3, "exercises": exercises},
    }  # fmt: skip
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path / "notebooks")
    made = Chapter("cnn/digits")
    made.path.parent.mkdir(parents=True)
    nbformat.write(notebook, made.path)
    return made


def page_of(html: str, **about) -> Page:
    return Page(
        **{"app": None, "name": "a", "context": {}, "doctree": None, "chapter": None, **about},
        body=parse(html),
    )


def addressed(text: str) -> nodes.document:
    """제목들에 주소를 붙인 글 나무."""
    doctree = publish_doctree(text)
    doctree.settings.env = SimpleNamespace(docname="a", metadata=defaultdict(dict))
    markdown.SectionAddresses(doctree).apply()
    return doctree


def sections(*titles: str) -> str:
    return "글\n\n" + "\n\n".join(f"{title}\n{'=' * 40}\n\n글" for title in titles)


def test_address_of_a_section_comes_from_its_heading():
    doctree = addressed(sections("1×1 합성곱: 왜?", "LeNet-5와 학습", "준비", "준비", "···"))
    found = [section["ids"] for section in doctree.findall(nodes.section)]
    assert [ids[0] for ids in found] == ["11-합성곱-왜", "lenet-5와-학습", "준비", "준비-2", "section-4"]
    assert found[1][1] == "lenet-5" and all(len(ids) == 2 for ids in found[:4]), "옛 주소도 남아야 합니다."
    assert doctree.myst_slugs["준비-2"][1:] == ("준비-2", "준비")
    assert doctree.settings.env.metadata["a"]["myst_slugs"] == doctree.myst_slugs


def test_address_does_not_change_when_a_section_is_folded():
    assert markdown.slug("더 깊이: 기록의 출처") == markdown.slug("기록의 출처") == "기록의-출처"


def test_address_is_not_one_that_stands_elsewhere():
    doctree = addressed(".. _준비:\n\n글\n\n.. [준비2] 글\n\n" + sections("준비2", "글"))
    ids = [one for node in doctree.findall(nodes.Element) for one in node.get("ids", [])]
    assert len(ids) == len(set(ids))


def quote(text: str) -> nodes.block_quote:
    return next(iter(publish_doctree(f"글\n\n    {text}\n").findall(nodes.block_quote)))


@pytest.mark.parametrize(("word", "kind"), markdown.KINDS.items())
def test_lead_in_becomes_admonition(word, kind):
    block = quote(f"**{word}.** 뒤의 글입니다.")
    box = markdown.to_admonition(block, markdown.lead_word(block))
    assert box["classes"] == [kind]
    assert [child.astext() for child in box.children] == [word, "뒤의 글입니다."]


@pytest.mark.parametrize("text", ["그냥 인용입니다.", "**굵게** 시작하는 인용", "앞글 **참고.** 뒤"])
def test_other_quotes_stay(text):
    assert markdown.lead_word(quote(text)) is None


def test_deeper_sections_are_folded_and_others_stay():
    page = page_of(
        '<section id="a"><h2>가</h2><p>앞</p>'
        '<section id="b"><span id="id2"></span><h3>더 깊이: 나<a class="headerlink" href="#b">#</a></h3>'
        '<p>뒤</p><section id="c"><h4>다</h4></section></section></section>'
    )
    body.fold_deeper(page)
    fold = page.body.details
    assert len(page.body("details")) == 1 and fold.parent["id"] == "b" and fold["class"] == "dlko-deeper"
    assert [child.name for child in fold.children] == ["summary", "p", "section"]
    assert fold.summary.h3.get_text() == "더 깊이: 나#", "제목은 제목으로 남아야 합니다."
    assert page.body.find(id="id2").parent["id"] == "b", "옛 주소는 접힌 상자의 밖에 있어야 합니다."


def test_toc_lists_existing_pages_once():
    names = [name for part in parts() for name in part.docnames]
    assert len(names) == len(set(names))
    missing = [
        name for name in names if not any((ROOT / f"{name}{end}").exists() for end in (".md", ".ipynb"))
    ]
    assert not missing, f"_toc.yml에 있는데 없는 쪽입니다. 이름을 고치거나 줄을 지우세요: {missing}"


def test_every_page_of_the_book_is_in_the_toc():
    listed = {name for part in parts() for name in part.docnames} | {"book/index"}
    forgotten = sorted({f"book/{path.stem}" for path in (ROOT / "book").glob("*.md")} - listed)
    assert not forgotten, f"_toc.yml에 넣으세요. 넣지 않은 쪽은 책에 나오지 않습니다: {forgotten}"


def test_header_line_stands_under_the_title(chapter):
    context = {"sourcename": "a.ipynb", "pathto": lambda name, resource: f"../{name}"}
    page = page_of(
        "<h1>글</h1><h1>둘</h1>", context=context, chapter=chapter, app=SimpleNamespace(config=None)
    )
    head.chapter_line(page)
    line = page.body.h1.find_next_sibling()
    assert line["class"] == ["dlko-chapter-line"]
    assert f"약 {chapter.minutes}분" in line.get_text() and "난이도 보통 ●●○" in line.get_text()
    assert line.a["href"] == "../_sources/a.ipynb" and line.a.has_attr("download")


def test_description_falls_back_to_first_paragraph(chapter):
    doctree = publish_doctree("제목\n====\n\n짧다.\n\n" + "이 문단은 설명으로 쓸 만큼 깁니다. " * 12)
    text = head.page_description(doctree, None)
    assert text.startswith("이 문단은") and text.endswith("…") and len(text) <= 150
    assert head.page_description(doctree, chapter) == "한 문장."


def test_card_escapes_and_names_the_picture(chapter):
    card = cards.card_html(chapter, '<a href="../a.html">숫자</a>', "../_images/cards/a.webp")
    assert 'alt="숫자 그림"' in card and 'href="../a.html"' in card and 'width="640" height="400"' in card
    assert f"약 {chapter.minutes}분" in card and "난이도 보통" in card
    assert "dlko-card-blank" in cards.card_html(chapter, "", "")
    assert f"2개 장, 모두 약 {2 * chapter.minutes}분" in cards.heading_html("부", [chapter, chapter])


def test_thumbnail_has_card_size(tmp_path):
    Image.new("RGBA", (1200, 300), "red").save(tmp_path / "cover.png")
    cards.shrink(tmp_path / "cover.png", tmp_path / "cards" / "a.webp")
    with Image.open(tmp_path / "cards" / "a.webp") as picture:
        assert picture.size == (cards.WIDTH, cards.HEIGHT)


def run(**changes):
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
    page = report.report_html([("숫자", run(), {})])
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
    assert report.report_html([]) == report.EMPTY


def test_report_shows_versions_by_chapter_when_they_differ_and_recorded_runs():
    record = run(
        profile="full", date="2026-11-01", command="make full", seconds=900.0,
        quality=[{"name": "테스트 정확도", "value": 0.9321, "floor": 0.9}],
    )  # fmt: skip
    page = report.report_html([("가", run(), record), ("나", run(versions={"Python": "3.12.1"}), {})])
    assert '<th scope="col">버전</th>' in page and "2026-11-01" in page and "make full" in page
    side_by_side = page[page.index("긴 실행의 값") :]
    assert [text in side_by_side for text in ("1분 15초", "0.8812", "15분 0초", "0.9321")] == [True] * 4
    assert "나</" not in side_by_side, "긴 실행의 기록이 없는 장까지 실었습니다."


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (3.14, "3.1초"), (61, "1분 1초"), (7300, "2시간 1분")]
)
def test_seconds_read_well(seconds, text):
    assert blocks.seconds_text(seconds) == text


def test_plan_has_two_lessons_a_week_and_two_examinations():
    weeks = teacher.plan([("가", 3), ("나", 2)])
    assert weeks == ["환경 준비 1, 가 1", "가 2", "발표와 중간 평가", "나 2", "발표와 기말 평가"]


def test_teacher_sees_every_exercise(chapter):
    assert list(teacher.exercise_rows(chapter)) == [
        ["숫자", "1", "재기", "바로"],
        ["숫자", "2", "고르기", "훈련"],
    ]
    assert teacher.lessons(chapter) == 3


def test_pages_with_blocks_are_read_again_when_what_they_show_changes(tmp_path, monkeypatch):
    record = tmp_path / "bench" / "a.json"
    record.parent.mkdir()
    record.write_text("{}")
    monkeypatch.setattr(blocks, "SHOWN", (tmp_path, tmp_path / "아직 없는 폴더"))
    env = SimpleNamespace(metadata={"shows": {"dlko_block": "true"}, "text": {}}, all_docs={})

    def again():
        return blocks.pages_to_read_again(None, env, set(), set(), set())

    env.all_docs = dict.fromkeys(("shows", "text"), (record.parent.stat().st_mtime + 1) * 1e6)
    assert again() == []
    os.utime(record, ns=(2**62, 2**62))
    assert again() == ["shows"]
    os.utime(record, (0, 0))
    assert again() == []
    record.unlink()
    os.utime(record.parent, ns=(2**62, 2**62))
    assert again() == ["shows"], "기록이 없어져도 다시 읽어야 합니다."


def test_bar_in_a_cell_does_not_break_the_table():
    assert blocks.table_markdown(["가", "나"], [["x|y", "1"]]).splitlines()[2] == r"| x\|y | 1 |"


def test_source_address():
    assert head.source_url("a/b", "main", "book/x.md", "edit") == "https://github.com/a/b/edit/main/book/x.md"


def test_image_sizes_are_added_once(tmp_path):
    Image.new("RGB", (30, 20)).save(tmp_path / "a.png")
    (tmp_path / "b.svg").write_text("<svg/>")
    app = SimpleNamespace(
        srcdir=tmp_path, builder=SimpleNamespace(images={"a.png": "a.png", "b.svg": "b.svg"})
    )
    page = page_of(
        '<img alt="가" src="../_images/a.png" /><img src="../_images/b.svg" /><img width="5" src="a.png" />',
        app=app,
    )
    body.size_images(page)
    first, second, third = page.body("img")
    assert (first["width"], first["height"]) == ("30", "20") and not first.has_attr("loading")
    assert not second.has_attr("height") and second["loading"] == "lazy"
    assert third["width"] == "5" and not third.has_attr("height")


@pytest.mark.parametrize(
    ("name", "classes", "needed"),
    [
        ("sphinx-thebe.js", set(), False),
        ("let toggleHintShow = ''", {"toggle-details"}, True),
        ("let toggleHintShow = ''", {"cell"}, False),
        ("katex/katex.min.css", {"math", "notranslate"}, True),
        ("katex/katex.min.css", {"cell"}, False),
        ("sphinx-design.min.css", {"sd-tab-set"}, True),
        ("dlko.css", set(), True),
    ],
)
def test_pages_load_only_what_they_use(name, classes, needed):
    assert weight.is_needed(name, classes) is needed


def test_icon_font_rules_are_removed():
    css = '@font-face{font-display:block;font-family:Font Awesome\\ 6 Free;src:url(a)}.fa-x:before{content:"1"}.keep{color:red}'
    assert weight.slim_css(css) == ".keep{color:red}"


def test_generated_html_is_made_accessible():
    page = page_of(
        '<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th class="head"><p></p></th><th>가</th></tr></thead></table>'
        '<summary aria-label="Toggle hidden content">\n<p class="collapsed admonition-title">보기</p>\n'
        '<p class="expanded admonition-title">숨기기</p>\n</summary>'
        '<a class="headerlink" href="#a" title="이 절의 주소">#</a>'
    )
    body.repair(page)
    assert "<tr><td></td><td></td><th>가</th></tr>" in str(page.body)
    assert page.body.table.parent["class"] == "dlko-table" and not page.body.table.has_attr("border")
    assert not page.body.summary.has_attr("aria-label") and len(page.body.summary("span")) == 2
    assert page.body.a["aria-label"] == "이 절의 주소"


def test_heading_that_is_only_a_formula_gets_a_name():
    formula = '<span class="math notranslate"><annotation encoding="x">2i</annotation></span>'
    page = page_of(f'<th class="head"><p>{formula}</p></th><th class="head"><p>답 {formula}</p></th>')
    body.repair(page)
    assert str(page.body).count("visually-hidden") == 1 and ">2i</span><p aria-hidden" in str(page.body)


@pytest.mark.parametrize(
    ("url", "prefix"), [("", "/"), ("https://a.io/", "/"), ("https://a.io/book", "/book/")]
)
def test_not_found_page_prefix(url, prefix):
    assert address.url_prefix(url) == prefix


def test_preview_leaves_out_what_is_unknown():
    loaders = [
        DictLoader({"!layout.html": "{% block extrahead %}{% endblock %}"}),
        FileSystemLoader(TEMPLATES),
    ]
    template = Environment(loader=ChoiceLoader(loaders)).get_template("layout.html")

    def meta(**context) -> str:
        return template.render(dlko_description="설명", pageurl="https://a.io/x.html", **context)

    tags = meta(dlko_preview={"title": '글 "하나"', "image": ""})
    assert "og:image" not in tags and "&#34;하나&#34;" in tags and 'content="https://a.io/x.html"' in tags
    assert "og:" not in meta() and 'name="description" content="설명"' in meta()
    assert 'content="설명"' not in meta(metatags='<meta name="description" content="글" />')
