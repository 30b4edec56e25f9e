"""노트북을 실행해 jupyter-cache에 넣습니다. 바뀌지 않은 노트북은 다시 실행하지 않습니다.

책을 그리는 Jupyter Book은 이 캐시에서 출력을 읽기만 합니다.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import psutil
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from course.bootstrap import BUILD, ROOT, Stop
from course.notebooks import Chapter, chapters, solutions, tidy, write

CACHE = BUILD / ".jupyter_cache"
ARTIFACTS = BUILD / "artifacts"
KERNEL_LOG = BUILD / "logs" / "kernels.log"
REPORT = "report.json"
COVER = "cover.png"
GIGABYTES_PER_NOTEBOOK = 3


class ChapterFailed(Exception):
    """노트북 하나가 실패했습니다. 어느 칸인지 글에 들어 있습니다."""


@dataclass(frozen=True)
class Run:
    """실행된 노트북과 걸린 시간."""

    notebook: NotebookNode
    seconds: float


def artifacts(chapter: Chapter) -> Path:
    """장이 남긴 것(실행 기록, 표지 그림, 뒷날의 모델)을 두는 폴더. 캐시와 함께 살고 함께 지워집니다."""
    return ARTIFACTS / chapter.name


def run_environment(chapter: Chapter) -> dict[str, str]:
    """노트북 커널의 환경 변수."""
    environment = dict(os.environ, **hermetic_environment())
    environment["DLKO_OUT"] = str(artifacts(chapter))
    return environment


def hermetic_environment() -> dict[str, str]:
    """집에 있는 설정 파일이 결과를 바꾸지 못하게 합니다."""
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
    folders = {name: str(home / name.lower()) for name in names}
    return {**folders, "KERAS_BACKEND": "tensorflow", "JUPYTER_PREFER_ENV_PATH": "1"}


def execute(chapter: Chapter, timeout: int = 3600) -> Run:
    """노트북을 새 커널에서 실행합니다. 그다음 같은 커널에서 연습 문제의 해답도 실행해 봅니다.

    Raises:
        ChapterFailed: 칸이 실패했거나, 오류 스트림(stderr)에 글이 나왔거나, 해답이 틀렸을 때.
    """
    notebook = tidy(chapter.read())
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    shutil.rmtree(artifacts(chapter), ignore_errors=True)
    artifacts(chapter).mkdir(parents=True)
    KERNEL_LOG.parent.mkdir(parents=True, exist_ok=True)
    folder = {"metadata": {"path": str(chapter.path.parent)}}
    client = NotebookClient(notebook, timeout=timeout, kernel_name="python3", resources=folder)
    start = time.monotonic()
    try:
        with (
            KERNEL_LOG.open("a") as log,
            client.setup_kernel(env=run_environment(chapter), stdout=log, stderr=log),
        ):
            for index, cell in enumerate(notebook.cells):
                if cell.cell_type == "code":
                    _execute_cell(client, cell, index, f"칸 {cell.id}")
                    _require_alt_text(cell)
            seconds = time.monotonic() - start
            for cell_id, code in solutions(notebook):
                _execute_solution(client, code, cell_id)
    except RuntimeError as error:
        if "Kernel didn't respond" not in str(error):
            raise
        raise ChapterFailed(
            "커널이 제때 시작하지 못했습니다. 컴퓨터가 아주 바쁘거나, 프로그램끼리 잇는 localhost 연결이 막혀 있습니다.\n"
            "다른 일을 마치거나 방화벽 설정을 확인하고 다시 해 보세요."
        ) from None
    return Run(tidy_execution(notebook), seconds)


def tidy_execution(notebook: NotebookNode) -> NotebookNode:
    """실행할 때마다 달라지는 기록(시각)을 지웁니다."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def _execute_cell(client: NotebookClient, cell: NotebookNode, index: int, where: str) -> None:
    try:
        client.execute_cell(cell, index)
    except CellExecutionError as error:
        raise ChapterFailed(f"{where}에서 실패했습니다.\n{_indent(_last_lines(str(error)))}") from None
    except CellTimeoutError:
        raise ChapterFailed(f"{where}이 정해진 시간 안에 끝나지 않았습니다.") from None
    except DeadKernelError:
        raise ChapterFailed(f"{where}에서 커널이 죽었습니다. 메모리가 모자랐을 수 있습니다.") from None
    noise = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")
    if noise:
        raise ChapterFailed(
            f"{where}이 오류 스트림에 글을 썼습니다. 경고가 나지 않게 고치세요.\n{_indent(noise)}"
        )


