"""인터넷이 없는 교실로 들고 갈 한 폴더를 만드는 명령."""

import shutil
import subprocess
import sys
from pathlib import Path

from course.book import prepare_assets
from course.bootstrap import BUILD, LOCK, ROOT, Stop

# 만든 것과 이 컴퓨터에서만 쓰는 것은 담지 않습니다.
LEFT_OUT = {
    ".git", ".venv", "_build", "__pycache__", ".ipynb_checkpoints",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", "node_modules",
}  # fmt: skip
# 사이트를 만들 때 npm에서 받는 글꼴과 수식 스타일. 이것이 있으면 교실에서도 책을 만들 수 있습니다.
SITE_ASSETS = ("npm", "site_static")

MARKER = ".dlko-bundle"  # 이 명령이 만든 폴더라는 표시

SHELL_STARTER = """#!/bin/sh
# 인터넷 없이 설치하고 실행합니다. 쓰는 법: sh 시작.sh [명령]   명령이 없으면 JupyterLab을 엽니다.
here=$(cd "$(dirname "$0")" && pwd) || exit 1
export DLKO_PACKAGES="$here/packages" DLKO_DATA_DIR="$here/data" DLKO_NETWORK=off
cd "$here/course" && exec "${{PYTHON:-python{version}}}" -m course "${{@:-lab}}"
"""
BATCH_STARTER = """@echo off\r
chcp 65001 > nul\r
set "DLKO_PACKAGES=%~dp0packages"\r
set "DLKO_DATA_DIR=%~dp0data"\r
set "DLKO_NETWORK=off"\r
cd /d "%~dp0course"\r
if "%~1"=="" (py -{version} -m course lab) else (py -{version} -m course %*)\r
"""


def bundle(folder: str = "") -> int:
    """`make bundle DIR=폴더`: 책, 패키지, 데이터, 만든 책과 시작 파일을 한 폴더에 모읍니다.

    교실의 컴퓨터는 운영체제와 파이썬 버전이 이 컴퓨터와 같아야 합니다. 이미 받은 것은 다시 받지 않습니다.
    """
    if not folder:
        raise Stop("만들 폴더를 적어 주세요: make bundle DIR=폴더")
    target = Path(folder).expanduser().resolve()
    if target == ROOT or target in ROOT.parents:
        raise Stop(f"책이 든 폴더에는 만들 수 없습니다: {target}\n새 폴더의 이름을 적어 주세요.")
    _claim(target)

    _copy_course(target / "course")
    _download_packages(target / "packages")
    from dlko import data

    complete = data.download_all(target / "data")
    site = _copy_site(target / "site")
    _write_starters(target)
    print(f"\n[교실] 다 모았습니다: {target}")
    print("[교실] 교실에서: sh 시작.sh (Windows는 시작.bat을 두 번 누르기)")
    if not complete:
        print("[교실] 받지 못한 공식 데이터는 책에 든 데이터가 대신합니다.")
    if not site:
        print("[교실] 아직 만든 책이 없어 site/는 없습니다. `make book`을 한 다음 다시 하면 담습니다.")
    return 0


def _claim(target: Path) -> None:
    """이 명령이 쓸 폴더로 삼습니다. 여기서 만든 것은 다음에 지우고 새로 쓰므로, 다른 것이 든 폴더에는 만들지 않습니다.

    Raises:
        Stop: 독자의 파일이 들어 있을 때.
    """
    if target.exists() and not target.is_dir():
        raise Stop(f"폴더가 아닙니다: {target}\n새 폴더의 이름을 적어 주세요.")
    if target.is_dir() and any(target.iterdir()) and not (target / MARKER).exists():
        raise Stop(
            f"이미 다른 것이 든 폴더입니다: {target}\n그 안의 파일을 지우지 않도록 새 폴더의 이름을 적어 주세요."
        )
    target.mkdir(parents=True, exist_ok=True)
    (target / MARKER).write_text(
        "이 폴더는 make bundle이 만들었습니다. 다시 하면 새로 씁니다.\n", encoding="utf-8"
    )


def _copy_course(target: Path) -> None:
    """책의 원본을 새로 복사합니다. 사이트의 글꼴과 수식 스타일도 함께 담습니다."""

    def leave_out(where: str, names: list[str]) -> set[str]:
        inside = {name for name in names if (Path(where) / name).resolve() == target.parent}
        return inside | LEFT_OUT & set(names)

    for old in target.iterdir() if target.exists() else ():
        if old.name not in (".venv", "_build"):  # 시험 삼아 설치해 본 것은 남깁니다.
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(ROOT, target, ignore=leave_out, dirs_exist_ok=True)
    prepare_assets()
    for name in SITE_ASSETS:
        shutil.copytree(BUILD / name, target / "_build" / name, dirs_exist_ok=True)
    print(f"[교실] 책의 원본을 복사했습니다: {target.name}/")


def _download_packages(target: Path) -> None:
    """잠금 파일의 패키지를 해시를 확인하며 모두 받습니다."""
    print(f"[교실] 패키지를 받습니다: {target.name}/ (약 1 GB, 몇 분 걸립니다)", flush=True)
    command = [
        sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--quiet",
        "--progress-bar=off", "--require-hashes", "--only-binary=:all:", "-r", str(LOCK), "-d", str(target),
    ]  # fmt: skip
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    if done.returncode:
        tail = "\n".join("    " + line for line in done.stderr.strip().splitlines()[-4:])
        raise Stop(f"패키지를 모두 받지 못했습니다. 같은 명령을 다시 실행하면 이어서 받습니다.\n{tail}")


def _copy_site(target: Path) -> bool:
    """만들어 둔 책이 있으면 담습니다."""
    site = BUILD / "html"
    if not (site / "index.html").exists():
        return False
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(site, target)
    return True


def _write_starters(target: Path) -> None:
    version = "{}.{}".format(*sys.version_info[:2])
    shell = target / "시작.sh"
    shell.write_text(SHELL_STARTER.format(version=version), encoding="utf-8")
    shell.chmod(0o755)
    (target / "시작.bat").write_bytes(BATCH_STARTER.format(version=version).encode())
