"""책에 넣을 실행: 바뀐 장만 나란히 실행해 jupyter-cache에 넣습니다.

책을 그리는 Jupyter Book은 이 캐시에서 출력을 읽기만 합니다.
"""

import base64
import json
import os
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import psutil
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbformat import NotebookNode

from course import cache_key, execute
from course.bootstrap import BUILD, Stop
from course.notebooks import COVER, Chapter, has_tag

CACHE = BUILD / ".jupyter_cache"
ARTIFACTS = BUILD / "artifacts"  # 실행이 남긴 것: 실행 기록, 표지 그림
GIGABYTES_PER_NOTEBOOK = 3
# 나란히 도는 커널들이 같은 코어를 두고 다투지 않게 커널마다 한 코어만 씁니다. 코어의 수가 결과를 바꾸지도 않습니다.
ONE_CORE = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


def artifacts(chapter: Chapter) -> Path:
    """책이 보여 주는 실행이 남긴 것을 두는 폴더. 캐시와 함께 살고 함께 지워집니다."""
    return ARTIFACTS / chapter.name


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
    # 실행하는 동안 도우미를 고쳐도, 고치기 전의 실행이 고친 뒤의 것으로 남지 않게 미리 셈합니다.
    keys = {chapter.name: cache_key.of(chapter) for chapter in todo}
    environment = ONE_CORE if workers > 1 else {}
    with ThreadPoolExecutor(max_workers=workers) as pool, _Heartbeat(environment) as heartbeat:
        tasks = {pool.submit(heartbeat.watch, chapter): chapter for chapter in todo}
        try:
            for finished, task in enumerate(as_completed(tasks), start=1):
                chapter = tasks[task]
                progress = f"[실행 {finished}/{len(todo)}] {chapter.name}"
                try:
                    run = task.result()
                except execute.ChapterFailed as error:
                    failures[chapter.name] = str(error)
                    print(f"{progress}: 실패")
                    continue
                store(cache, chapter, run, keys[chapter.name])
                print(f"{progress}: {run.seconds:.0f}초 (시작한 지 {time.monotonic() - start:.0f}초)")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop_kernels()
            raise
    if failures:
        details = "\n\n".join(f"■ notebooks/{name}.ipynb: {text}" for name, text in failures.items())
        raise Stop(f"노트북 {len(failures)}개가 실패했습니다. 책을 만들지 않았습니다.\n\n{details}")


class _Heartbeat:
    """오래 걸리는 실행이 살아 있음을 30초마다 한 줄로 알립니다."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.running: dict[str, float] = {}
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def watch(self, chapter: Chapter) -> execute.Run:
        self.running[chapter.name] = time.monotonic()
        try:
            return execute.execute(chapter, artifacts(chapter), **self.environment)
        finally:
            self.running.pop(chapter.name, None)

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
    """나란히 실행할 노트북 수. 이 프로세스가 쓸 수 있는 코어와 메모리에 맞추고, GPU에서는 하나씩 실행합니다."""
    if cache_key.has_gpu():
        return 1
    return max(1, min(usable_cores(), int(usable_memory() / 1e9 / GIGABYTES_PER_NOTEBOOK)))


def usable_cores() -> int:
    """이 프로세스가 쓸 수 있는 코어. 컨테이너나 taskset이 줄여 둔 것을 따릅니다."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup("cpu.max").split()
    if len(quota) == 2 and quota[0].isdigit():
        cores = min(cores, max(1, int(quota[0]) // int(quota[1])))
    return cores


def usable_memory() -> int:
    """이 프로세스가 쓸 수 있는 메모리(바이트)."""
    limit, used = _cgroup("memory.max"), _cgroup("memory.current")
    available = int(psutil.virtual_memory().available)
    return min(available, int(limit) - int(used or 0)) if limit.isdigit() else available


def _cgroup(name: str) -> str:
    try:
        return Path("/sys/fs/cgroup", name).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def open_cache() -> JupyterCacheAbstract:
    """실행 결과의 캐시. 처음 만들다가 멈추어 읽을 수 없으면 새로 만듭니다."""
    CACHE.mkdir(parents=True, exist_ok=True)
    cache = get_cache(str(CACHE))
    try:
        cache.list_cache_records()
    except RuntimeError:
        cache.clear_cache()
        return get_cache(str(CACHE))
    return cache


def cached(cache: JupyterCacheAbstract, chapter: Chapter) -> NotebookNode | None:
    """실행 결과가 캐시에 있고, 그것을 정한 것들이 그대로이면 돌려줍니다."""
    if stored_report(chapter).get("key") != cache_key.of(chapter):
        return None
    try:
        return cache.merge_match_into_notebook(chapter.read())[1]
    except KeyError:
        return None


def store(cache: JupyterCacheAbstract, chapter: Chapter, run: execute.Run, key: str) -> None:
    """실행한 노트북을 캐시에 넣고, 실행 기록과 표지 그림을 남깁니다. `key`는 실행하기 전의 `cache_key.of`입니다."""
    bundle = CacheBundleIn(run.notebook, uri=str(chapter.path), data={"execution_seconds": run.seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    report = run.report | {"seconds": round(run.seconds, 1), "key": key}
    folder = artifacts(chapter)
    if cover := _cover_image(run.notebook):
        folder.joinpath("cover.png").write_bytes(cover)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    folder.joinpath(execute.REPORT).write_text(text + "\n", encoding="utf-8")


def stored_report(chapter: Chapter) -> dict[str, Any]:
    """책이 보여 주는 실행의 기록. 없으면 빈 사전입니다."""
    return execute.read_report(artifacts(chapter))


def _expected_seconds(chapter: Chapter) -> float:
    """지난번에 걸린 시간. 모르면 노트북에 적어 둔 한도로 봅니다. 오래 걸리는 장을 먼저 시작하려고 씁니다."""
    return float(stored_report(chapter).get("seconds") or chapter.seconds)


def _cover_image(notebook: NotebookNode) -> bytes | None:
    """태그 cover가 붙은 칸의 첫 그림."""
    for cell in notebook.cells:
        if has_tag(cell, COVER):
            for output in cell.get("outputs", []):
                if "image/png" in output.get("data", {}):
                    return base64.b64decode(output.data["image/png"])
    return None
