"""검사 명령."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from course import cache, execute
from course.book import HTML, prefetch
from course.bootstrap import BUILD, ROOT, Stop
from course.notebooks import Chapter, chapters


def test(*arguments: str) -> int:
    """`make test`: 바뀐 노트북을 책과 같은 방법으로 실행하고, 검사용 출력과 단위 검사를 봅니다.

    실행은 책과 같은 캐시에 남습니다. 그래서 `make test` 다음의 `make book`은 쪽만 그리고, 그 반대도 그렇습니다.
    nbval로는 가장 짧은 한 장만 다시 실행합니다. 모든 장은 `pytest --nbval-lax notebooks`가 합니다.
    """
    environment = execute.hermetic_environment()  # 데이터를 미리 받은 뒤에는 네트워크를 끕니다.
    workers = cache.worker_count()
    BUILD.mkdir(exist_ok=True)
    prefetch(chapters())
    cache.execute_all(chapters(), workers)
    require_checked_outputs(chapters())
    shortest = min(chapters(), key=lambda chapter: chapter.seconds)
    command = [
        sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=1800",
        "-n", str(workers), "--dist=loadfile", "--no-loadscope-reorder",
        "--ignore=tests/site", "--durations=15", execute.relative(shortest.path), "tests", *arguments,
    ]  # fmt: skip
    return subprocess.call(command, cwd=ROOT, env=environment)


def require_checked_outputs(wanted: Iterable[Chapter]) -> None:
    """실행한 출력이 노트북에 적어 둔 검사용 출력과 같은지 봅니다. 가져온 데이터로 실행한 장은 보지 않습니다.

    Raises:
        Stop: 다른 칸이 있을 때. 어느 장의 어느 칸인지 알립니다.
    """
    opened, wrong = cache.open_cache(), []
    for chapter in wanted:
        if execute.used_brought_data(cache.stored_report(chapter)):
            continue
        executed = cache.cached(opened, chapter)
        assert executed is not None
        if changed := execute.with_checked_outputs(chapter, executed)[1]:
            wrong.append(f"■ notebooks/{chapter.name}.ipynb: {', '.join(changed)}")
    if wrong:
        raise Stop(
            "검사용 출력이 노트북에 적어 둔 것과 다릅니다. 새 출력이 옳으면 `make outputs`로 옮겨 적으세요.\n"
            + "\n".join(wrong)
        )


def check_site(*arguments: str) -> int:
    """`make check-site`: 만들어 둔 책을 시스템의 Chromium으로 열어 검사합니다."""
    folder = Path(os.environ.get("DLKO_SITE_FOLDER") or HTML)
    if not (folder / "index.html").exists():
        raise Stop("아직 책이 없습니다. 먼저 `make book`을 하세요.")
    if importlib.util.find_spec("playwright") is None:
        raise Stop("playwright가 없습니다. `make book`을 다시 하면 설치됩니다.")
    command = [sys.executable, "-m", "pytest", "tests/site", "--durations=10", *arguments]
    return subprocess.call(command, cwd=ROOT, env=dict(os.environ))
