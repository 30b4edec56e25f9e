"""책과 노트북을 여는 명령."""

import contextlib
import functools
import http.server
import os
import subprocess
import sys

from course.bootstrap import ROOT, Stop


def lab() -> int:
    """`make lab`: 노트북 폴더에서 JupyterLab을 엽니다. 집에 있는 Keras, Matplotlib, Jupyter의 설정은 쓰지 않습니다."""
    from course.execute import hermetic_environment

    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={ROOT / 'notebooks'}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    try:
        return subprocess.call(command, cwd=ROOT, env=hermetic_environment())
    except KeyboardInterrupt:  # JupyterLab은 스스로 물어보고 끝냅니다.
        return 0


def serve(port: str = "8000") -> int:
    """`make serve`: 만든 책을 이 컴퓨터의 브라우저에서 볼 수 있게 합니다. Ctrl-C를 누르면 끝납니다."""
    from course.book import HTML, SUCCESS

    if not (HTML / "index.html").exists():
        raise Stop("아직 책이 없습니다. 먼저 `make book`을 하세요.")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise Stop(f"포트는 1에서 65535까지의 숫자여야 합니다: {port!r}")
    handler = functools.partial(_QuietHandler, directory=str(HTML))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), handler)
    except OSError as error:
        other = int(port) % 65535 + 1
        raise Stop(
            f"{port}번 포트를 쓸 수 없습니다({error.strerror}). 다른 번호로 해 보세요: make serve PORT={other}"
        ) from None
    if not SUCCESS.exists():
        print("마지막 `make book`이 끝나지 않아, 전에 만든 책이 섞여 보일 수 있습니다.")
    print(f"브라우저에서 http://127.0.0.1:{port} 를 여세요. 끝내려면 Ctrl-C를 누르세요.")
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    print("\n책을 그만 보여 줍니다.")
    return 0


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    """쪽을 열 때마다 화면에 적지 않습니다."""

    def log_message(self, format: str, *args: object) -> None:
        pass
