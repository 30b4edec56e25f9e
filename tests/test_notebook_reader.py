"""노트북을 읽는 모듈: 목차, 장의 정보, 글, 읽는 시간."""

from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import notebooks
from course.notebooks import Chapter, chapters, find, parts, prose, reading_minutes


def test_the_table_of_contents_is_read_in_order(tmp_path: Path) -> None:
    toc = tmp_path / "_toc.yml"
    toc.write_text(
        "format: jb-book\nroot: book/index\nparts:\n"
        "  - caption: 하나\n    chapters:\n      - file: book/one.md\n"
        "        sections:\n          - file: notebooks/cnn/digits.ipynb\n"
        "  - caption: 둘\n    chapters:\n      - file: notebooks/없는/장\n",
        encoding="utf-8",
    )
    found = parts(toc)
    assert [(part.caption, part.docnames) for part in found] == [
        ("하나", ("book/one", "notebooks/cnn/digits")),
        ("둘", ("notebooks/없는/장",)),
    ]
    assert [[chapter.name for chapter in part.chapters] for part in found] == [["cnn/digits"], []]


@pytest.mark.parametrize("name", ["cnn/digits", "notebooks/cnn/digits", "notebooks/cnn/digits.ipynb"])
def test_a_chapter_is_found_by_any_of_its_names(name: str) -> None:
    assert find(name) == Chapter("cnn/digits")
    assert find("cnn/없는장") is None


def test_what_is_read_may_be_changed_freely() -> None:
    first = chapters()[0]
    first.read().cells.clear()
    assert first.read().cells
    assert first.title != first.name


def test_prose_keeps_places_and_drops_what_is_not_text() -> None:
    text = "글 `코드` $x$ [이름](주소.md)\n```python\nx = 1\n```\n<b>끝</b>"
    kept = prose(text)
    assert len(kept) == len(text)
    assert kept.split() == ["글", "[이름]", "끝"]


def notebook(*cells: NotebookNode) -> NotebookNode:
    return new_notebook(cells=list(cells))


def code(lines: int, *tags: str, alt: str = "") -> NotebookNode:
    cell = new_code_cell("x = 1\n\n" * lines, metadata={"tags": list(tags)})
    if alt:
        cell.metadata["mystnb"] = {"image": {"alt": alt}}
    return cell


def test_minutes_count_prose_visible_code_and_figures() -> None:
    page = "가" * notebooks.CHARACTERS_PER_MINUTE
    assert reading_minutes(notebook(new_markdown_cell(page * 4))) == 4
    assert reading_minutes(notebook(code(60))) == 7
    assert reading_minutes(notebook(code(60, "hide-input"))) == 1
    assert reading_minutes(notebook(*(code(0, alt="그림") for _ in range(9)))) == 3


def test_minutes_leave_out_what_is_folded_or_exercise() -> None:
    page = "가" * notebooks.CHARACTERS_PER_MINUTE
    cells = [
        new_markdown_cell(f"## 본문\n\n{page * 2}"),
        new_markdown_cell(f"### 더 깊이: 접힘\n\n{page * 3}\n\n#### 그 아래\n\n{page * 3}"),
        code(100),
        new_markdown_cell(f"### 다시 본문\n\n{page}"),
        new_markdown_cell(
            f"## 스스로 점검\n\n{page}\n\n<details><summary>답</summary>\n\n{page * 5}\n\n</details>"
        ),
        new_markdown_cell(f"## 연습 문제\n\n{page * 9}"),
        new_markdown_cell(f"## 정리\n\n{page}"),
        new_markdown_cell(f"## 참고 문헌\n\n{page * 9}"),
    ]
    assert reading_minutes(notebook(*cells)) == 5
