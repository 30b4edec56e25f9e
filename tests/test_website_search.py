"""검색: 쪽에서 글을 모으는 일(파이썬)과 찾는 일(자바스크립트)."""

import json
import subprocess

import pytest

from website import assets
from website.page import parse
from website.site.search import sections_of

SEARCH_JS = assets.WEBSITE / "theme" / "static" / "search.js"


def page_record(url: str, title: str, part: str, body: str) -> list:
    return [url, title, part, "", sections_of(parse(body))]


PAGES = [
    page_record(
        "notebooks/cnn/convolution.html",
        "합성곱과 풀링을 손으로 따라가기",
        "합성곱 신경망(CNN)",
        '<section id="a"><h1>합성곱과 풀링을 손으로 따라가기<a class="headerlink" href="#a">#</a></h1>'
        "<p>합성곱은 필터를 미끄러뜨립니다. 필터가 지나간 자리마다 수가 하나 나옵니다.</p>"
        '<section id="b"><h2>풀링층</h2><p>최대 풀링은 정보를 잃습니다.</p></section></section>',
    ),
    page_record(
        "notebooks/cnn/lenet.html",
        "LeNet-5와 학습 다루기",
        "합성곱 신경망(CNN)",
        '<section id="a"><h1>LeNet-5와 학습 다루기</h1><p>과적합을 줄입니다. 과적합이 보이면 드롭아웃을 씁니다. 과적합!</p>'
        "<p>합성곱 신경망을 씁니다. 학습률을 낮춥니다.</p></section>",
    ),
    page_record(
        "notebooks/rnn/stock.html",
        "LSTM으로 주가 추세 보기",
        "순환 신경망(RNN)",
        '<section id="a"><h1>LSTM으로 주가 추세 보기</h1><p>LSTM은 셀 상태를 둡니다. organ</p></section>',
    ),
    page_record(
        "book/glossary.html",
        "용어집",
        "찾아보기",
        '<section id="g"><h1>용어집</h1><dl class="simple glossary"><dt id="term-0">층 (layer)<a class="headerlink" href="#x">#</a></dt>'
        '<dd><p>계산의 한 단계입니다. 다른 이름: 레이어</p></dd><dt id="term-1">합성곱 (convolution)</dt>'
        "<dd><p>필터를 미끄러뜨리는 계산입니다. 다른 이름: 컨볼루션 · 처음 나오는 장: 합성곱</p></dd>"
        '<dt id="term-2">오토인코더 (autoencoder)</dt><dd><p>입력을 되살립니다.</p></dd></dl></section>',
    ),
]


def find(*queries: str) -> list[list[dict]]:
    """검색어마다 [{url, section}]을 브라우저와 같은 코드로 찾습니다."""
    script = f"""
      const find = require({json.dumps(str(SEARCH_JS))});
      const pages = find.prepare({json.dumps(PAGES)});
      const out = {json.dumps(queries)}.map((query) => find.search(pages, query).map((item) => ({{
        url: item.page.url, section: (item.sections[0] || {{}}).id || "", entry: !!item.isEntry }})));
      console.log(JSON.stringify(out));
    """
    done = subprocess.run(
        [assets.node_program(), "-e", script], capture_output=True, text=True, encoding="utf-8", check=True
    )
    return json.loads(done.stdout)


def test_sections_follow_headings_and_terms():
    sections = PAGES[3][4]
    assert [section[0] for section in sections] == ["g", "term-0", "term-1", "term-2"]
    assert sections[1][:3] == ["term-0", "층 (layer)", "계산의 한 단계입니다. 다른 이름: 레이어"]
    assert sections[1][3] == 1


def test_sections_skip_what_readers_do_not_see():
    body = (
        '<section id="s"><h2>절<a class="headerlink" href="#s">#</a></h2><p>앞</p><script>숨김()</script>'
        '<span class="katex"><span class="katex-mathml"><math><mi>y</mi><annotation>y</annotation></math></span>'
        '<span class="katex-html" aria-hidden="true">yyy</span></span><img alt="그림 설명" src="a.png">'
        '<ul class="dlko-chapter-line"><li>약 40분</li></ul><p>뒤</p></section>'
    )
    assert sections_of(parse(body)) == [["s", "절", "앞 y 그림 설명 뒤"]]


@pytest.mark.parametrize(
    ("query", "url"),
    [
        ("합성곱", "notebooks/cnn/convolution.html"),
        ("합성곱은", "notebooks/cnn/lenet.html"),
        ("과적합을", "notebooks/cnn/lenet.html"),
        ("과적합이란", "notebooks/cnn/lenet.html"),
        ("과적합이라고는", "notebooks/cnn/lenet.html"),
        ("오토인코더라고", "book/glossary.html"),
        ("LSTM은", "notebooks/rnn/stock.html"),
        ("lstm이란", "notebooks/rnn/stock.html"),
        ("LSTM 셀상태", "notebooks/rnn/stock.html"),
        ("풀링", "notebooks/cnn/convolution.html"),
        ("합성곱신경망", "notebooks/cnn/lenet.html"),
        ("학습률이", "notebooks/cnn/lenet.html"),
        ("컨볼루션", "notebooks/cnn/convolution.html"),
        ("드롭아웃하면", "notebooks/cnn/lenet.html"),
    ],
)
def test_words_are_found_with_any_ending(query, url):
    assert url in [item["url"] for item in find(query)[0]]


def test_one_letter_term_opens_its_entry():
    best = find("층")[0][0]
    assert (best["url"], best["section"], best["entry"]) == ("book/glossary.html", "term-0", True)


def test_best_page_comes_first_after_the_entry():
    results = [item["url"] for item in find("합성곱")[0]]
    assert results[:2] == ["book/glossary.html", "notebooks/cnn/convolution.html"]


def test_short_latin_words_prefer_their_start_and_nothing_is_nothing():
    assert [item["url"] for item in find("gan")[0]] == ["notebooks/rnn/stock.html"]  # organ 속의 gan
    assert find("없는낱말이다") == [[]]


def test_marks_are_the_hits():
    script = f"""
      const find = require({json.dumps(str(SEARCH_JS))});
      const text = "경사 하강법은 기울기를 따라갑니다";
      console.log(JSON.stringify(find.hits(text, [find.pattern("경사하강법")]).map(([a, b]) => text.slice(a, b))));
    """
    done = subprocess.run(
        [assets.node_program(), "-e", script], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert json.loads(done.stdout) == ["경사 하강법"]
