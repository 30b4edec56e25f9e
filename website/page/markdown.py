"""글 나무에 하는 일: 절의 주소와 알림 상자."""

import re
from typing import Any

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util.nodes import clean_astext

from course.notebooks import DEEPER

KINDS = {
    "참고": "note",
    "주의": "warning",
    "팁": "tip",
    "중요": "important",
    "해 보기": "hint",
    "직접 해 보기": "dlko-try",
}


def slug(title: str) -> str:
    """제목에서 만든 주소. 접고 펴도 주소가 그대로이도록 '더 깊이:'는 뺍니다."""
    words = title.strip().removeprefix(DEEPER).strip().lower()
    return re.sub(r"[^\w-]", "", words.replace(" ", "-"))


class SectionAddresses(SphinxTransform):
    """절의 주소를 제목에서 만듭니다. 차례, 링크, 찾기가 모두 이 주소를 씁니다.

    docutils는 한글 제목에 id1, id2…를 줍니다. 절을 하나 더하면 밀리는 주소입니다. 그 주소로 걸린 옛 링크도 열리도록 남겨 둡니다.
    """

    default_priority = 600  # MyST가 #주소 링크를 푸는 일(879)보다 먼저

    def apply(self, **kwargs: Any) -> None:
        addresses: dict[str, tuple[int | None, str, str]] = {}
        for section in self.document.findall(nodes.section):
            title = clean_astext(section[0])
            first = address = slug(title) or section["ids"][0]
            number = 1
            while self.document.ids.get(address, section) is not section:
                number += 1
                address = f"{first}-{number}"
            section["ids"] = list(dict.fromkeys([address, *section["ids"]]))
            self.document.ids[address] = section
            addresses[address] = (section.line, address, title)
        # MyST가 `[글](#주소)`와 `[글](쪽.md#주소)`를 찾아보는 표
        self.document.myst_slugs = addresses  # type: ignore[attr-defined]
        self.env.metadata[self.env.docname]["myst_slugs"] = addresses


def lead_word(quote: nodes.block_quote) -> nodes.strong | None:
    """`> **참고.** …`의 굵은 글씨. 그런 인용이 아니면 None입니다."""
    if not quote.children or not isinstance(quote[0], nodes.paragraph):
        return None
    # MyST는 굵은 글씨 앞에 빈 글을 두기도 합니다.
    first = next((child for child in quote[0].children if child.astext().strip()), None)
    word = first.astext().strip() if isinstance(first, nodes.strong) else ""
    return first if word.endswith((".", ":")) and word[:-1] in KINDS else None


def to_admonition(quote: nodes.block_quote, strong: nodes.strong) -> nodes.admonition:
    word = strong.astext().strip()[:-1]
    paragraph = quote[0]
    after = paragraph.children[paragraph.index(strong) + 1 :]
    if after and isinstance(after[0], nodes.Text):
        after[0] = nodes.Text(str(after[0]).lstrip())
    paragraph.children = []
    paragraph.extend(after)
    box = nodes.admonition("", nodes.title("", word), classes=[KINDS[word]])
    box.extend(child for child in quote.children if child is not paragraph or paragraph.astext().strip())
    box.source, box.line = quote.source, quote.line
    return box


class LeadIns(SphinxTransform):
    """`> **참고.** …`으로 시작하는 인용을 알림 상자로 바꿉니다.

    노트북의 글은 JupyterLab과 Colab에서도 읽히므로 MyST 문법을 쓰지 않습니다. 상자는 사이트에서만 만듭니다.
    """

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        for quote in list(self.document.findall(nodes.block_quote)):
            if strong := lead_word(quote):
                quote.replace_self(to_admonition(quote, strong))
