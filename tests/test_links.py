"""링크: 안쪽 링크는 있는 파일을 가리키고, 장의 참고 문헌은 모두 인용되었습니다."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from course import links
from course.bootstrap import ROOT
from course.notebooks import chapters, parts
from website.blocks.references import collected, identity, references

CHAPTERS = [chapter.path for chapter in chapters() if chapter.path.exists()]
MARKDOWN_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```+)[^\n]*\n.*?^\1[^\n]*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def text_of(path: Path, *, code: bool = True) -> str:
    """파일의 글. 노트북이면 칸들을 이은 글이고, `code=False`면 글 칸만 봅니다."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if code or cell["cell_type"] == "markdown")


@pytest.mark.parametrize("path", links.sources(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_external_addresses_are_safe(path):
    plain = [address for address in links.addresses(text_of(path)) if address.startswith("http://")]
    assert plain == [], f"https 주소를 쓰세요: {plain}"


def test_an_address_ends_where_the_sentence_goes_on():
    text = "[글](https://a.kr/b)을, (https://a.kr/c_(d)) 그리고 https://a.kr/e에서. http://127.0.0.1:8000"
    assert links.addresses(text) == {"https://a.kr/b", "https://a.kr/c_(d)", "https://a.kr/e"}


def test_a_dead_address_is_told(monkeypatch, capsys):
    monkeypatch.setattr(links, "problem", lambda address: "응답 404" if "arxiv" in address else "")
    assert links.check() == 1
    assert "열리지 않습니다: https://arxiv.org/" in capsys.readouterr().out


@pytest.mark.parametrize(
    "path",
    [p for p in links.sources() if p.suffix in (".md", ".ipynb")],
    ids=lambda p: p.relative_to(ROOT).as_posix(),
)
def test_internal_links_resolve(path):
    text = FENCE.sub("", text_of(path, code=False))
    broken = []
    for link, picture in MARKDOWN_LINK.findall(text):
        target = unquote(link or picture)
        # 바깥 주소와, 같은 책의 이름표로 가는 MyST 링크([글](이름표))는 여기서 보지 않습니다.
        if re.match(r"[a-z]+:", target) or target.startswith("#") or re.fullmatch(r"[a-z0-9-]+", target):
            continue
        file = (path.parent / target.split("#")[0]).resolve()
        if not file.exists():
            broken.append(f"[…]({target})")
    assert not broken, (
        f"{path.relative_to(ROOT)}: 가리키는 파일이 없습니다. 경로를 고치세요: {', '.join(broken)}"
    )


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_citations_have_a_reference(path):
    text = text_of(path, code=False)
    items = references(text)
    assert items, f"{path.name}: '## 참고 문헌' 아래에 번호 매긴 목록이 있어야 합니다."
    body = FENCE.sub("", text.partition("\n## 참고 문헌")[0])
    body = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$", "", body, flags=re.DOTALL)
    marks = re.findall(r"\[(\d+(?:\s*[,–-]\s*\d+)*)\](?!\()", body)
    cited = {number for mark in marks for number in numbers(mark)}
    lacking = sorted(cited - set(range(1, len(items) + 1)))
    assert not lacking, f"{path.name}: 참고 문헌에 없는 번호를 인용했습니다: {lacking}"
    unused = sorted(set(range(1, len(items) + 1)) - cited)
    assert not unused, f"{path.name}: 글에서 인용하지 않은 참고 문헌입니다: {unused}. 인용하거나 지우세요."


def numbers(mark: str) -> list[int]:
    """`1, 3-5`를 [1, 3, 4, 5]로."""
    found = []
    for part in mark.split(","):
        ends = [int(end) for end in re.split(r"\s*[–-]\s*", part.strip())]
        found += range(ends[0], ends[-1] + 1)
    return found


def test_references_page_is_numbered_without_gaps():
    for section in re.split(r"^## ", text_of(ROOT / "book" / "references.md"), flags=re.MULTILINE):
        found = [int(number) for number in re.findall(r"^(\d+)\. ", section, re.MULTILINE)]
        assert found == list(range(1, len(found) + 1)), section.splitlines()[0]


def test_references_page_collects_the_chapters():
    page = text_of(ROOT / "book" / "references.md")
    for part in parts():
        if part.chapters:
            assert f":part: {part.caption}\n" in page, f"references.md에 {part.caption} 부를 더하세요."
            assert len(collected(part)) == len({identity(item) for item in collected(part)}) > 0


def test_one_work_is_listed_once():
    one = '1. A, "Deep", 2015. <https://a.kr/x/>'
    text = f'글\n## 참고 문헌\n\n{one}\n2. B, "Other.", 2016.'
    assert references(text) == ['A, "Deep", 2015. <https://a.kr/x/>', 'B, "Other.", 2016.']
    assert [identity(item) for item in references(text)] == ["https://a.kr/x", "other"]


def test_numbers_of_a_citation():
    assert numbers("1, 3-5") == [1, 3, 4, 5]
    assert numbers("2–3") == [2, 3]
