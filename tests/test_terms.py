"""용어: 한 가지 뜻에 한 가지 이름. 용어의 표는 book/glossary.md 하나입니다."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from course.bootstrap import ROOT
from course.notebooks import chapters, prose
from website.blocks.glossary import Term, first_chapters, read_terms

CHAPTERS = [chapter.path for chapter in chapters() if chapter.path.exists()]
GLOSSARY = ROOT / "book" / "glossary.md"
TERMS = read_terms(GLOSSARY.read_text(encoding="utf-8"))

# 다른 곳에서 널리 쓰여 한 장에 한 번은 소개해도 되는 이름.
NAME_ONCE = {
    "심층학습",
    "기계학습",
    "비용 함수",
    "오차역전파",
    "커널",
    "수화",
    "관성",
    "그리드 서치",
    "딥빌리프넷",
    "딥하이퍼넷",
}

# 영어 이름을 곁들이지 않아도 되는 말: 학교에서 배운 말이거나 이 책의 말.
PLAIN_WORDS = {"픽셀", "형태소", "합격선"}

# 글자는 같지만 뜻이 다른 말. (식, 까닭)
OTHER_MEANINGS = [
    (r"계층적", "위아래로 층층이 나뉜 구조를 이르는 말"),
    (r"플레이어", "사람이나 재생기"),
    (
        r"(Jupyter|노트북|IPython|파이썬)(의)? 커널|커널(을|이|은|만)? ?(다시|새로|재시작|죽|끝|멈|꺼|없이|선택)|메뉴의 커널",
        "노트북을 실행하는 Jupyter 커널",
    ),
    (r"재매개변수화", "뽑은 값을 잡음과 분포의 가운데, 폭의 식으로 적는 방법의 이름"),
    (r"함수의 매개변수|매개변수 (이름|목록)", "파이썬 함수의 매개변수"),
    (r"경사하강법(?=\()", "인용한 글의 제목"),
]


@dataclass(frozen=True)
class Text:
    """검사할 글 한 덩이와 그 자리."""

    file: str
    place: str
    text: str


def wrong_names() -> dict[str, str]:
    """쓰지 않는 이름에서 용어집의 이름으로 가는 사전."""
    return {other: term.korean for term in TERMS for other in term.other_names}


def wrong_pattern(name: str) -> re.Pattern[str]:
    """짧은 이름은 다른 낱말의 가운데일 수 있으므로 앞에 한글이 없을 때만 찾습니다."""
    body = re.escape(name).replace(r"\ ", r"\s+")
    before = "(?<![가-힣])" if len(name) <= 2 else ""
    return re.compile(before + body)


def notebook_texts(path: Path) -> Iterator[Text]:
    """글 칸의 글, 코드 칸의 주석과 그림 글자, 그림의 대체 글."""
    file = path.relative_to(ROOT).as_posix()
    notebook = json.loads(path.read_text(encoding="utf-8"))
    yield Text(file, "메타데이터의 설명", notebook["metadata"].get("dlko", {}).get("description", ""))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        place = f"칸 {cell.get('id', '?')}"
        yield Text(file, place, prose(source) if cell["cell_type"] == "markdown" else source)
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
        yield Text(file, f"{place}의 대체 글", alt)


def page_texts(path: Path) -> Iterator[Text]:
    file = path.relative_to(ROOT).as_posix()
    for number, line in enumerate(prose(path.read_text(encoding="utf-8")).splitlines(), start=1):
        if not line.strip().startswith("다른 이름:"):
            yield Text(file, f"{number}번째 줄", line)


def misused(texts: Iterator[Text]) -> list[str]:
    """용어집에 없는 이름을 쓴 곳들. 한 줄에 하나씩, 어디를 어떻게 고칠지 적습니다."""
    allowed = re.compile("|".join(f"(?:{pattern})" for pattern, _ in OTHER_MEANINGS))
    patterns = {name: wrong_pattern(name) for name in wrong_names()}
    seen: Counter[str] = Counter()
    found = []
    for text in texts:
        # 허용한 말은 자리를 지키며 지웁니다.
        clean = allowed.sub(lambda match: " " * len(match[0]), text.text)
        for name, pattern in patterns.items():
            for match in pattern.finditer(clean):
                seen[name] += 1
                if name in NAME_ONCE and seen[name] == 1:
                    continue
                around = " ".join(clean[max(0, match.start() - 15) : match.end() + 15].split())
                found.append(
                    f"{text.file} {text.place}: '{match[0]}' 대신 '{wrong_names()[name]}'(으)로 쓰세요. …{around}…"
                )
    return found


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_chapter_uses_the_terms_of_the_glossary(path):
    assert not (found := misused(notebook_texts(path))), "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "path", [*sorted((ROOT / "book").glob("*.md")), ROOT / "README.md"], ids=lambda p: p.name
)
def test_page_uses_the_terms_of_the_glossary(path):
    assert not (found := misused(page_texts(path))), "\n" + "\n".join(found)


def test_every_entry_is_complete():
    assert len(TERMS) > 80
    lacking = [t.korean for t in TERMS if not t.english or not t.meaning.endswith("다.")]
    assert not lacking, f"영어 이름이나 '~다.'로 끝나는 한 문장 뜻이 없는 항목: {lacking}"
    long = [t.korean for t in TERMS if t.meaning.count("다.") != 1]
    assert not long, f"뜻은 한 문장이어야 합니다: {long}"


def test_no_name_is_given_twice():
    names = Counter(name for t in TERMS for name in (t.korean, *t.english, *t.other_names))
    assert [name for name, count in names.items() if count > 1] == []


def test_first_use_gives_the_english_name():
    """용어가 처음 나오는 장은 그 용어의 영어 이름도 알려 줍니다. 예: 합성곱(convolution)."""
    first = first_chapters(TERMS)
    missing = []
    for term in TERMS:
        chapter = first.get(term.korean)
        # 한국어 이름에 이미 로마자가 들어 있으면(LSTM) 더 적을 것이 없습니다.
        if chapter is None or term.korean in PLAIN_WORDS or re.search("[A-Za-z]", term.korean):
            continue
        text = "\n".join(text.text for text in notebook_texts(chapter.path)).lower()
        if not any(name.lower() in text for name in term.english):
            missing.append(
                f"{chapter.name}: '{term.korean}'… 처음 나올 때 괄호에 영어 이름 '{term.english[0]}'도 적으세요."
            )
    assert not missing, "\n" + "\n".join(missing)


# 검사가 정말 잡아내는지: 잡아야 하는 글과 잡으면 안 되는 글.
@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("레이어를 쌓습니다.", ["레이어"]),
        ("합성곱레이어를 쌓습니다.", ["레이어"]),
        ("이 계층은 넓습니다.", ["계층"]),
        ("그래디언트가 사라집니다.", ["그래디언트"]),
        ("경사하강법으로 풉니다.", ["경사하강법"]),
        ("수화를 배웁니다. 수화는 언어입니다.", ["수화"]),
        ("계층적 구조", []),
        ("게임 플레이어", []),
        ("Jupyter 커널이 멈췄습니다. 커널을 다시 시작하세요.", []),
        ("필터는 커널이라고도 합니다.", []),
        ("필터는 커널이라고도 합니다. 커널의 크기는 3입니다.", ["커널"]),
        ("함수의 매개변수", []),
        ("`레이어`와 [글](레이어.md)과 $레이어$", []),
        ("경사 하강법, 완전 연결층, 전이 학습", []),
    ],
)
def test_the_finder_finds(text, wrong):
    found = misused(iter([Text("보기.md", "1번째 줄", prose(text))]))
    assert [re.search(r"'(.+?)' 대신", line)[1] for line in found] == wrong


def test_one_letter_term_is_found_with_particles():
    layer = next(term for term in TERMS if term.korean == "층")
    assert isinstance(layer, Term)
    for text in ("층을 쌓습니다", "한 층.", "층이란", "층(layer)"):
        assert layer.pattern.search(text), text
    for text in ("층계를 오릅니다", "고층 건물", "계층"):
        assert not layer.pattern.search(text), text
