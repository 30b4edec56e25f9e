"""장의 참고 문헌을 모은 목록: `chapter-references`. 장의 끝에 적은 것에서 만들므로 따로 적지 않습니다."""

import re
from typing import Any, ClassVar

from docutils.parsers.rst import directives

from course.notebooks import Part, markdown_cells, parts
from website.blocks import Block

ITEM = re.compile(r"^\d+\. (.+)$", re.MULTILINE)
ADDRESS = re.compile(r"<(https?://[^>]+)>")
TITLE = re.compile(r'"(.+?)[,.]?"')


class ChapterReferences(Block):
    """옵션 `:part:`에 적은 부의 장들이 기댄 글. 같은 글은 한 번만 적습니다."""

    option_spec: ClassVar[dict[str, Any]] = {"part": directives.unchanged_required}

    def markdown(self) -> str:
        (part,) = (part for part in parts() if part.caption == self.options["part"])
        return "\n".join(f"{number}. {item}" for number, item in enumerate(collected(part), start=1))


def collected(part: Part) -> list[str]:
    """부의 장들이 적은 참고 문헌. 장의 차례, 장에 적힌 차례입니다."""
    found: dict[str, str] = {}
    for chapter in part.chapters:
        for item in references("\n\n".join(text for _, text in markdown_cells(chapter.read()))):
            found.setdefault(identity(item), item)
    return list(found.values())


def references(text: str) -> list[str]:
    """'참고 문헌' 제목 아래의 번호 매긴 목록."""
    return ITEM.findall(text.partition("\n## 참고 문헌")[2])


def identity(item: str) -> str:
    """같은 글인지 알아보는 열쇠: 주소, 없으면 제목."""
    key = ADDRESS.search(item) or TITLE.search(item)
    return (key[1] if key else item).lower().rstrip("/")
