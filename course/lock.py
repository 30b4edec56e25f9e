"""requirements.in에서 requirements.txt를 만듭니다. 파이썬 3.11–3.13과 여러 운영 체제에 두루 맞는 하나의 잠금입니다."""

import subprocess
import sys

from course.bootstrap import LOCK, ROOT, Stop


def lock(*arguments: str) -> int:
    """`make lock`: 모든 패키지를 지금의 최신 버전으로 올려 해시까지 잠급니다."""
    command = [
        sys.executable, "-m", "uv", "pip", "compile", "requirements.in", "--output-file", LOCK.name, "--universal",
        "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links",
        "--no-header", "--quiet", "--upgrade", *arguments,
    ]  # fmt: skip
    if subprocess.call(command, cwd=ROOT) != 0:
        raise Stop("잠금 파일을 만들지 못했습니다. 위의 설명을 읽고 requirements.in을 고치세요.")
    print(f"새로 만들었습니다: {LOCK.name}. `make test`와 `make book`으로 확인한 뒤 함께 커밋하세요.")
    return 0
