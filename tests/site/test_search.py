"""한국어 찾기: 실제 책의 찾기 쪽에서, 조사와 어미가 붙은 말로도 그 말이 나오는 쪽을 모두 찾는지."""

import functools
import re

import pytest
from bs4 import BeautifulSoup

from tests.site import browser as tools

PAGES = [name for name in tools.built_pages() if name != "search.html"]
MIN_RECALL = 0.98
BEST_WITHIN = 3

CONVOLUTION, DIGITS, LENET = (f"notebooks/cnn/{name}.html" for name in ("convolution", "digits", "lenet"))
RECURRENT, SEQUENCES, STOCK, SENTIMENT = (
    f"notebooks/rnn/{name}.html" for name in ("recurrent", "sequences", "stock", "sentiment")
)
HUB = "notebooks/transfer/hub_flowers.html"
PERCEPTRON = "notebooks/basics/perceptron.html"
CNN, RNN, SETUP, ERRORS, USE, GLOSSARY, REFERENCES, REPORT = (
    f"book/{name}.html"
    for name in ("cnn", "rnn", "setup", "errors", "how_to_use", "glossary", "references", "run_report")
)

# (찾는 말, 쪽에 있어야 하는 말, 앞의 셋 안에 있어야 하는 쪽).
# 쪽에 있어야 하는 말이 여럿이면 `/`로 나누고, 모두 든 쪽이 정답입니다.
QUERIES = [
    # 합성곱 신경망
    ("합성곱", "합성곱", CONVOLUTION),
    ("합성곱은", "합성곱", CONVOLUTION),
    ("합성곱이란", "합성곱", CONVOLUTION),
    ("합성곱에서", "합성곱", CONVOLUTION),
    ("합성곱에서는", "합성곱", CONVOLUTION),
    ("필터로는", "필터", CONVOLUTION),
    ("동결하면", "동결", HUB),
    ("정규화했더니", "정규화", GLOSSARY),
    ("풀링을", "풀링", CONVOLUTION),
    ("최대 풀링", "최대/풀링", CONVOLUTION),
    ("평균 풀링이", "평균/풀링", CONVOLUTION),
    ("패딩", "패딩", CONVOLUTION),
    ("패딩이란", "패딩", CONVOLUTION),
    ("스트라이드를", "스트라이드", CONVOLUTION),
    ("필터가", "필터", CONVOLUTION),
    ("필터의 크기", "필터/크기", CONVOLUTION),
    ("특성 맵", "특성 맵", CONVOLUTION),
    ("수용 영역은", "수용 영역", CONVOLUTION),
    ("Conv2D", "conv2d", CONVOLUTION),
    ("Conv2D로", "conv2d", CONVOLUTION),
    ("손글씨", "손글씨", DIGITS),
    ("손글씨를", "손글씨", DIGITS),
    ("혼동 행렬", "혼동 행렬", DIGITS),
    ("혼동 행렬에서", "혼동 행렬", DIGITS),
    ("Grad-CAM", "grad-cam", DIGITS),
    ("원-핫 인코딩으로", "원-핫 인코딩", GLOSSARY),
    ("softmax", "softmax", PERCEPTRON),
    ("LeNet", "lenet", LENET),
    ("LeNet-5를", "lenet-5", LENET),
    ("과적합", "과적합", LENET),
    ("과적합을", "과적합", LENET),
    ("과적합이란", "과적합", LENET),
    ("과적합이라고", "과적합", LENET),
    ("드롭아웃은", "드롭아웃", LENET),
    ("데이터 증강", "데이터 증강", LENET),
    ("조기 종료를", "조기 종료", LENET),
    ("체크포인트", "체크포인트", LENET),
    ("EarlyStopping", "earlystopping", LENET),
    ("검증 세트로", "검증 세트", LENET),
    # 순환 신경망
    ("순환 신경망", "순환 신경망", RECURRENT),
    ("순환 신경망은", "순환 신경망", RECURRENT),
    ("RNN은", "rnn", RECURRENT),
    ("LSTM", "lstm", GLOSSARY),
    ("LSTM은", "lstm", GLOSSARY),
    ("LSTM으로", "lstm", STOCK),
    ("GRU와", "gru", RECURRENT),
    ("은닉 상태를", "은닉 상태", RECURRENT),
    ("셀 상태", "셀 상태", RECURRENT),
    ("게이트는", "게이트", RECURRENT),
    ("기울기 소실이란", "기울기 소실", RECURRENT),
    ("시점마다", "시점", RECURRENT),
    ("수열", "수열", SEQUENCES),
    ("수열을", "수열", SEQUENCES),
    ("주가", "주가", STOCK),
    ("주가를", "주가", STOCK),
    ("수익률은", "수익률", STOCK),
    ("기준선보다", "기준선", STOCK),
    ("감성 분석", "감성 분석", SENTIMENT),
    ("영화평을", "영화평", SENTIMENT),
    ("토큰화", "토큰화", SENTIMENT),
    ("임베딩이", "임베딩", SENTIMENT),
    ("어절", "어절", SENTIMENT),
    ("NSMC", "nsmc", SENTIMENT),
    ("IMDB는", "imdb", SENTIMENT),
    ("LSTM 영화평", "lstm/영화평", SENTIMENT),
    # 안내와 찾아보기
    ("Colab", "colab", USE),
    ("Colab에서 저장", "colab/저장", USE),
    ("퀴즈", "퀴즈", USE),
    ("설치", "설치", SETUP),
    ("Windows에서", "windows", SETUP),
    ("macOS", "macos", SETUP),
    ("교실에서", "교실", SETUP),
    ("환경 변수", "환경 변수", SETUP),
    ("GPU가", "gpu", SETUP),
    ("메모리 부족", "메모리/부족", ERRORS),
    ("OOM", "oom", ERRORS),
    ("ModuleNotFoundError", "modulenotfounderror", ERRORS),
    ("NameError", "nameerror", ERRORS),
    ("손실이 nan", "손실/nan", ERRORS),
    ("합격선", "합격선", GLOSSARY),
    ("실행 보고서", "실행/보고서", REPORT),
    ("속도 비교", "속도/비교", "book/speed.html"),
    ("차시", "차시", "book/teacher.html"),
    ("이용 조건", "이용 조건", REFERENCES),
    ("Fashion-MNIST", "fashion-mnist", LENET),
    # 용어집: 장이 아직 다루지 않는 말, 한 글자 말, 다른 이름
    ("층", "층", GLOSSARY),
    ("오토인코더라고", "오토인코더", GLOSSARY),
    ("판별자는", "판별자", GLOSSARY),
    ("생성자와", "생성자", GLOSSARY),
    ("전이 학습이란", "전이 학습", GLOSSARY),
    ("트랜스포머", "트랜스포머", GLOSSARY),
    ("컨볼루션", "컨볼루션", GLOSSARY),
    ("오버피팅", "오버피팅", GLOSSARY),
    ("receptive field", "receptive/field", GLOSSARY),
    ("dropout", "dropout", GLOSSARY),
]