def _require_alt_text(cell: NotebookNode) -> None:
    """그림을 내보낸 칸에는 그림을 말로 옮긴 대체 글이 있어야 합니다. 어떤 함수로 그렸는지는 따지지 않습니다."""
    drawn = any(kind.startswith("image/") for output in cell.outputs for kind in output.get("data", {}))
    if drawn and not cell.metadata.get("mystnb", {}).get("image", {}).get("alt"):
        raise ChapterFailed(
            f"칸 {cell.id}에 그림의 대체 글이 없습니다. 칸 메타데이터의 mystnb.image.alt에 무엇을 보여 주는지 적으세요."
        )


def _execute_solution(client: NotebookClient, code: str, cell_id: str) -> None:
    """해답 코드를 노트북 끝에 붙여 실행하고 다시 떼어 냅니다."""
    cells = client.nb.cells
    cells.append(new_code_cell(code))
    try:
        _execute_cell(client, cells[-1], len(cells) - 1, f"칸 {cell_id}의 해답")
    finally:
        cells.pop()


def _last_lines(text: str, count: int = 25) -> str:
    return "\n".join(without_colors(text).strip().splitlines()[-count:])


def without_colors(text: str) -> str:
    """터미널의 색을 나타내는 기호를 지웁니다."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.strip().splitlines())


def execute_all(wanted: Iterable[Chapter], workers: int) -> None:
    """캐시에 없는 노트북만 나란히 실행합니다. 하나가 실패해도 나머지는 끝까지 실행합니다.

    Raises:
        Stop: 실패한 노트북이 있을 때. 어느 장의 어느 칸인지 알립니다.
    """
    wanted = list(wanted)
    cache = open_cache()
    todo = sorted((c for c in wanted if cached(cache, c) is None), key=_expected_seconds, reverse=True)
    if not todo:
        return
    print(
        f"[실행] 노트북 {len(wanted)}개 가운데 {len(todo)}개를 {min(workers, len(todo))}개씩 나란히 실행합니다."
    )
    start = time.monotonic()
    failures: dict[str, str] = {}
    finished = 0
    with ThreadPoolExecutor(max_workers=workers) as pool, _Heartbeat(start) as heartbeat:
        tasks = {pool.submit(heartbeat.watch, chapter.name, execute, chapter): chapter for chapter in todo}
        try:
            for task in as_completed(tasks):
                chapter = tasks[task]
                finished += 1
                progress = f"[실행 {finished}/{len(todo)}] {chapter.name}"
                try:
                    run = task.result()
                except ChapterFailed as error:
                    failures[chapter.name] = str(error)
                    print(f"{progress}: 실패")
                    continue
                store(cache, chapter, run)
                elapsed = time.monotonic() - start
                print(f"{progress}: {run.seconds:.0f}초 (시작한 지 {elapsed:.0f}초)")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop_kernels()
            raise
    if failures:
        details = "\n\n".join(f"■ notebooks/{name}.ipynb: {text}" for name, text in failures.items())
        raise Stop(f"노트북 {len(failures)}개가 실패했습니다. 책을 만들지 않았습니다.\n\n{details}")


class _Heartbeat:
    """오래 걸리는 실행이 살아 있음을 30초마다 한 줄로 알립니다."""

    def __init__(self, start: float) -> None:
        self.start = start
        self.running: dict[str, float] = {}
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def watch(self, name: str, function, *arguments):  # type: ignore[no-untyped-def]
        self.running[name] = time.monotonic()
        try:
            return function(*arguments)
        finally:
            self.running.pop(name, None)

    def _beat(self) -> None:
        while not self.done.wait(30):
            now = time.monotonic()
            names = ", ".join(f"{name} {now - begun:.0f}초째" for name, begun in self.running.copy().items())
            if names:
                print(f"[실행]   … {names}")

    def __enter__(self) -> "_Heartbeat":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()


def stop_kernels() -> None:
    """이 명령이 띄운 커널을 모두 끝냅니다."""
    for process in psutil.Process().children(recursive=True):
        process.kill()


def worker_count() -> int:
    """나란히 실행할 노트북 수. 코어와 메모리에 맞추고, GPU에서는 하나씩 실행합니다."""
    if any(Path("/dev").glob("nvidia[0-9]*")) or shutil.which("nvidia-smi"):
        return 1
    memory = psutil.virtual_memory().available / 1e9
    return max(1, min(os.cpu_count() or 1, int(memory / GIGABYTES_PER_NOTEBOOK)))


def open_cache() -> JupyterCacheAbstract:
    CACHE.mkdir(parents=True, exist_ok=True)
    return get_cache(str(CACHE))


def cached(cache: JupyterCacheAbstract, chapter: Chapter) -> NotebookNode | None:
    """실행 결과가 캐시에 있으면 돌려줍니다. 해답만 바뀌었어도 다시 실행해야 하므로 None입니다."""
    notebook = chapter.read()
    if read_report(chapter).get("solutions") != _solutions_hash(notebook):
        return None
    try:
        return cache.merge_match_into_notebook(notebook)[1]
    except KeyError:
        return None


def store(cache: JupyterCacheAbstract, chapter: Chapter, run: Run) -> None:
    """실행한 노트북을 캐시에 넣고, 실행 기록과 표지 그림을 남깁니다."""
    bundle = CacheBundleIn(run.notebook, uri=str(chapter.path), data={"execution_seconds": run.seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    write_report(chapter, run)
    folder = artifacts(chapter)
    cover = _cover_image(run.notebook)
    if cover:
        folder.joinpath(COVER).write_bytes(cover)


def write_report(chapter: Chapter, run: Run) -> dict:
    """노트북이 남긴 기록에 장의 이름과 시간을 더해 다시 씁니다."""
    report = read_report(chapter)
    for entry in report.pop("run", []):
        report |= entry
    report |= {
        "chapter": chapter.name,
        "title": _title(run.notebook),
        "seconds": round(run.seconds, 1),
        "solutions": _solutions_hash(run.notebook),
    }
    text = json.dumps(report, ensure_ascii=False, indent=1)
    artifacts(chapter).joinpath(REPORT).write_text(text + "\n", encoding="utf-8")
    return report


def read_report(chapter: Chapter) -> dict:
    """장의 실행 기록. 없으면 빈 사전입니다."""
    path = artifacts(chapter) / REPORT
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _expected_seconds(chapter: Chapter) -> float:
    """지난번에 걸린 시간. 모르면 노트북에 적어 둔 한도로 봅니다. 오래 걸리는 장을 먼저 시작하려고 씁니다."""
    return float(read_report(chapter).get("seconds") or chapter.seconds)


def _solutions_hash(notebook: NotebookNode) -> str:
    return hashlib.sha256(json.dumps(solutions(notebook)).encode()).hexdigest()[:16]


def _title(notebook: NotebookNode) -> str:
    first_line: str = notebook.cells[0].source.strip().splitlines()[0]
    return first_line.lstrip("# ").strip()


def _cover_image(notebook: NotebookNode) -> bytes | None:
    """꼬리표 cover가 붙은 칸의 첫 그림."""
    for cell in notebook.cells:
        if "cover" in cell.metadata.get("tags", []):
            for output in cell.get("outputs", []):
                if "image/png" in output.get("data", {}):
                    return base64.b64decode(output.data["image/png"])
    return None


def run_alone(name: str = "") -> int:
    """노트북 하나를 캐시 없이 실행해 시간과 출력을 보여 주고, 검사용 출력을 새로 적습니다."""
    chapter = Chapter(name.removeprefix("notebooks/").removesuffix(".ipynb"))
    if not chapter.path.exists():
        known = ", ".join(c.name for c in chapters())
        raise Stop(f"그런 장이 없습니다: {name!r}\n있는 장: {known}")
    try:
        run = execute(chapter)
    except ChapterFailed as error:
        raise Stop(f"■ notebooks/{chapter.name}.ipynb: {error}") from None
    for cell in run.notebook.cells:
        if cell.cell_type == "code":
            texts = [
                o.text if o.output_type == "stream" else o.data.get("text/plain", "") for o in cell.outputs
            ]
            print(f"[{cell.id}]", *texts, sep="\n")
    print(f"{chapter.name}: {run.seconds:.1f}초 (혼자 실행할 때의 한도 {chapter.seconds}초)")
    changed = update_checked_outputs(chapter, run.notebook)
    if changed:
        print(f"검사용 출력이 달라져 새로 적었습니다. 맞는지 git diff로 보세요: {', '.join(changed)}")
    return 0


def update_checked_outputs(chapter: Chapter, executed: NotebookNode) -> list[str]:
    """실행된 노트북의 검사용 출력을 원본에 옮겨 적습니다. 출력이 달라진 칸의 id를 돌려줍니다."""
    source, before = chapter.read(), chapter.read()
    for cell, done in zip(source.cells, executed.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs = join_streams(done.outputs)
    write(tidy(source), chapter.path)
    pairs = zip(before.cells, source.cells, strict=True)
    return [new.id for old, new in pairs if old.get("outputs") != new.get("outputs")]


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
