"""`> **참고.** …` 으로 시작하는 인용을 알림 상자로 바꿉니다.

노트북의 글은 JupyterLab과 Colab에서도 읽히므로 MyST 문법을 쓰지 않습니다. 상자는 사이트에서만 만듭니다.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

KINDS = {"참고": "note", "주의": "warning", "팁": "tip", "중요": "important"}


def lead_word(quote: nodes.block_quote) -> nodes.strong | None:
    """인용의 맨 앞에 있는 굵은 글씨."""
    if not quote.children or not isinstance(quote[0], nodes.paragraph):
        return None
    # MyST는 굵은 글씨 앞에 빈 글을 두기도 합니다.
    first = next((child for child in quote[0].children if child.astext().strip()), None)
    return first if isinstance(first, nodes.strong) else None


def lead_in(quote: nodes.block_quote) -> str | None:
    """인용의 첫머리가 `**참고.**` 꼴이면 그 낱말을 돌려줍니다."""
    strong = lead_word(quote)
    word = strong.astext().strip() if strong is not None else ""
    return word[:-1] if word.endswith((".", ":")) and word[:-1] in KINDS else None


def to_admonition(quote: nodes.block_quote, word: str) -> nodes.admonition:
    paragraph = quote[0]
    strong = lead_word(quote)
    after = paragraph.children[paragraph.index(strong) + 1 :]
    if after and isinstance(after[0], nodes.Text):
        after[0] = nodes.Text(str(after[0]).lstrip())
    paragraph.children = []
    paragraph.extend(after)
    box = nodes.admonition("", classes=[KINDS[word]])
    box += nodes.title("", word)
    box.extend(child for child in quote.children if child is not paragraph or paragraph.astext().strip())
    box.source, box.line = quote.source, quote.line
    return box


class LeadInAdmonitions(SphinxTransform):
    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        for quote in list(self.document.findall(nodes.block_quote)):
            if word := lead_in(quote):
                quote.replace_self(to_admonition(quote, word))


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_transform(LeadInAdmonitions)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
