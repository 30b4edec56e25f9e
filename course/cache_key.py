"""장의 실행 결과를 정하는 것들의 지문. 이것이 그대로이면 다시 실행하지 않습니다.

장마다: 자기 코드 칸과 해답, 그 칸이 부르는 dlko의 모듈(과 그 모듈이 불러오는 모듈), 이름을 부른 데이터와 기록, 독자의 파일.
모든 장에: 잠근 패키지, 파이썬, 프로필.
"""

import ast
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from course.bootstrap import LOCK, ROOT
from course.notebooks import Chapter, code_cells, solutions

PACKAGE = ROOT / "src" / "dlko"
LOADERS = ("load_data", "load_features")
# 장이 이름을 부르는 것은 그 이름으로만 셉니다. 다른 장의 데이터나 기록이 바뀌었다고 다시 실행하지 않습니다.
COUNTED_BY_NAME = ("data/embedded", "records")


def of(chapter: Chapter) -> str:
    """장의 지문."""
    notebook = chapter.read()
    code = [cell.source for cell in code_cells(notebook)] + [text for _, text in solutions(notebook)]
    parts = {
        "code": code,
        "helper": fingerprint(helper_files(code)),
        "data": [resolved(name) for name in data_names(code)],
        "files": brought_files(code, chapter.path.parent),
        "records": fingerprint(PACKAGE / "records" / f"{name}.json" for name in record_names(code)),
        "everywhere": _everywhere(),
    }
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@cache
def _everywhere() -> list[str]:
    return [fingerprint([LOCK]), platform.python_version(), profile()]


def profile() -> str:
    """노트북이 고를 프로필. dlko.profile과 같은 규칙이지만 TensorFlow를 이 프로세스에 불러오지 않습니다."""
    return os.environ.get("DLKO_PROFILE", "").strip().lower() or ("full" if has_gpu() else "quick")


@cache
def has_gpu() -> bool:
    """TensorFlow가 GPU를 쓸 수 있는지. 드라이버가 보일 때만 새 프로세스에서 물어봅니다."""
    driver = any(Path("/dev").glob("nvidia[0-9]*")) or Path("/dev/dxg").exists() or shutil.which("nvidia-smi")
    if not driver:
        return False
    question = "import sys, tensorflow as tf; sys.exit(0 if tf.config.list_physical_devices('GPU') else 1)"
    return subprocess.run([sys.executable, "-c", question], capture_output=True, check=False).returncode == 0


# --- 칸이 부르는 것 ------------------------------------------------------------------------------------------------


@cache
def _parsed(source: str) -> tuple[ast.AST, ...]:
    """코드의 구문 나무에 든 마디들."""
    try:
        return tuple(ast.walk(ast.parse(source)))
    except SyntaxError:  # %로 시작하는 주피터 명령
        return ()


def _nodes(code: Iterable[str]) -> Iterator[ast.AST]:
    for source in code:
        yield from _parsed(source)


def _calls(code: Iterable[str], functions: tuple[str, ...]) -> set[str]:
    """`dlko.함수("이름")`의 이름들. 변수로 넘기면 그 변수에 넣은 글을 셉니다. 견주기만 하는 글은 세지 않습니다."""
    nodes = list(_nodes(code))
    constants: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                    constants.setdefault(target.id, set()).add(node.value.value)
    found: set[str] = set()
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in functions
        ):
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found.add(argument.value)
                elif isinstance(argument, ast.Name):
                    found |= constants.get(argument.id, set())
    return found


def data_names(code: Iterable[str]) -> list[str]:
    """코드가 불러오는 데이터의 이름들."""
    return sorted(_calls(code, LOADERS))


