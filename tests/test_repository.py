"""저장소 전체의 약속: 잠금 파일, 주소, 코드 모양, 타입."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from course.bootstrap import LOCK, ROOT
from course.notebooks import chapters

TEXT_SUFFIXES = {
    ".py", ".md", ".ipynb", ".yml", ".yaml", ".toml", ".txt", ".in", ".json", ".css", ".js", ".html", ".po", ".cff", ".svg",
}  # fmt: skip


def tracked_files() -> list[Path]:
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("git 저장소가 아닙니다.")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def direct_requirements() -> dict[str, str]:
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    wanted = (line.split("#")[0].strip() for line in lines)
    return {re.split(r"[\[<>=!~ ]", line)[0].lower(): line for line in wanted if line}


def test_lock_pins_every_direct_requirement_with_hashes():
    text = LOCK.read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", text, re.MULTILINE))
    assert {name.lower() for name in pinned} >= set(direct_requirements())
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert [b.split()[0] for b in blocks if "==" in b.split("\n")[0] and "--hash=sha256:" not in b] == []


def test_required_packages_are_named_directly():
    needed = {"jupyter-book", "jupyterlab", "tensorflow", "tensorflow-hub", "matplotlib", "nbval"}
    assert needed <= set(direct_requirements())
    assert "jupyter-book<2" in direct_requirements()["jupyter-book"]


def test_lock_files_hold_no_address_of_a_registry():
    assert "://" not in LOCK.read_text(encoding="utf-8")
    packages = json.loads((ROOT / "website" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    fetched = {name: entry for name, entry in packages.items() if name}
    assert fetched
    assert [name for name, entry in fetched.items() if "resolved" in entry or "integrity" not in entry] == []


def test_no_path_of_one_machine():
    here = "|".join(re.escape(f"{folder}/") for folder in (Path.home(), ROOT))
    pattern = re.compile(rf"({here}|/home/\w+/|/Users/\w+/|C:\\\\Users)")
    found = []
    for path in tracked_files():
        if path.suffix in TEXT_SUFFIXES or not path.suffix:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    allowed = {"tests/test_repository.py", "tests/test_colab.py"}  # 일부러 쓴 보기
    assert [line for line in found if line.split(":")[0] not in allowed] == []


def test_no_large_file():
    large = [
        f"{p.relative_to(ROOT)} {p.stat().st_size}" for p in tracked_files() if p.stat().st_size > 6_000_000
    ]
    assert large == []


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "--quiet", "."], ["ruff", "format", "--check", "--quiet", "."], ["mypy"]],
    ids=["ruff-check", "ruff-format", "mypy"],
)
def test_code_style(command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_import_circle():
    """모듈끼리 돌고 도는 import가 없어야 합니다. 함수 안의 import도 셉니다."""
    roots = {"dlko": ROOT / "src", "course": ROOT, "website": ROOT}
    files = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for package, root in roots.items()
        for path in (root / package).rglob("*.py")
    }

    def imported(name: str, path: Path) -> set[str]:
        found = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {
                    full if (full := f"{node.module}.{alias.name}") in files else node.module
                    for alias in node.names
                }
        return (found & set(files)) - {name}

    left = {name: imported(name, path) for name, path in files.items()}
    assert len(left) > 30
    while ready := [name for name, needs in left.items() if not needs & set(left)]:
        for name in ready:
            del left[name]
    assert left == {}, f"서로를 불러오는 모듈들: {left}"


@pytest.mark.parametrize("path", [chapter.path for chapter in chapters()], ids=lambda path: path.stem)
def test_notebook_is_written_as_tidy_writes_it(path):
    """저장된 글자까지 같아야, 다음에 다듬을 때 고치지 않은 장이 바뀐 것으로 나오지 않습니다."""
    written = nbformat.writes(nbformat.read(path, as_version=4)) + "\n"
    assert path.read_text(encoding="utf-8") == written, "`python -m course tidy`를 실행하세요."


def test_every_file_of_the_helper_is_packaged():
    """Colab은 도우미를 패키지로 설치합니다. 빠진 파일이 있으면 거기서만 실패합니다."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    package = ROOT / "src" / "dlko"
    patterns = settings["tool"]["setuptools"]["package-data"]["dlko"]
    packed = {path for pattern in patterns for path in package.glob(pattern)}
    listed = [path for path in tracked_files() if package in path.parents and path.suffix != ".py"]
    assert listed
    lost = [path for path in listed if path not in packed]
    assert not lost, f"pyproject.toml의 package-data에 없습니다: {lost}"
