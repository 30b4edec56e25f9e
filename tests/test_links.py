"""링크: 안쪽 링크는 있는 파일을 가리키고, 바깥 주소는 모두 한 목록(tests/external_links.txt)에 있습니다.

데이터를 내려받는 주소는 여기가 아니라 데이터 목록(src/dlko/data/catalogue.py)에 해시와 함께 있습니다.
"""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from course.bootstrap import ROOT
from course.notebooks import chapters

CHAPTERS = [chapter.path for chapter in chapters() if chapter.path.exists()]
LIST = ROOT / "tests" / "external_links.txt"
ADDRESS = re.compile(r"https?://[^\s<>\"'`|\\{}]+")
MARKDOWN_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
# 예를 들려고 쓴 주소나, 이 컴퓨터 자신을 가리키는 주소.
NOT_A_LINK = re.compile(r"^https?://(127\.0\.0\.1|localhost|example\.|.*\.(test|invalid)\b)")
FENCE = re.compile(r"^(```+)[^\n]*\n.*?^\1[^\n]*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def sources() -> list[Path]:
    """바깥 주소가 들어 있을 수 있는 파일들."""
    pages = [*sorted((ROOT / "book").glob("*.md")), ROOT / "book" / "template.ipynb", *CHAPTERS]
    return [*pages, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "LICENSE-TEXT"))]


def text_of(path: Path, *, code: bool = True) -> str:
    """파일의 글. 노트북이면 칸들을 이은 글이고, `code=False`면 글 칸만 봅니다."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if code or cell["cell_type"] == "markdown")


def addresses(path: Path) -> set[str]:
    found = set()
    for address in ADDRESS.findall(text_of(path)):
        address = address.rstrip(".,;:!?*_")
        # 괄호 안의 주소는 닫는 괄호를 떼어 냅니다.
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(".,;:!?*_")
        address = (
            re.split(r"[가-힣)\]](?=[가-힣)\].]|$)", address)[0] if re.search("[가-힣]", address) else address
        )
        if not NOT_A_LINK.match(address):
            found.add(address)
    return found


def listed() -> list[str]:
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def test_external_addresses_are_listed():
    lacking = {
        address: path.relative_to(ROOT).as_posix()
        for path in sources()
        for address in sorted(addresses(path) - set(listed()))
    }
    message = "\n".join(f"{file}: {address}" for address, file in lacking.items())
    assert not lacking, f"주소가 맞는지 열어 보고 tests/external_links.txt에 더하세요:\n{message}"


def test_list_holds_nothing_unused():
    used = set().union(*(addresses(path) for path in sources()))
    unused = [address for address in listed() if address not in used]
    assert not unused, (
        "아무 데도 쓰이지 않는 주소입니다. tests/external_links.txt에서 지우세요:\n" + "\n".join(unused)
    )


def test_list_is_sorted_and_safe():
    assert listed() == sorted(set(listed())), "tests/external_links.txt를 가나다순으로, 겹치지 않게 적으세요."
    plain = [address for address in listed() if address.startswith("http://")]
    assert plain == [], f"https 주소를 쓰세요: {plain}"


@pytest.mark.parametrize(
    "path",
    [p for p in sources() if p.suffix in (".md", ".ipynb")],
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


def references(text: str) -> list[str]:
    """'참고 문헌' 제목 아래의 번호 매긴 목록."""
    _, _, tail = text.partition("\n## 참고 문헌")
    return re.findall(r"^\d+\. (.+)$", tail, re.MULTILINE)


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
    text = (ROOT / "book" / "references.md").read_text(encoding="utf-8")
    found = [int(number) for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]
    assert found == list(range(1, len(found) + 1))


def test_references_page_collects_the_chapters():
    """장의 참고 문헌은 주소나 제목이 book/references.md에도 있어야 합니다."""
    page = " ".join(text_of(ROOT / "book" / "references.md").lower().split())
    lacking = []
    for path in CHAPTERS:
        for item in references(text_of(path)):
            marks = [address.rstrip("/.,)>") for address in ADDRESS.findall(item)] + re.findall(
                '"(.+?)"', item
            )
            if not any(mark.lower() in page for mark in marks):
                lacking.append(f"{path.relative_to(ROOT)}: {item}")
    assert not lacking, "book/references.md에도 적으세요:\n" + "\n".join(lacking)


def test_numbers_of_a_citation():
    assert numbers("1, 3-5") == [1, 3, 4, 5]
    assert numbers("2–3") == [2, 3]
