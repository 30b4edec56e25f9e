"""책에 나오는 바깥 주소를 모으고, 아직 열리는지 봅니다."""

import re
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from course.bootstrap import ROOT
from course.notebooks import chapters

ADDRESS = re.compile(r"https?://[^\s<>\"'`|\\{}]+")
# 예를 들려고 쓴 주소나, 이 컴퓨터 자신을 가리키는 주소.
NOT_A_LINK = re.compile(r"^https?://(127\.0\.0\.1|localhost|example\.|.*\.(test|invalid)\b)")
TIMEOUT = 20
# 로봇을 막는 곳이 쓰는 응답. 주소가 사라진 것은 아닙니다.
REFUSED = {401, 403, 405, 406, 418, 429, 503}


def sources() -> list[Path]:
    """바깥 주소가 들어 있을 수 있는 파일들: 쪽, 장, 저장소의 안내."""
    book = ROOT / "book"
    notebooks = [chapter.path for chapter in chapters() if chapter.path.exists()]
    guides = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "LICENSE-TEXT")]
    return [*sorted(book.glob("*.md")), book / "template.ipynb", *notebooks, *guides]


def addresses(text: str) -> set[str]:
    """글에 나오는 바깥 주소. 뒤에 붙은 문장 부호, 괄호, 조사는 떼어 냅니다."""
    found = set()
    for address in ADDRESS.findall(text):
        address = address.rstrip(".,;:!?*_")
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(".,;:!?*_")
        if re.search("[가-힣]", address):
            address = re.split(r"[가-힣)\]](?=[가-힣)\].]|$)", address)[0]
        if not NOT_A_LINK.match(address):
            found.add(address)
    return found


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


def check() -> int:
    """`python -m course links`: 바깥 주소를 모두 열어 봅니다. 인터넷이 되는 곳에서 가끔 합니다."""
    # 노트북은 JSON이라 주소 뒤에 \n이 글자로 붙어 있습니다. ADDRESS는 거꾸로 된 빗금에서 멈춥니다.
    wanted = sorted(set().union(*(addresses(path.read_text(encoding="utf-8")) for path in sources())))
    with ThreadPoolExecutor(max_workers=8) as pool:
        reasons = dict(zip(wanted, pool.map(problem, wanted), strict=True))
    broken = {address: reason for address, reason in reasons.items() if reason}
    for address, reason in broken.items():
        print(f"열리지 않습니다: {address}: {reason}")
    print(f"주소 {len(wanted)}개 가운데 {len(wanted) - len(broken)}개가 열립니다.")
    return 1 if broken else 0
