"""책과 노트북을 여는 명령."""

import functools
import http.server
import os
import subprocess
import sys

from course.bootstrap import ROOT, Stop


def lab() -> int:
    """`make lab`: 노트북 폴더에서 JupyterLab을 엽니다."""
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={ROOT / 'notebooks'}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return subprocess.call(command, cwd=ROOT)


def serve(port: str = "8000") -> int:
    """`make serve`: 만든 책을 이 컴퓨터의 브라우저에서 볼 수 있게 합니다."""
    from course.book import HTML

    if not (HTML / "index.html").exists():
        raise Stop("아직 책이 없습니다. 먼저 `make book`을 하세요.")
    if not port.isdigit():
        raise Stop(f"포트는 숫자여야 합니다: {port!r}")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(HTML))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), handler)
    except OSError:
        raise Stop(
            f"{port}번 포트를 쓸 수 없습니다. 다른 번호로 해 보세요: python -m course serve 8001"
        ) from None
    print(f"브라우저에서 http://127.0.0.1:{port} 를 여세요. 끝내려면 Ctrl-C를 누르세요.")
    server.serve_forever()
    return 0
