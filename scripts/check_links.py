"""바깥 주소(tests/external_links.txt)가 아직 열리는지 봅니다. 인터넷이 되는 곳에서 가끔 실행합니다.

쓰는 법: python scripts/check_links.py
"""

import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

LIST = Path(__file__).resolve().parent.parent / "tests" / "external_links.txt"
TIMEOUT = 20
# 로봇을 막는 곳이 쓰는 응답. 주소가 사라진 것은 아닙니다.
REFUSED = {401, 403, 405, 406, 418, 429, 503}


def problem(address: str) -> str:
    """주소가 열리면 빈 글, 아니면 까닭."""
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:
            return "" if reply.status < 400 else f"응답 {reply.status}"
    except urllib.error.HTTPError as error:
        return "" if error.code in REFUSED else f"응답 {error.code}"
    except OSError as error:
        return f"닿지 못했습니다({error})"


def main() -> int:
    lines = LIST.read_text(encoding="utf-8").splitlines()
    wanted = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = list(zip(wanted, pool.map(problem, wanted), strict=True))
    broken = [(address, reason) for address, reason in found if reason]
    for address, reason in broken:
        print(f"열리지 않습니다: {address}: {reason}")
    print(f"주소 {len(wanted)}개 가운데 {len(wanted) - len(broken)}개가 열립니다.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
