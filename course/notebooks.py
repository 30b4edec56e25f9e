"""노트북 원본(.ipynb)을 읽고 다듬는 일."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode

from course.bootstrap import ROOT

NOTEBOOKS = ROOT / "notebooks"
CHECK_MARK = "# NBVAL_CHECK_OUTPUT"
SOLUTION = re.compile(r"<details>\s*<summary>해답[^<]*</summary>(.*?)</details>", re.DOTALL)
PYTHON_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Chapter:
    """책의 한 장. `name`은 `cnn/digits` 같은 이름입니다."""

    name: str

    @property
    def path(self) -> Path:
        return NOTEBOOKS / f"{self.name}.ipynb"

    def read(self) -> NotebookNode:
        return nbformat.read(self.path, as_version=4)

    def budget(self) -> int:
        """코어 둘에서 혼자 짧게(quick) 실행할 때 넘지 않기로 한 초."""
        return int(self.read().metadata.get("dlko", {}).get("seconds", 30))


def chapters() -> list[Chapter]:
    """목차(_toc.yml)의 순서대로 늘어놓은 모든 장."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = _files(toc)
    prefix = "notebooks/"
    return [Chapter(file.removeprefix(prefix)) for file in files if file.startswith(prefix)]


def _files(node: object) -> Iterator[str]:
    """목차 나무에서 `file:` 값을 차례로 꺼냅니다."""
    if isinstance(node, dict):
        if isinstance(node.get("file"), str):
            yield node["file"].removesuffix(".ipynb")
        for value in node.values():
            yield from _files(value)
    elif isinstance(node, list):
        for value in node:
            yield from _files(value)


def is_checked(cell: NotebookNode) -> bool:
    """nbval이 출력을 비교하는 칸인지."""
    return cell.cell_type == "code" and CHECK_MARK in cell.source


def solutions(notebook: NotebookNode) -> list[tuple[str, str]]:
    """연습 문제 해답의 코드들. (칸 id, 코드)의 목록입니다."""
    return [
        (cell.id, code)
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for details in SOLUTION.findall(cell.source)
        for code in PYTHON_BLOCK.findall(details)
    ]


def tidy(notebook: NotebookNode) -> NotebookNode:
    """실행 흔적을 지웁니다. 검사용 칸의 출력만 남깁니다. 받은 노트북을 고쳐서 돌려줍니다."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if not is_checked(cell):
            cell.outputs = []
        # nbval은 출력이 있는데 실행 번호가 없는 칸을 잘못으로 봅니다. 번호는 늘 1로 두어 바뀌지 않게 합니다.
        cell.execution_count = 1 if cell.outputs else None
        for output in cell.outputs:
            if "execution_count" in output:
                output["execution_count"] = 1
        for name in ("execution", "collapsed", "ExecuteTime"):
            cell.metadata.pop(name, None)
    kept = ("dlko", "kernelspec")
    notebook.metadata = NotebookNode(
        {name: notebook.metadata[name] for name in kept if name in notebook.metadata}
    )
    notebook.metadata["kernelspec"] = NotebookNode(display_name="Python 3", language="python", name="python3")
    notebook.metadata["language_info"] = NotebookNode(name="python")
    return notebook


def write(notebook: NotebookNode, path: Path) -> None:
    """노트북을 씁니다. 쓰다가 멈추어도 원래 파일이 상하지 않도록 새 파일에 쓴 뒤 바꿉니다."""
    temporary = path.with_suffix(".ipynb.tmp")
    nbformat.write(notebook, temporary)
    temporary.replace(path)


def tidy_all() -> None:
    """모든 노트북을 다듬습니다."""
    for path in sorted(NOTEBOOKS.rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        before = path.read_text(encoding="utf-8")
        write(tidy(nbformat.read(path, as_version=4)), path)
        if path.read_text(encoding="utf-8") != before:
            print(f"다듬었습니다: {path.relative_to(ROOT)}")
