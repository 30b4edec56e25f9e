"""노트북의 코드 칸을 차례로 실행하면서, `bench-train` 표시가 있는 칸의 시간을 잽니다.

노트북에는 칸의 태그 하나만 있으면 됩니다. 코드는 손대지 않습니다. 다만 데이터를 주는 함수와 난수의 씨앗을 바꿔치기하고,
훈련과 상관없이 오래 걸리는 칸(`Plan.skip`)은 건너뜁니다.
"""

import ast
import contextlib
import hashlib
import io
import json
import linecache
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

TAG = "bench-train"
NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


@dataclass(frozen=True)
class Cell:
    id: str
    source: str
    timed: bool


class Finished(Exception):
    """재려던 부분이 끝나서 칸의 나머지는 실행하지 않습니다."""


def read_cells(path: Path) -> list[Cell]:
    """노트북의 코드 칸들. 마지막 `bench-train` 칸 뒤는 뺍니다. 그런 칸이 없으면 빈 목록입니다."""
    cells = [
        Cell(cell["id"], "".join(cell["source"]), TAG in cell["metadata"].get("tags", []))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    last = max((i for i, cell in enumerate(cells) if cell.timed), default=-1)
    return cells[: last + 1]


def fingerprint(cells: list[Cell], skip: tuple[str, ...] = ()) -> str:
    """실행되는 코드가 바뀌면 달라지는 값."""
    text = "\n".join(f"{cell.timed} {cell.source}" for cell in cells if cell.id not in skip)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@contextlib.contextmanager
def replaced(owner: Any, **changes: Any) -> Iterator[None]:
    """이 안에서만 `owner`의 속성을 바꿉니다."""
    before = {name: getattr(owner, name) for name in changes}
    for name, value in changes.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(owner, name, value)


def compile_cell(name: str, source: str, tree: ast.Module | None = None) -> CodeType:
    """칸의 코드(`tree`가 있으면 그것)를 컴파일합니다.

    tf.function은 함수의 글을 다시 읽어 계산 그래프로 옮깁니다. 파일이 없어도 그 글을 찾을 수 있게 알려 둡니다.
    """
    place = f"<칸 {name}>"
    linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
    return compile(source if tree is None else tree, place, "exec")


def run_cells(
    cells: list[Cell],
    skip: tuple[str, ...],
    given: Mapping[str, Callable[[], Any]],
    timed: Callable[[], contextlib.AbstractContextManager[None]],
    before_timed: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """칸들을 한 이름 공간에서 실행하고 그 이름 공간을 돌려줍니다.

    Args:
        cells: 실행할 칸들.
        skip: 계산을 건너뛸 칸의 id.
        given: 건너뛴 칸이 만들었을 변수와, 그것을 만드는 함수.
        timed: 잴 칸을 감쌀 문맥.
        before_timed: 잴 칸을 실행하기 바로 앞에 이름 공간을 받아 할 일.
    """
    variables: dict[str, Any] = {name: make() for name, make in given.items()}
    variables["__name__"] = "__main__"
    for cell in cells:
        tree = ast.parse(cell.source)
        if cell.id in skip:
            # 뒤의 칸이 쓸 수 있으므로 불러오기와 함수의 정의는 건너뛰지 않습니다.
            kept = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
            tree.body = [statement for statement in tree.body if isinstance(statement, kept)]
        code = compile_cell(cell.id, cell.source, tree)
        with contextlib.redirect_stdout(io.StringIO()):
            if not cell.timed:
                exec(code, variables)
                _close_figures()
                continue
            before_timed(variables)
            try:
                with timed():
                    exec(code, variables)
            except Finished:
                return variables
    return variables


def _close_figures() -> None:
    import matplotlib.pyplot as plt

    plt.close("all")
