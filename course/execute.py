"""노트북을 실행합니다. 책, 전체 실행, 속도 비교, 기록, Colab판 검사가 모두 이 모듈로 실행합니다."""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from course.bootstrap import BUILD, ROOT, Stop, own_environment
from course.notebooks import Chapter, alt_text, chapters, code_cells, find, solutions, tidy, write

KERNEL_LOG = BUILD / "logs" / "kernels.log"
REPORT = "report.json"
# 파이썬은 객체가 늘 때마다, 또 끝날 때 한 번 더, 서로 가리키는 객체를 찾아 치웁니다. TensorFlow의 그래프나 쪽의 나무처럼
# 오래 쓰는 객체가 많으면 헛일이 대부분입니다. 그래서 치우는 일을 드물게 합니다. 임시 폴더를 지우는 것 같은 다른 뒷정리는
# 그대로 합니다.
COLLECT_RARELY = "import atexit, gc; gc.set_threshold(50_000, 20, 100); atexit.register(gc.freeze)"

# Colab의 TensorFlow 2.19는 XLA를 처음 쓸 때 경고가 아닌 안내(I)도 오류 스트림에 적습니다.
INFORMATION = re.compile(
    r"^(?:WARNING: All log messages before absl::InitializeLog|I0000 ).*\n?", re.MULTILINE
)


class ChapterFailed(Exception):
    """노트북 하나가 실패했습니다. 어느 칸인지 글에 들어 있습니다."""


@dataclass(frozen=True)
class Run:
    """실행된 노트북, 걸린 시간, 노트북이 남긴 것(report.json)."""

    notebook: NotebookNode
    seconds: float
    report: dict[str, Any]


# --- 커널 하나 ---------------------------------------------------------------------------------------------------


def hermetic_environment() -> dict[str, str]:
    """이 책이 쓰는 환경 변수 모두. 집에 있는 설정 파일이나 셸의 설정이 결과를 바꾸지 못하게 합니다."""
    home = BUILD / "home"
    home.mkdir(parents=True, exist_ok=True)
    names = (
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "MPLCONFIGDIR",
        "KERAS_HOME",
    )
    return {
        **own_environment(),
        **{name: str(home / name.lower()) for name in names},
        "KERAS_BACKEND": "tensorflow",
        "JUPYTER_PREFER_ENV_PATH": "1",
        # 셸이 다른 백엔드를 골라 두면 그림이 나오지 않습니다.
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }


class Session:
    """커널 하나에서 노트북의 칸을 차례로 실행합니다. `session()`으로 엽니다."""

    def __init__(self, client: NotebookClient) -> None:
        self._client = client

    def run(self, cell: NotebookNode) -> None:
        """노트북의 칸 하나를 실행합니다. 출력은 칸에 남습니다.

        Raises:
            ChapterFailed: 칸이 실패했거나, 오류 스트림(stderr)에 글이 나왔을 때.
        """
        self._run(cell, self._client.nb.cells.index(cell), f"칸 {cell.id}")

    def run_code(self, code: str, where: str) -> list[NotebookNode]:
        """노트북에 없는 코드를 실행하고 출력을 돌려줍니다. `where`는 실패했을 때 알릴 이름입니다."""
        cells = self._client.nb.cells
        cells.append(new_code_cell(code))
        try:
            self._run(cells[-1], len(cells) - 1, where)
            return list(cells[-1].outputs)
        finally:
            cells.pop()

    def value(self, expression: str, where: str) -> Any:
        """파이썬 식의 값을 JSON으로 건네받습니다."""
        code = f"import json as _json; print(_json.dumps({expression}, ensure_ascii=False))"
        text = "".join(o.text for o in self.run_code(code, where) if o.output_type == "stream")
        return json.loads(text.splitlines()[-1])

    def _run(self, cell: NotebookNode, index: int, where: str) -> None:
        try:
            self._client.execute_cell(cell, index)
        except CellExecutionError as error:
            raise ChapterFailed(f"{where}에서 실패했습니다.\n{_indent(_last_lines(str(error)))}") from None
        except CellTimeoutError:
            raise ChapterFailed(f"{where}이 정해진 시간 안에 끝나지 않았습니다.") from None
        except DeadKernelError:
            raise ChapterFailed(f"{where}에서 커널이 죽었습니다. 메모리가 모자랐을 수 있습니다.") from None
        cell.metadata.pop("execution", None)  # 실행할 때마다 달라지는 시각
        written = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")
        if noise := INFORMATION.sub("", written):
            raise ChapterFailed(
                f"{where}이 오류 스트림에 글을 썼습니다. 경고가 나지 않게 고치세요.\n{_indent(noise)}"
            )


