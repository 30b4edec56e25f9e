"""책을 만듭니다: 데이터 확인 → 노트북 실행 → Jupyter Book → 요약."""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Iterable
from pathlib import Path

from course import execute
from course.bootstrap import BUILD, LOCK, ROOT, Stop
from course.notebooks import Chapter, chapters

HTML = BUILD / "html"
DOCTREES = BUILD / ".doctrees"
CACHE_KEY = BUILD / "cache-key.json"
SUCCESS = BUILD / "success.json"
SPHINX_LOG = BUILD / "logs" / "sphinx.log"

SOURCE_NAMES = {
    "official": "공식 데이터",
    "embedded": "내장 데이터",
    "user": "가져온 데이터",
    "package": "패키지의 예제 데이터",
}

# 책의 내용을 정하는 것들. 하나라도 바뀌면 책을 다시 그립니다.
SITE_INPUTS = ("_config.yml", "_toc.yml", "book", "notebooks", "website", "references.bib")


def build() -> int:
    """`make book`: 바뀐 것만 다시 실행하고 다시 그립니다."""
    start = time.monotonic()
    BUILD.mkdir(exist_ok=True)
    key = prepare_cache()
    inputs = {
        "cache": key,
        "site": fingerprint(ROOT / name for name in SITE_INPUTS),
        "settings": _site_settings(),
    }
    if _read_json(SUCCESS) == inputs and (HTML / "index.html").exists():
        print("바뀐 것이 없습니다. 책은 그대로입니다.")
        show_summary(chapters())
        return 0
    rendered_before = SUCCESS.exists()
    SUCCESS.unlink(missing_ok=True)
    _prepare_assets()
    execute.execute_all(chapters(), execute.worker_count())
    # Sphinx는 지난번에 경고한 쪽을 다시 읽지 않습니다. 실패한 다음에는 처음부터 읽게 합니다.
    if not rendered_before:
        shutil.rmtree(DOCTREES, ignore_errors=True)
    render()
    SUCCESS.write_text(json.dumps(inputs), encoding="utf-8")
    show_summary(chapters())
    print(f"모두 {time.monotonic() - start:.0f}초 걸렸습니다.")
    return 0


def prepare_cache() -> dict[str, str]:
    """공식 데이터를 한 번 찾아보고, 실행 결과를 바꿀 것이 바뀌었으면 캐시를 버립니다.

    jupyter-cache는 노트북의 코드만 봅니다. 도우미, 패키지, 프로필, 데이터가 바뀐 것은 여기서 봅니다.
    """
    from dlko import data

    try:
        data.prefetch(_data_names(data.CATALOGUE))
    except data.DataError as error:
        raise Stop(str(error)) from None
    key = {
        "helper": fingerprint([ROOT / "src"]),
        "lock": fingerprint([LOCK]),
        "python": platform.python_version(),
        "profile": os.environ.get("DLKO_PROFILE", "") or ("auto, GPU" if _has_gpu() else "auto, CPU"),
        "data": hashlib.sha256(repr(data.resolve_all()).encode()).hexdigest(),
        "folder": str(ROOT),
    }
    old = _read_json(CACHE_KEY)
    if old != key:
        changed = [name for name in key if old.get(name) != key[name]]
        if old:
            print(f"[실행] 바뀐 것: {', '.join(changed)}. 노트북을 모두 다시 실행합니다.")
        for folder in (execute.CACHE, execute.ARTIFACTS, DOCTREES):
            shutil.rmtree(folder, ignore_errors=True)
        CACHE_KEY.write_text(json.dumps(key), encoding="utf-8")
    # 노트북마다 다시 네트워크를 기다리지 않게 합니다. 받을 것은 위에서 다 받았습니다.
    os.environ["DLKO_NETWORK"] = "off"
    return key


def _data_names(catalogue: Collection[str]) -> set[str]:
    """노트북들이 불러오는 데이터의 이름. 쓰지 않는 큰 데이터까지 받지는 않습니다."""
    cells = (cell for chapter in chapters() for cell in chapter.read().cells if cell.cell_type == "code")
    lines = (line.split("#")[0] for cell in cells for line in cell.source.splitlines())
    return {name for line in lines for name in re.findall(r'"(\w+)"', line)} & set(catalogue)


