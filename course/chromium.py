"""이 컴퓨터에 있는 Chromium이나 Chrome을 찾습니다. 사이트 검사(check-site)와 인쇄(pdf)가 씁니다."""

import os
import shutil
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
NOT_FOUND = (
    "Chromium이나 Chrome을 찾지 못했습니다. 설치하거나(Debian·Ubuntu: apt install chromium) "
    "실행 파일의 위치를 환경 변수 DLKO_CHROMIUM에 적어 주세요."
)
# 브라우저가 스스로 바깥에 말을 걸지 않게 합니다. 쪽이 보낸 요청만 남습니다.
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--metrics-recording-only",
    "--font-render-hinting=none",
]
LOCAL = "127.0.0.1"


def find() -> str:
    """쓸 수 있는 Chromium의 위치. 없으면 빈 글."""
    named = os.environ.get("DLKO_CHROMIUM", "")
    if named:
        return named if Path(named).exists() else (shutil.which(named) or "")
    for program in PROGRAMS:
        if found := shutil.which(program):
            return found
    return next((place for place in PLACES if Path(place).exists()), "")


def arguments() -> list[str]:
    # 이름 찾기를 막아, 쪽이 바깥 주소를 불러도 나가지 못하게 합니다. 부른 사실은 그대로 기록됩니다.
    chosen = [*QUIET, f"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE {LOCAL}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        chosen.append("--no-sandbox")
    return chosen