@contextmanager
def session(
    notebook: NotebookNode,
    folder: Path,
    environment: Mapping[str, str],
    *,
    manager: KernelManager | None = None,
    timeout: int = 3600,
) -> Iterator[Session]:
    """`folder`에서 새 커널을 띄웁니다. `manager`가 없으면 이 책의 .venv로 실행합니다.

    Raises:
        ChapterFailed: 커널이 시작하지 못했을 때.
    """
    KERNEL_LOG.parent.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=timeout,
        kernel_name="python3",
        extra_arguments=[f"--IPKernelApp.exec_lines={COLLECT_RARELY}"],
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        with (
            KERNEL_LOG.open("a") as log,
            client.setup_kernel(env=dict(environment), stdout=log, stderr=log),
        ):
            yield Session(client)
    except RuntimeError as error:
        if "Kernel didn't respond" not in str(error):
            raise
        raise ChapterFailed(
            "커널이 제때 시작하지 못했습니다. 컴퓨터가 아주 바쁘거나, 프로그램끼리 잇는 localhost 연결이 막혀 있습니다.\n"
            "다른 일을 마치거나 방화벽 설정을 확인하고 다시 해 보세요."
        ) from None


@contextmanager
def chapter_session(
    chapter: Chapter, out: Path, **environment: str
) -> Iterator[tuple[Session, NotebookNode]]:
    """장의 노트북을 출력 없이 열어 새 커널을 띄웁니다. 커널이 남기는 report.json은 `out`에 놓입니다."""
    notebook = tidy(chapter.read())
    for cell in code_cells(notebook):
        cell.outputs = []
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    # 기록하는 프로그램(chapters/)과 속도 비교(course/)도 커널 안에서 불러올 수 있게 합니다.
    found = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    variables = {
        **hermetic_environment(),
        "DLKO_OUT": str(out),
        "PYTHONPATH": found,
        **environment,
    }
    with session(notebook, chapter.path.parent, variables, timeout=4 * 3600) as opened:
        yield opened, notebook


def execute(chapter: Chapter, out: Path, **environment: str) -> Run:
    """노트북 전체를 새 커널에서 실행합니다. 그다음 같은 커널에서 연습 문제의 해답도 실행해 봅니다.

    Raises:
        ChapterFailed: 칸이 실패했거나, 오류 스트림(stderr)에 글이 나왔거나, 그림이나 그 대체 글이 없거나, 해답이
            틀렸을 때.
    """
    start = time.monotonic()
    with chapter_session(chapter, out, **environment) as (kernel, notebook):
        for cell in code_cells(notebook):
            kernel.run(cell)
            require_figure(cell)
            if cell.id == "setup":  # 이제 TensorFlow가 있습니다.
                kernel.run_code("from course.kernel import quicken; quicken()", "칸 setup의 다음")
        seconds = time.monotonic() - start
        for cell_id, code in solutions(notebook):
            kernel.run_code(code, f"칸 {cell_id}의 해답")
    return Run(notebook, seconds, read_report(out))


def require_figure(cell: NotebookNode) -> None:
    """그림을 내보낸 칸에는 대체 글이, 대체 글이 있는 칸에는 그림이 있어야 합니다. 어떤 함수로 그렸는지는 따지지 않습니다.

    Raises:
        ChapterFailed: 둘 가운데 하나만 있을 때.
    """
    kinds = [kind for output in cell.outputs for kind in output.get("data", {})]
    drawn = any(kind.startswith("image/") for kind in kinds)
    if drawn and not alt_text(cell):
        raise ChapterFailed(
            f"칸 {cell.id}에 그림의 대체 글이 없습니다. 칸 메타데이터의 mystnb.image.alt에 무엇을 보여 주는지 적으세요."
        )
    if alt_text(cell) and not drawn and "text/html" not in kinds:
        raise ChapterFailed(f"칸 {cell.id}에 대체 글은 있는데 그림이 나오지 않았습니다.")


