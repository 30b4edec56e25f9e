"""검사 명령."""

import importlib.util
import os
import subprocess
import sys

from course import execute
from course.bootstrap import BUILD, ROOT, Stop


def test(*arguments: str) -> int:
    """`make test`: 단위 검사와, nbval로 다시 실행하는 노트북 검사를 나란히 합니다."""
    BUILD.mkdir(exist_ok=True)
    command = [
        sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=1800",
        "-n", str(execute.worker_count()), "--dist=loadfile", "--ignore=tests/site", "--durations=15",
        "tests", "notebooks", *arguments,
    ]  # fmt: skip
    environment = dict(os.environ, **execute.hermetic_environment())
    return subprocess.call(command, cwd=ROOT, env=environment)


def check_site(*arguments: str) -> int:
    """`make check-site`: 만들어 둔 책을 시스템의 Chromium으로 열어 검사합니다."""
    from course.book import HTML

    if not (HTML / "index.html").exists():
        raise Stop("아직 책이 없습니다. 먼저 `make book`을 하세요.")
    if importlib.util.find_spec("playwright") is None:
        raise Stop("playwright가 없습니다. `make book`을 다시 하면 설치됩니다.")
    command = [sys.executable, "-m", "pytest", "tests/site", "--durations=10", *arguments]
    return subprocess.call(command, cwd=ROOT, env=dict(os.environ))
