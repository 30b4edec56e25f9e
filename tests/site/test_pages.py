"""모든 쪽을 하나씩 열어 보는 검사."""

import re
import statistics
from collections import Counter
from pathlib import Path

import pytest

from course.notebooks import parts
from tests.site import browser as tools

PAGES = tools.built_pages()
PAGE = pytest.mark.parametrize("name", PAGES)

MAX_MEDIAN_BYTES = 1_300_000
MAX_REQUESTS = 40
MAX_FONT_BYTES = 300_000
MAX_SHIFT = 0.1

HANGUL = re.compile("[가-힣]")
THEME_ENGLISH = set((Path(__file__).parent / "theme_english.txt").read_text(encoding="utf-8").splitlines())
# 글 밖에서 한글 없이 나와도 되는 말: 이름과 자판의 글쇠.
LATIN_NAMES = re.compile(
    r"(Ctrl\+K|⌘K|Ctrl|K|Esc|Enter|CC BY 4\.0|MIT|Colab|GitHub|RSS|[A-Z]{2,6}(/[A-Z]{2,6})?|LeNet-5|Keras|NumPy|[\W\d_]+)"
)
RAW_MATH = re.compile(r"\$[^\s$][^$\n]*\$|\\\(|\\\[|\\(frac|begin|sum|mathbf|times|sigma|partial)\b")
FILE_NAME = re.compile(
    r"\.(png|jpe?g|svg|gif|webp)$|^(_images/|\.\./|image|img|figure|output)[\w./-]*$", re.IGNORECASE
)


def test_the_book_is_built():
    assert len(PAGES) >= 5, "먼저 `make book`으로 책을 만드세요."


def test_only_pages_of_the_table_of_contents_are_built():
    wanted = {f"{docname}.html" for part in parts() for docname in part.docnames} | {
        "book/index.html",
        "search.html",
    }
    extra, lacking = sorted(set(PAGES) - wanted), sorted(wanted - set(PAGES))
    assert not extra, f"목차에 없는 쪽이 만들어졌습니다. _config.yml의 exclude_patterns에 넣으세요: {extra}"
    assert not lacking, f"목차에 있는데 만들어지지 않은 쪽입니다: {lacking}"


@PAGE
def test_nothing_comes_from_outside(visits, name):
    outside = sorted(set(visits(name).log.outside))
    assert not outside, f"{name}: 다른 곳에 요청했습니다. 그 자산을 책에 넣거나 빼세요: {outside}"


@PAGE
def test_no_error_and_no_missing_file(visits, name):
    log = visits(name).log
    assert not log.failed, f"{name}: 받지 못한 파일이 있습니다: {log.failed}"
    assert not log.errors, f"{name}: 콘솔 오류입니다: {log.errors}"


@PAGE
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_accessibility(visits, name, mode):
    found = visits(name).axe_light if mode == "light" else visits(name).axe_dark
    assert not found, f"{name}({mode}): 접근성 문제입니다.\n" + "\n".join(found)


@PAGE
def test_no_sideways_scrolling_on_a_phone(visits, name):
    sideways = visits(name).sideways
    assert sideways["wide"] <= 1, (
        f"{name}: 폭 390에서 옆으로 {sideways['wide']}픽셀 넘칩니다: {sideways['culprits']}"
    )


@PAGE
def test_every_picture_tells_what_it_shows(visits, name):
    wrong = []
    for image in visits(name).facts["images"]:
        if not image["loaded"]:
            wrong.append(f"{image['src']}: 보이지 않는 그림입니다")
        if image["hidden"] or image["logo"]:
            continue
        alt = image["alt"]
        if not alt or not alt.strip():
            wrong.append(f"{image['src']}: 대체 글이 없습니다")
        elif FILE_NAME.search(alt) or not HANGUL.search(alt):
            wrong.append(f"{image['src']}: 대체 글이 무엇을 보여 주는지 말하지 않습니다: {alt!r}")
    assert not wrong, f"{name}: 칸 메타데이터 mystnb.image.alt를 고치세요.\n" + "\n".join(wrong)


@PAGE
def test_layout_does_not_jump(visits, name):
    assert visits(name).facts["shift"] <= MAX_SHIFT, (
        f"{name}: 읽는 동안 자리가 움직입니다({visits(name).facts['shift']:.3f})"
    )