def _last_lines(text: str, count: int = 25) -> str:
    return "\n".join(without_colors(text).strip().splitlines()[-count:])


def without_colors(text: str) -> str:
    """터미널의 색을 나타내는 기호를 지웁니다."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.strip().splitlines())


def read_report(out: Path) -> dict[str, Any]:
    """커널이 `out`에 남긴 기록. `dlko.setup`이 적은 프로필, 장치, 버전은 한 겹 벗깁니다. 없으면 빈 사전입니다."""
    path = out / REPORT
    report = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for entry in report.pop("run", []):
        report |= entry
    return report


# --- 하나만 실행하기, 검사용 출력 ------------------------------------------------------------------------------------


def choose(name: str) -> Chapter:
    """`cnn/digits`나 그 파일의 이름으로 장을 고릅니다.

    Raises:
        Stop: 그런 장이 없을 때.
    """
    chapter = find(name)
    if chapter is None:
        known = ", ".join(c.name for c in chapters())
        raise Stop(f"그런 장이 없습니다: {name!r}\n있는 장: {known}")
    return chapter


def run_alone(name: str = "") -> int:
    """`make run`: 노트북 하나를 캐시 없이 실행해 시간과 출력을 보여 주고, 검사용 출력을 새로 적습니다."""
    chapter = choose(name)
    try:
        run = execute(chapter, BUILD / "run" / chapter.name)
    except ChapterFailed as error:
        raise Stop(f"■ notebooks/{chapter.name}.ipynb: {error}") from None
    for cell in code_cells(run.notebook):
        texts = [o.text if o.output_type == "stream" else o.data.get("text/plain", "") for o in cell.outputs]
        print(f"[{cell.id}]", *texts, sep="\n")
    print(f"{chapter.name}: {run.seconds:.1f}초 (혼자 실행할 때의 한도 {chapter.seconds}초)")
    if used_brought_data(run.report):
        print("가져온 데이터로 실행했습니다. 노트북에 적어 둔 검사용 출력은 그대로 둡니다.")
        return 0
    changed = update_checked_outputs(chapter, run.notebook)
    if changed:
        print(f"검사용 출력이 달라져 새로 적었습니다. 맞는지 git diff로 보세요: {', '.join(changed)}")
    return 0


def used_brought_data(report: Mapping[str, Any]) -> bool:
    """독자가 가져온 파일로 실행했는지. 그러면 출력이 검사용 출력과 다른 것이 당연합니다."""
    return any(data["source"] == "user" for data in report.get("data", []))


def update_checked_outputs(chapter: Chapter, executed: NotebookNode) -> list[str]:
    """실행된 노트북의 검사용 출력을 원본에 옮겨 적습니다. 출력이 달라진 칸의 id를 돌려줍니다."""
    fresh, changed = with_checked_outputs(chapter, executed)
    write(fresh, chapter.path)
    return changed


def with_checked_outputs(chapter: Chapter, executed: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """(실행된 노트북의 검사용 출력을 옮겨 적은 노트북, 출력이 원본과 달라진 칸의 id)."""
    fresh, before = chapter.read(), chapter.read()
    for cell, done in zip(fresh.cells, executed.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs = join_streams(done.outputs)
    fresh = tidy(fresh)
    pairs = zip(before.cells, fresh.cells, strict=True)
    return fresh, [new.id for old, new in pairs if old.get("outputs") != new.get("outputs")]


def join_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """잇달아 나온 글을 하나로 합칩니다. 글이 어디서 나뉘는지는 실행할 때마다 다릅니다."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output.copy())
    return joined


def relative(path: Path) -> str:
    """화면에 보여 줄 짧은 경로."""
    try:
        return str(path.relative_to(ROOT))
    except ValueError:
        return str(path)
