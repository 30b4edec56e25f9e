"""장의 차례(_toc.yml)와 노트북에 적힌 장 정보를 읽습니다. 여러 확장이 함께 씁니다."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

DIFFICULTY = {1: "쉬움", 2: "보통", 3: "도전"}


@dataclass(frozen=True)
class Part:
    """목차의 한 부분: 이름과 그 안의 문서들."""

    caption: str
    docnames: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """노트북 하나에서 읽은 장 정보."""

    docname: str
    title: str
    description: str = ""
    minutes: int = 0
    difficulty: int = 0
    cover_alt: str = ""
    script: str = ""
    extra: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def key(self) -> str:
        """`cnn/digits`처럼 부분과 장을 가리키는 짧은 이름."""
        return "/".join(self.docname.split("/")[-2:])

    @property
    def difficulty_name(self) -> str:
        return DIFFICULTY.get(self.difficulty, "")


def read_parts(toc_path: Path) -> list[Part]:
    toc = yaml.safe_load(toc_path.read_text(encoding="utf-8"))
    return [
        Part(part.get("caption", ""), tuple(_files(part.get("chapters", []))))
        for part in toc.get("parts", [])
    ]


def _files(entries: list[dict[str, Any]]) -> list[str]:
    found = []
    for entry in entries:
        if "file" in entry:
            found.append(entry["file"].removesuffix(".md").removesuffix(".ipynb"))
        found.extend(_files(entry.get("sections", [])))
    return found


def read_chapter(path: Path, docname: str) -> Chapter:
    """노트북 파일에서 제목, 걸리는 시간, 난이도, 표지 그림의 설명을 읽습니다."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    info = notebook.get("metadata", {}).get("dlko", {})
    return Chapter(
        docname=docname,
        title=_first_heading(notebook) or docname,
        description=str(info.get("description", "")).strip(),
        minutes=int(info.get("minutes", 0) or 0),
        difficulty=int(info.get("difficulty", 0) or 0),
        cover_alt=_cover_alt(notebook),
        script=str(info.get("script", "")),
        extra=dict(info),
    )


def find_chapter(source_dir: Path, docname: str) -> Chapter | None:
    """문서가 노트북이면 그 장 정보를, 아니면 None을 돌려줍니다."""
    path = Path(source_dir) / f"{docname}.ipynb"
    return read_chapter(path, docname) if path.exists() else None


def _first_heading(notebook: dict[str, Any]) -> str:
    for cell in notebook.get("cells", []):
        if cell.get("cell_type") != "markdown":
            continue
        for line in "".join(cell.get("source", "")).splitlines():
            if line.startswith("# "):
                return line[2:].strip()
    return ""


def _cover_alt(notebook: dict[str, Any]) -> str:
    for cell in notebook.get("cells", []):
        metadata = cell.get("metadata", {})
        if "cover" in metadata.get("tags", []):
            return str(metadata.get("mystnb", {}).get("image", {}).get("alt", ""))
    return ""