@PAGE
def test_requests_and_fonts_are_few(visits, name):
    seen = visits(name)
    # 카드의 그림은 장마다 하나씩이고, 화면에 가까워질 때 받습니다.
    requests = [url for url in seen.log.requests if "favicon" not in url and "/cards/" not in url]
    assert len(requests) <= MAX_REQUESTS, f"{name}: 처음 열 때 요청이 {len(requests)}개입니다."
    assert seen.font_weight <= MAX_FONT_BYTES, f"{name}: 글꼴이 {seen.font_weight // 1000} KB입니다."
    assert seen.log.fonts, f"{name}: 책의 글꼴을 쓰지 않습니다."


def test_median_page_is_light(visits):
    weights = {name: visits(name).weight for name in PAGES}
    middle = statistics.median(weights.values())
    heavy = sorted(weights.items(), key=lambda item: -item[1])[:5]
    print(f"쪽 무게의 중앙값 {middle / 1e6:.2f} MB, 가장 무거운 쪽 {heavy}")
    assert middle <= MAX_MEDIAN_BYTES, f"쪽 무게의 중앙값이 {middle / 1e6:.2f} MB입니다. 무거운 쪽: {heavy}"


@PAGE
def test_page_is_korean(visits, name):
    facts = visits(name).facts
    assert facts["lang"] == "ko", f"{name}: <html lang>이 {facts['lang']!r}입니다."
    # 고개(아이콘)의 # 같은 부호를 뗀 글이 영어 글귀와 똑같으면 번역이 빠진 것입니다.
    shown = [item["text"] for item in facts["texts"] if not item["code"] and not item["math"]]
    labels = [item["text"] for item in facts["labels"]]
    left = sorted({text for text in shown + labels if text.strip(" :.#").lower() in THEME_ENGLISH})
    assert not left, f"{name}: 영어로 남은 글귀입니다. website/theme/locale/ko의 번역을 채우세요: {left}"
    around = [t["text"] for t in facts["texts"] if not t["inside"]] + labels
    latin = sorted(
        {
            t
            for t in around
            if re.search("[A-Za-z]", t) and not HANGUL.search(t) and not LATIN_NAMES.fullmatch(t)
        }
    )
    assert not latin, f"{name}: 본문 밖에 한글이 없는 글귀가 있습니다: {latin}"


@PAGE
def test_math_is_rendered(visits, name):
    facts = visits(name).facts
    text = [item["text"] for item in facts["texts"] if not item["code"] and not item["math"]]
    raw = [t for t in text if RAW_MATH.search(t)]
    assert not raw, f"{name}: 수식이 글자 그대로 보입니다: {raw[:5]}"
    assert not facts["broken_formulas"], f"{name}: 그려지지 않은 수식입니다: {facts['broken_formulas'][:5]}"


@PAGE
def test_markdown_is_rendered(visits, name):
    """강조나 지시문의 부호가 그대로 보이면 글이 잘못 쓰인 것입니다."""
    text = [item["text"] for item in visits(name).facts["texts"] if not item["code"] and not item["math"]]
    raw = [t for t in text if re.search(r"\*\*|^:::|^```|\{(ref|term|doc|numref)\}|^> ", t)]
    assert not raw, (
        f"{name}: Markdown 부호가 그대로 보입니다. 별표 앞뒤의 빈칸과 따옴표를 살펴보세요: {raw[:5]}"
    )


@PAGE
def test_korean_letters_come_from_the_web_font(visits, name):
    """쪽에 나온 모든 한글이 그 쪽이 받은 글꼴 안에 있어야 합니다. 없으면 컴퓨터마다 다르게 보입니다."""
    from fontTools.ttLib import TTFont

    seen = visits(name)
    letters: set[int] = set()
    for path in {tools.local_file(url) for url in seen.log.fonts}:
        if path.suffix in (".woff2", ".woff", ".ttf"):
            letters |= set(TTFont(path).getBestCmap())
    needed = {ord(letter) for item in seen.facts["texts"] for letter in item["text"] if HANGUL.match(letter)}
    lacking = "".join(sorted(map(chr, needed - letters)))
    assert not lacking, f"{name}: 글꼴에 없는 글자입니다: {lacking}"


def test_titles_and_descriptions_are_unique(visits):
    for what, least in (("title", 5), ("description", 20)):
        values = {name: visits(name).facts[what].strip() for name in PAGES if name != "search.html"}
        empty = [name for name, value in values.items() if len(value) < least]
        assert not empty, f"{what}이 없거나 너무 짧은 쪽입니다: {empty}"
        twice = [value for value, count in Counter(values.values()).items() if count > 1]
        assert not twice, f"여러 쪽이 같은 {what}을 씁니다: {twice}"