def fingerprint(paths: Iterable[Path]) -> str:
    """파일과 폴더의 내용을 한 값으로 줄입니다. 없는 파일은 없는 대로 셉니다."""
    digest = hashlib.sha256()
    for top in paths:
        files = sorted(p for p in top.rglob("*") if p.is_file()) if top.is_dir() else [top]
        for path in files:
            if "__pycache__" in path.parts or ".ipynb_checkpoints" in path.parts or ".egg-info" in str(path):
                continue
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(path.read_bytes() if path.exists() else b"-")
    return digest.hexdigest()


def _has_gpu() -> bool:
    return execute.worker_count() == 1 and any(Path("/dev").glob("nvidia[0-9]*"))


def _site_settings() -> dict[str, str]:
    """책의 모양을 바꾸는 환경 변수들."""
    from course import colab

    found = colab.repository()
    return {
        "repository": "/".join(map(str, found)) if found else "",
        "url": os.environ.get("DLKO_SITE_URL", ""),
    }


def _read_json(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _prepare_assets() -> None:
    from website import assets

    try:
        assets.prepare(BUILD)
    except assets.AssetError as error:
        raise Stop(str(error)) from None


def render() -> None:
    """실행된 노트북과 쪽들을 HTML로 그립니다. 경고가 하나라도 있으면 실패합니다."""
    print("[책] 쪽을 그립니다.")
    SPHINX_LOG.parent.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, **execute.hermetic_environment(), **_site_environment())
    program = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", program, "build", str(ROOT), "-W", "--keep-going"]
    with SPHINX_LOG.open("w", encoding="utf-8") as log:
        status = subprocess.call(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    text = execute.without_colors(SPHINX_LOG.read_text(encoding="utf-8", errors="replace"))
    for line in text.splitlines():
        if line.startswith("[책]"):
            print(line)
    if status != 0:
        wanted = [
            line for line in text.splitlines() if "WARNING" in line or "ERROR" in line or "Error" in line
        ]
        shown = "\n".join("    " + line for line in (wanted or text.splitlines()[-20:])[:30])
        raise Stop(
            f"책을 그리다가 경고나 오류가 나왔습니다. 고친 뒤 다시 해 보세요.\n{shown}\n자세한 내용: {SPHINX_LOG}"
        )


def _site_environment() -> dict[str, str]:
    from course import colab

    found = colab.repository()
    environment = {"PYTHONPATH": str(ROOT)}
    if found:
        environment.update(DLKO_REPOSITORY=found[0], DLKO_COLAB_BRANCH=colab.BRANCH)
    return environment


def show_summary(wanted: list[Chapter]) -> None:
    """장마다 데이터, 프로필, 시간, 품질을 알리고 책의 위치를 알립니다."""
    print()
    for chapter in wanted:
        report = execute.read_report(chapter)
        quality = ", ".join(
            f"{q['name']} {q['value']:.4g} (합격선 {q['floor']:.4g})" for q in report.get("quality", [])
        )
        sources = ", ".join(SOURCE_NAMES[d["source"]] for d in report.get("data", [])) or "직접 만든 데이터"
        profile = report.get("profile", "?")
        print(f"  {chapter.name:<24} {report.get('seconds', 0):>5.0f}초  {profile}  {sources}  {quality}")
    print(f"\n책: {HTML / 'index.html'}")


def refresh_outputs() -> int:
    """`make outputs`: 실행한 결과에서 검사용 칸의 출력을 원본 노트북에 옮겨 적습니다."""
    prepare_cache()
    execute.execute_all(chapters(), execute.worker_count())
    cache = execute.open_cache()
    for chapter in chapters():
        before = chapter.path.read_bytes()
        executed = execute.cached(cache, chapter)
        assert executed is not None
        execute.update_checked_outputs(chapter, executed)
        if chapter.path.read_bytes() != before:
            print(f"새로 적었습니다: {execute.relative(chapter.path)}")
    return 0
