"""용어집(book/glossary.md)을 읽고, 용어마다 처음 나오는 장의 링크를 붙입니다. 사람이 적으면 장이 늘 때 어긋납니다."""

import re
from dataclasses import dataclass
from functools import cached_property

from sphinx.application import Sphinx

from course.notebooks import Chapter, chapters, markdown_cells, prose

GLOSSARY = "book/glossary"
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


def first_chapters(terms: list[Term]) -> dict[str, Chapter]:
    """용어의 한국어 이름마다 그 말이 처음 나오는 장. 어느 장에도 없는 용어는 뺍니다."""
    found: dict[str, Chapter] = {}
    for chapter in chapters():
        if not chapter.path.exists():
            continue
        text = LINK_TEXT.sub("", "\n".join(prose(text) for _, text in markdown_cells(chapter.read())))
        for term in terms:
            if term.korean not in found and term.pattern.search(text):
                found[term.korean] = chapter
    return found


def add_first_chapters(app: Sphinx, docname: str, content: list[str]) -> None:
    """용어집의 글을 읽을 때 링크를 더합니다. 장이 바뀌면 이 쪽도 다시 읽습니다."""
    if docname != GLOSSARY:
        return
    app.env.metadata[docname]["dlko_block"] = "true"
    first = first_chapters(read_terms(content[0]))
    links = {korean: f"[{chapter.title}](/{chapter.docname}.ipynb)" for korean, chapter in first.items()}
    content[0] = add_links(content[0], links)


def add_links(source: str, links: dict[str, str]) -> str:
    """`links`는 용어의 한국어 이름에서 Markdown 링크로 가는 사전입니다."""

    def with_link(entry: str) -> str:
        about, found, others = entry.rstrip().partition(f"\n  {OTHER_NAMES}")
        notes = [OTHER_NAMES + others] if found else []
        if link := links.get(parse_entry(entry).korean):
            notes.append(f"처음 나오는 장: {link}")
        return about + (f"\n\n  {' · '.join(notes)}" if notes else "")

    def rewrite(block: str) -> str:
        return "\n\n".join(with_link(entry) for entry in split_entries(block))

    return ENTRY_BLOCK.sub(lambda match: match[0].replace(match[1], rewrite(match[1]) + "\n"), source)