def brought_files(code: Iterable[str], folder: Path) -> list[str]:
    """독자가 `CSV_FILE = "내 주가.csv"`처럼 적어 둔 자기 파일의 크기와 고친 시각. 파일이 바뀌면 다시 실행합니다."""
    assigned = (node for node in _nodes(code) if isinstance(node, ast.Assign))
    texts = {
        constant.value.strip()
        for node in assigned
        if any(isinstance(n, ast.Name) and n.id.isupper() for t in node.targets for n in ast.walk(t))
        for constant in ast.walk(node.value)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }
    lines = []
    for text in sorted(texts - {""}):
        with suppress(OSError, ValueError, RuntimeError):  # 경로가 될 수 없는 글
            top = folder / Path(text).expanduser()
            if top.exists() and not folder.is_relative_to(top):
                files = sorted(path for path in (top, *top.rglob("*")) if path.is_file())
                lines += [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return lines


def record_names(code: Iterable[str]) -> list[str]:
    """코드가 읽는 기록의 이름들."""
    return sorted(_calls(code, ("recorded",)))


def chapter_data(chapters: Iterable[Chapter]) -> set[str]:
    """장들이 불러오는 데이터의 이름. 쓰지 않는 큰 데이터까지 받지는 않습니다."""
    return {name for chapter in chapters for name in data_names(c.source for c in code_cells(chapter.read()))}


@cache
def _resolved() -> dict[str, str]:
    from dlko import data

    return {name: f"{info.source} {info.digest}" for name, info in data.resolve_all().items()}


def resolved(name: str) -> str:
    """지금 그 이름으로 불러오면 쓰일 데이터의 지문."""
    return f"{name} {_resolved().get(name, '')} {_resolved().get('DLKO_DATA_DIR', '')}"


# --- dlko의 모듈 --------------------------------------------------------------------------------------------------


def helper_files(code: Iterable[str]) -> list[Path]:
    """코드가 쓰는 dlko의 모듈과 거기서 불러오는 모듈, 그 모듈들이 이름을 적어 둔 파일(글꼴, 가중치)."""
    exported = _exports()
    todo = {PACKAGE / "environment.py"}
    for node in _nodes(code):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "dlko":
            todo |= exported.get(node.attr, set())
    todo |= _imported(_nodes(code))
    found = {PACKAGE / "__init__.py"}
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo |= _imports(path) - found
    return sorted(found | {file for path in found for file in _named_files(path)})


def _module(path: Path) -> tuple[ast.AST, ...]:
    return _parsed(path.read_text(encoding="utf-8"))


@cache
def _imports(path: Path) -> set[Path]:
    return _imported(_module(path))


@cache
def _exports() -> dict[str, set[Path]]:
    """`dlko.이름`마다 그것이 있는 모듈. dlko/__init__.py가 불러오는 것을 봅니다."""
    found: dict[str, set[Path]] = {}
    for node in _module(PACKAGE / "__init__.py"):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = _module_files(f"{node.module}.{alias.name}")
    return found | {path.stem: {path} for path in PACKAGE.glob("*.py") if path.stem not in found}


def _imported(nodes: Iterable[ast.AST]) -> set[Path]:
    """코드가 불러오는 dlko의 모듈들."""
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    files = {path for name in names if name.startswith("dlko.") for path in _module_files(name)}
    return files - {PACKAGE / "__init__.py"}


def _module_files(name: str) -> set[Path]:
    """`dlko.data.fetch.say` 같은 이름을 부르면 읽히는 파일들. 맨 위의 dlko/__init__.py는 뺍니다."""
    found, place = set(), PACKAGE
    for part in name.split(".")[1:]:
        if place.joinpath(f"{part}.py").exists():
            found.add(place / f"{part}.py")
        place = place / part
        if place.joinpath("__init__.py").exists():
            found.add(place / "__init__.py")
    return found


@cache
def _package_files() -> dict[str, Path]:
    every = (path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc"))
    counted = (path.relative_to(PACKAGE).as_posix() for path in every)
    return {Path(name).name: PACKAGE / name for name in counted if not name.startswith(COUNTED_BY_NAME)}


@cache
def _named_files(module: Path) -> frozenset[Path]:
    """모듈에 글로 적힌 파일 이름(글꼴, 가중치)."""
    if module.suffix != ".py":
        return frozenset()
    names = (node.value for node in _module(module) if isinstance(node, ast.Constant))
    return frozenset(_package_files()[n] for n in names if isinstance(n, str) and n in _package_files())


def fingerprint(paths: Iterable[Path]) -> str:
    """파일과 폴더의 내용을 한 값으로 줄입니다. 없는 파일은 없는 대로 셉니다."""
    digest = hashlib.sha256()
    for top in paths:
        files = sorted(p for p in top.rglob("*") if p.is_file()) if top.is_dir() else [top]
        for path in files:
            if "__pycache__" in path.parts or ".ipynb_checkpoints" in path.parts or ".egg-info" in str(path):
                continue
            digest.update(f"{path.relative_to(ROOT)}\0".encode())
            digest.update(path.read_bytes() if path.exists() else b"-")
    return digest.hexdigest()
