"""명령을 골라 실행합니다.

이 파일과 bootstrap.py는 아무것도 설치되지 않은 파이썬에서, 낡은 파이썬에서도 읽혀야 합니다.
그래서 표준 라이브러리만 쓰고 나머지는 .venv 안에서 불러옵니다.
"""

from __future__ import annotations

import importlib
import inspect
import os
import signal
import sys

from course import bootstrap

# 명령: (모듈, 함수, 인수 설명, 설명). 모듈은 .venv 안에서만 불러옵니다.
COMMANDS = {
    "book": ("course.book", "build", "", "노트북을 모두 실행해 책을 만듭니다 (_build/html)"),
    "test": ("course.check", "test", "[pytest 인수]", "단위 검사와 노트북 검사를 합니다"),
    "lab": ("course.serve", "lab", "", "JupyterLab을 엽니다"),
    "serve": ("course.serve", "serve", "[포트]", "만든 책을 브라우저로 봅니다"),
    "pdf": ("course.paper.pdf", "pdf", "", "만든 책을 PDF 하나로 인쇄합니다"),
    "epub": ("course.paper.epub", "epub", "", "만든 책을 전자책(EPUB) 하나로 묶습니다"),
    "run": ("course.execute", "run_alone", "부/장", "노트북 하나만 실행해 봅니다"),
    "outputs": ("course.book", "refresh_outputs", "", "검사용 출력(nbval-check-output)을 새로 적습니다"),
    "tidy": ("course.notebooks", "tidy_all", "", "노트북 원본에서 실행 흔적을 지웁니다"),
    "check-site": ("course.check", "check_site", "[pytest 인수]", "만든 책을 브라우저로 검사합니다"),
    "colab": ("course.colab", "main", "", "Colab판 노트북을 _build/colab에 씁니다"),
    "check-colab": ("course.check_colab", "main", "[장]", "Colab판을 Colab과 같은 환경에서 실행합니다"),
    "data": ("course.data", "download", "폴더", "공식 데이터를 모두 받습니다"),
    "bundle": ("course.bundle", "bundle", "폴더", "인터넷이 없는 교실로 들고 갈 폴더를 만듭니다"),
    "full": ("course.full", "record_full_runs", "[장]", "전체 프로필로 실행하고 결과를 기록합니다"),
    "bench": (
        "course.benchmark.command",
        "bench",
        "[장] [--runs 3]",
        "흔한 튜토리얼과 훈련 시간을 견주어 기록합니다",
    ),
    "links": ("course.links", "check", "", "책에 나오는 바깥 주소가 아직 열리는지 봅니다"),
    "lock": ("course.lock", "lock", "", "requirements.in으로 requirements.txt를 다시 만듭니다"),
    "record": ("course.record", "record", "부/장 [인수]", "장의 오래 걸리는 실험을 다시 기록합니다"),
    "clean": ("course.bootstrap", "clean", "[--all]", "만든 것을 지웁니다 (--all: .venv까지)"),
}

# 멈추어도 끝낸 것이 남아, 다시 실행하면 이어서 하는 명령
RESUMABLE = {"book", "outputs", "data", "bundle", "bench", "record"}


def show_help() -> int:
    print("쓰는 법: make 명령   또는   python -m course 명령\n")
    for name, (_, _, arguments, text) in COMMANDS.items():
        print(f"  {name:<12} {arguments:<14} {text}")
    print("\n처음이라면 `make book`, 그다음 `make lab`을 해 보세요.")
    return 0


def main(arguments: list[str]) -> int:
    bootstrap.use_utf8_output()
    name = arguments[0] if arguments else "help"
    if name in ("help", "-h", "--help"):
        return show_help()
    if name not in COMMANDS:
        print(f"'{name}'이라는 명령은 없습니다.\n")
        show_help()
        return 2
    if not bootstrap.inside_venv():
        for line in bootstrap.unknown_settings():
            print(line)
    if name == "clean":
        return bootstrap.clean(" ".join(arguments[1:]))
    if not bootstrap.inside_venv():
        return bootstrap.run_in_venv(arguments)
    module, name_of_function, usage, _ = COMMANDS[name]
    function = getattr(importlib.import_module(module), name_of_function)
    try:
        inspect.signature(function).bind(*arguments[1:])
    except TypeError:
        raise bootstrap.Stop(
            f"'{name}'에는 이렇게 적습니다: python -m course {name} {usage}".rstrip()
        ) from None
    # 끝내라는 신호를 받아도 Ctrl-C처럼 멈춥니다. 그냥 끝나면 책을 그리던 자식이 남아 계속 돕니다.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return function(*arguments[1:]) or 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except bootstrap.Stop as stop:
        print("\n" + str(stop), flush=True)
        sys.exit(1)
    except KeyboardInterrupt:
        again = " 다시 실행하면 끝낸 곳부터 이어 갑니다." if sys.argv[1] in RESUMABLE else ""
        print(f"\n멈추었습니다.{again}", flush=True)
        # 정리 중에 기다리는 스레드 때문에 끝나지 않는 일이 없게 합니다.
        sys.stdout.flush()
        os._exit(130)
