"""쪽 하나. HTML을 한 번만 읽고, 여러 걸음이 같은 것을 고칩니다."""

from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx

from course.notebooks import Chapter


@dataclass
class Page:
    """쓰고 있는 쪽. `doctree`는 글에서 만들지 않는 쪽(찾기, 404)이면 None입니다."""

    app: Sphinx
    name: str
    context: dict[str, Any]
    doctree: nodes.document | None
    body: BeautifulSoup
    chapter: Chapter | None
    description: str = ""

    @property
    def title(self) -> str:
        return self.app.env.titles[self.name].astext()


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")
