"""용어집(book/glossary.md)을 읽고, 글에서 용어가 어디에 나오는지 찾습니다. 용어의 표는 용어집 하나뿐입니다."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from website.chapters import read_parts

OTHER_NAMES = "다른 이름:"
ENTRY_BLOCK = re.compile(r"^```\{glossary\}\n(.*?)^```", re.MULTILINE | re.DOTALL)
# 다른 장의 제목일 뿐인 링크의 글. 주소는 이미 빈칸이 되어 있습니다.
LINK_TEXT = re.compile(r"\[[^\]\n]*\] {3,}")
# 항목의 첫 줄: 한국어 이름 (영어 이름, 영어 이름)
HEAD = re.compile(r"(.+?) \(([^()]+)\)")
# 낱말 바로 뒤에 올 수 있는 조사와 어미. 한 글자 용어(층)가 다른 낱말의 앞부분(층계)과 섞이지 않게 합니다.
PARTICLE = (
    r"(?:들)?(?:이라고|라고|이라는|라는|이란|란|입니다|이다|이며|이고|인|이나|나|에서는|에서|에는|에게|에도|에|으로는|로는|으로|로|과는|와는|과|와"
    r"|까지|부터|마다|만|보다|처럼|의|은|는|이|가|을|를|도)?"
)
NO_PROSE = re.compile(
    r"^(```+|~~~+)[^\n]*\n.*?^\1[^\n]*$"  # 코드 울타리
    r"|\$\$.*?\$\$|(?<!\\)\$[^$\n]+\$"  # 수식
    r"|`+[^`\n]+`+"  # 글 속의 코드
    r"|(?<=\])\([^)\s]*\)"  # 링크의 주소
    r"|<[^>\n]+>|https?://\S+",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Term:
    """용어집의 한 항목."""

    korean: str
    english: tuple[str, ...]
    meaning: str
    other_names: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return word_pattern(re.sub(r"\(.*\)$", "", self.korean))


def word_pattern(word: str) -> re.Pattern[str]:
    """글에서 그 낱말을 찾는 식. 한 글자는 조사만 뒤따를 수 있고, 긴 낱말은 다른 말의 끝이 아니어야 합니다."""
    body = re.escape(word).replace(r"\ ", r"\s+")
    if len(word) == 1:
        return re.compile(rf"(?<![가-힣0-9]){body}{PARTICLE}(?![가-힣])")
    return re.compile(rf"(?<![가-힣]){body}")


def read_terms(glossary: str) -> list[Term]:
    return [parse_entry(entry) for block in ENTRY_BLOCK.findall(glossary) for entry in split_entries(block)]


def split_entries(block: str) -> list[str]:
    """빈 줄 다음에 들여 쓰지 않은 줄이 오면 새 항목입니다."""
    return [entry for entry in re.split(r"\n\s*\n(?=\S)", block.strip("\n")) if entry.strip()]


def parse_entry(entry: str) -> Term:
    lines = entry.splitlines()
    head = HEAD.fullmatch(lines[0].strip())
    if head is None:
        raise ValueError(f"용어집의 항목은 '한국어 (영어)'로 시작해야 합니다: {lines[0]!r}")
    korean, english = head.groups()
    about = [line.strip() for line in lines if line.startswith(" ") and line.strip()]
    others = [line.removeprefix(OTHER_NAMES) for line in about if line.startswith(OTHER_NAMES)]
    return Term(
        korean=korean,
        english=tuple(name.strip() for name in english.split(",")),
        meaning=" ".join(line for line in about if not line.startswith(OTHER_NAMES)),
        other_names=tuple(name.strip() for line in others for name in line.split(",") if name.strip()),
    )


def prose(markdown: str) -> str:
    """코드, 수식, 주소를 지운 글. 줄과 글자의 자리는 그대로입니다."""
    return NO_PROSE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), markdown)


def notebook_prose(path: Path) -> Iterator[tuple[str, str]]:
    """노트북의 글 칸마다 (칸 id, 글)."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            yield cell.get("id", ""), prose("".join(cell["source"]))


def first_chapters(terms: list[Term], source_dir: Path) -> dict[str, str]:
    """용어마다 그 말이 처음 나오는 장의 문서 이름. 어느 장에도 없는 용어는 뺍니다."""
    found: dict[str, str] = {}
    for part in read_parts(source_dir / "_toc.yml"):
        for docname in part.docnames:
            path = source_dir / f"{docname}.ipynb"
            if not path.exists():
                continue
            text = LINK_TEXT.sub("", "\n".join(text for _, text in notebook_prose(path)))
            for term in terms:
                if term.korean not in found and term.pattern.search(text):
                    found[term.korean] = docname
    return found