ASK = """
(query) => {
  const form = document.querySelector("#dlko-search-form");
  form.querySelector("input").value = query;
  form.requestSubmit();
  return [...document.querySelectorAll("#search-results ol.search > li")].map((li) => {
    const link = li.querySelector("a");
    return {
      path: decodeURI(new URL(link.href).pathname).slice(1), hash: decodeURI(new URL(link.href).hash),
      title: link.textContent, excerpt: li.querySelector(".context")?.textContent || "",
      marked: [...li.querySelectorAll("mark")].map((mark) => mark.textContent),
    };
  });
}
"""


@functools.cache
def article_text(name: str) -> str:
    """쪽의 본문 글. 찾기가 쓰는 데이터와 따로, 만든 HTML에서 곧바로 읽습니다."""
    soup = BeautifulSoup((tools.HTML / name).read_text(encoding="utf-8"), "html.parser")
    article = soup.select_one("article.bd-article")
    for tag in article.select("script, style, .headerlink, .katex-html, annotation, button"):
        tag.decompose()
    return " ".join(article.get_text(" ").split()).lower()


def pages_with(words: str) -> set[str]:
    wanted = [re.compile(re.escape(word).replace(r"\ ", r"\s+")) for word in words.split("/")]
    if len(words) == 1:
        # 한 글자 말은 낱말로 쓰인 곳만 셉니다.
        wanted = [re.compile(rf"(?<![가-힣]){words}(?:[은는이가을를의에과도]|(?![가-힣]))")]
    return {name for name in PAGES if all(word.search(article_text(name)) for word in wanted)}


@pytest.fixture(scope="module")
def ask(browser, server):
    context = browser.new_context(locale="ko-KR")
    page = context.new_page()
    page.goto(server.address + "search.html")
    yield lambda query: page.evaluate(ASK, query)
    context.close()


def test_there_are_enough_queries():
    assert len(QUERIES) >= 60
    assert len({query for query, _, _ in QUERIES}) == len(QUERIES)
    gone = sorted({best for _, _, best in QUERIES} - set(PAGES))
    assert not gone, f"없어진 쪽을 기대하고 있습니다. QUERIES를 고치세요: {gone}"


def test_recall_over_the_whole_book(ask):
    found = total = 0
    missed = []
    for query, words, _ in QUERIES:
        truth = pages_with(words)
        assert truth, f"'{words}'가 나오는 쪽이 이제 없습니다. QUERIES를 고치세요."
        hits = {item["path"] for item in ask(query)}
        found += len(truth & hits)
        total += len(truth)
        missed += [f"'{query}'로 {name}을 찾지 못합니다" for name in sorted(truth - hits)]
    print(f"재현율 {found}/{total} = {found / total:.4f}, 찾는 말 {len(QUERIES)}개, 놓친 것: {missed}")
    assert found / total >= MIN_RECALL, "\n".join(missed)


@pytest.mark.parametrize(("query", "words", "best"), QUERIES, ids=[query for query, _, _ in QUERIES])
def test_best_page_is_among_the_first_three(ask, query, words, best):
    order = [item["path"] for item in ask(query)]
    assert best in order[:BEST_WITHIN], (
        f"'{query}'로 찾으면 {best}가 앞의 셋에 있어야 합니다. 지금 순서: {order[:6]}"
    )


@pytest.mark.parametrize("query", ["합성곱은", "과적합이란", "LSTM은", "은닉 상태를"])
def test_result_shows_where_the_word_is(ask, query):
    """발췌는 본문에서 뽑고, 찾은 말에는 표시가 있습니다."""
    stem = {"합성곱은": "합성곱", "과적합이란": "과적합", "LSTM은": "lstm", "은닉 상태를": "은닉"}[query]
    for item in ask(query)[:3]:
        assert any(stem in mark.lower() for mark in item["marked"]), item
        assert len(item["excerpt"]) >= 20, item
        assert ".pdf" not in item["excerpt"], item


def test_term_leads_to_its_entry(ask):
    for query, anchor in (
        ("층", "#term-layer"),
        ("합성곱이란", "#term-convolution"),
        ("과적합은", "#term-overfitting"),
    ):
        first = ask(query)[0]
        assert (first["path"], first["hash"]) == (GLOSSARY, anchor), f"'{query}'의 첫 결과: {first}"


def test_nothing_is_found_for_nonsense(ask):
    assert ask("뷁쉛뚫") == []
    assert ask("   ") == []
    assert ask("<img src=x onerror=alert(1)>") is not None
