"""검사 명령."""

import importlib.util
import os
import subprocess
import sys

from course import cache, execute
from course.bootstrap import BUILD, ROOT, Stop
from course.notebooks import chapters


def test(*arguments: str) -> int:
    """`make test`: 단위 검사와, nbval로 다시 실행하는 노트북 검사를 나란히 합니다.

    오래 걸리는 노트북부터 나누어 줍니다. 긴 것이 마지막에 혼자 남으면 다른 코어가 놉니다.
    """
    BUILD.mkdir(exist_ok=True)
    longest_first = sorted(chapters(), key=lambda chapter: chapter.seconds, reverse=True)
    notebooks = [execute.relative(chapter.path) for chapter in longest_first]
    command = [
        sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=1800",
        "-n", str(cache.worker_count()), "--dist=loadfile", "--no-loadscope-reorder",
        "--ignore=tests/site", "--durations=15", *notebooks, "tests", *arguments,
    ]  # fmt: skip
    return subprocess.call(command, cwd=ROOT, env=execute.hermetic_environment())


def check_site(*arguments: str) -> int:
    """`make check-site`: 만들어 둔 책을 시스템의 Chromium으로 열어 검사합니다."""
    from course.book import HTML

    if not (HTML / "index.html").exists():
        raise Stop("아직 책이 없습니다. 먼저 `make book`을 하세요.")
    if importlib.util.find_spec("playwright") is None:
        raise Stop("playwright가 없습니다. `make book`을 다시 하면 설치됩니다.")
    command = [sys.executable, "-m", "pytest", "tests/site", "--durations=10", *arguments]
    return subprocess.call(command, cwd=ROOT, env=dict(os.environ))
