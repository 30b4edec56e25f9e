"""Colab에서 열기, 원본 보기, 고치기 제안 링크를 답니다.

저장소 주소는 빌드할 때 환경 변수로만 들어옵니다. 모르면 링크를 달지 않고 그 까닭을 한 번 말합니다.
DLKO_REPOSITORY=주인/이름, DLKO_COLAB_BRANCH=Colab판 노트북이 있는 가지, DLKO_BRANCH=원본 가지(기본 main)
"""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import quote

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)
NEW_TAB = ' target="_blank" rel="noopener"'
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


def colab_url(repository: str, branch: str, path: str) -> str:
    """Colab판 가지에는 notebooks 폴더 없이 `부/장.ipynb`로 놓입니다."""
    path = path.removeprefix("notebooks/")
    return f"https://colab.research.google.com/github/{repository}/blob/{quote(branch)}/{quote(path)}"


def source_url(repository: str, branch: str, path: str, action: str = "blob") -> str:
    return f"https://github.com/{repository}/{action}/{quote(branch)}/{quote(path)}"


def tell_why_not(app: Sphinx) -> None:
    if not app.config.dlko_repository:
        logger.info("Colab 단추 없음: 저장소 주소(DLKO_REPOSITORY)를 모릅니다.")
    elif not REPOSITORY.fullmatch(app.config.dlko_repository):
        logger.warning("DLKO_REPOSITORY는 '주인/이름' 꼴이어야 합니다: %s", app.config.dlko_repository)
    elif not app.config.dlko_colab_branch:
        logger.info("Colab 단추 없음: Colab판 노트북의 가지(DLKO_COLAB_BRANCH)를 모릅니다.")


def add_links(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    repository = app.config.dlko_repository
    if doctree is None or not REPOSITORY.fullmatch(repository):
        return
    path = str(app.env.doc2path(pagename, base=False)).replace("\\", "/")
    links = context.setdefault("dlko_chapter_links", [])
    if path.endswith(".ipynb") and app.config.dlko_colab_branch:
        links.append(("Colab에서 열기", colab_url(repository, app.config.dlko_colab_branch, path), NEW_TAB))
    branch = app.config.dlko_branch
    context["dlko_source_url"] = source_url(repository, branch, path)
    if not path.endswith(".ipynb"):
        context["dlko_edit_url"] = source_url(repository, branch, path, "edit")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("dlko_repository", os.environ.get("DLKO_REPOSITORY", ""), "html")
    app.add_config_value("dlko_colab_branch", os.environ.get("DLKO_COLAB_BRANCH", ""), "html")
    app.add_config_value("dlko_branch", os.environ.get("DLKO_BRANCH", "main"), "html")
    app.connect("builder-inited", tell_why_not)
    app.connect("html-page-context", add_links, priority=500)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
