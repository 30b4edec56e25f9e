"""문체: 글은 합니다체로 쓰고, 영어 문장을 그대로 두지 않습니다. 인용한 말과 표, 보기의 글은 보지 않습니다."""

import json
import re
from pathlib import Path

import pytest

from course.bootstrap import ROOT
from course.notebooks import chapters, prose

PAGES = [*(chapter.path for chapter in chapters()), *sorted((ROOT / "book").glob("*.md"))]
# 인용한 말, 괄호 안의 말, 표의 줄, 누르는 보기, 글 앞의 메타데이터
ASIDE = re.compile(
    r"\A---\n[\s\S]*?\n---\n|\"[^\"\n]*\"|“[^”\n]*”|‘[^’\n]*’|^\|.*$|<summary>.*?</summary>", re.MULTILINE
)
PLAIN_ENDING = re.compile(r"[가-힣]*(?<!니)(?<!시)다(?=[.!](?:\s|\*|$))")
ENGLISH = re.compile(r"[A-Za-z][a-z'’-]*(?: [A-Za-z][a-z'’-]*){4,}[.!?]?")


def slips(markdown: str) -> list[str]:
    """합니다체가 아닌 문장의 끝과, 이어진 영어 낱말 다섯 개 이상."""
    body = markdown.partition("\n## 참고 문헌")[0]
    if body.startswith("## 참고 문헌") or "\n# 참고 문헌" in body:
        return []
    text = prose(ASIDE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), body))
    text = re.sub(r"<[^>\n]*>|\([^()\n]*\)|\*\*[^*\n]*\*\*", " ", text)
    found = [f"'…{m[0]}.'은 합니다체가 아닙니다" for m in PLAIN_ENDING.finditer(text)]
    return found + [f"영어 문장을 한국어로 옮기세요: '{m[0]}'" for m in ENGLISH.finditer(text)]


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_text_is_polite_korean(path: Path) -> None:
    if path.suffix == ".ipynb":
        parts = [(f"칸 {cell}", text) for cell, text in raw_cells(path)]
    else:
        parts = [("", path.read_text(encoding="utf-8"))]
    found = [f"{path.relative_to(ROOT)} {place}: {slip}" for place, text in parts for slip in slips(text)]
    assert not found, "\n" + "\n".join(found)


def raw_cells(path: Path) -> list[tuple[str, str]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(cell["id"], "".join(cell["source"])) for cell in cells if cell["cell_type"] == "markdown"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("어떤 수를 넣어도 거의 같은 답을 한다.", 1),
        ("The prediction is very low. 예측은 낮습니다.", 1),
        ('그려 봅시다. 값입니다. **"늘 이긴다."** 아닙니다.', 0),
        ("<details><summary>① 그렇다.</summary>\n\n맞습니다.\n\n</details>", 0),
        ("**Run All Above Selected Cell**을 누릅니다.", 0),
        ("| 단순 | 연기가 훌륭하다. |", 0),
    ],
)
def test_the_finder_finds(text: str, count: int) -> None:
    assert len(slips(text)) == count
