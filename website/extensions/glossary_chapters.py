"""용어집의 항목마다 그 용어가 처음 나오는 장의 링크를 붙입니다. 사람이 적으면 장이 늘 때 어긋납니다."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from website.chapters import find_chapter
from website.terms import ENTRY_BLOCK, OTHER_NAMES, first_chapters, parse_entry, read_terms, split_entries

GLOSSARY = "book/glossary"


def add_links(source: str, links: dict[str, str]) -> str:
    """`links`는 용어의 한국어 이름에서 Markdown 링크로 가는 사전입니다."""

    def with_link(entry: str) -> str:
        lines = entry.rstrip().splitlines()
        note = [line.strip() for line in lines if line.strip().startswith(OTHER_NAMES)]
        kept = [line for line in lines if not line.strip().startswith(OTHER_NAMES)]
        link = links.get(parse_entry(entry).korean)
        note += [f"처음 나오는 장: {link}"] if link else []
        return "\n".join(kept) + (f"\n\n  {' · '.join(note)}" if note else "")

    def rewrite(block: str) -> str:
        return "\n\n".join(with_link(entry) for entry in split_entries(block))

    return ENTRY_BLOCK.sub(lambda match: match[0].replace(match[1], rewrite(match[1]) + "\n"), source)


def add_first_chapters(app: Sphinx, docname: str, content: list[str]) -> None:
    if docname != GLOSSARY:
        return
    links = {}
    for korean, target in first_chapters(read_terms(content[0]), Path(app.srcdir)).items():
        chapter = find_chapter(Path(app.srcdir), target)
        path = os.path.relpath(f"{target}.ipynb", Path(GLOSSARY).parent).replace(os.sep, "/")
        links[korean] = f"[{chapter.title if chapter else target}]({path})"
    content[0] = add_links(content[0], links)


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """장이 바뀌면 용어집도 다시 읽습니다."""
    touched = added | changed | removed
    moved = any(name.startswith("notebooks/") for name in touched)
    return [GLOSSARY] if moved and GLOSSARY in env.all_docs else []


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", add_first_chapters)
    app.connect("env-get-outdated", outdated)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
