"""책을 만듭니다: 데이터 확인 → 노트북 실행 → Jupyter Book → 요약."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from course import cache, cache_key, colab, execute
from course.bootstrap import BUILD, ROOT, Stop
from course.cache_key import fingerprint
from course.notebooks import Chapter, chapters
from website import DRAWING

HTML = BUILD / "html"
DOCTREES = BUILD / ".doctrees"
SUCCESS = BUILD / "success.json"
SPHINX_LOG = BUILD / "logs" / "sphinx.log"

SOURCE_NAMES = {
    "official": "공식 데이터",
    "embedded": "내장 데이터",
    "user": "가져온 데이터",
    "package": "패키지의 예제 데이터",
}

# 쪽의 모양을 정하는 것들. 하나라도 바뀌면 책을 다시 그립니다. 노트북의 실행은 여기에 달려 있지 않습니다.
SITE_INPUTS = (
    "_config.yml",
    "_toc.yml",
    "book",
    "notebooks",
    "website",
    "src/dlko/records",
    *DRAWING,
    "requirements.txt",
)


def build() -> int:
    """`make book`: 바뀐 것만 다시 실행하고 다시 그립니다."""
    start = time.monotonic()
    BUILD.mkdir(exist_ok=True)
    prefetch(chapters())
    inputs = {
        "site": fingerprint(site_files()),
        "settings": site_settings(),
        "chapters": {chapter.name: cache_key.of(chapter) for chapter in chapters()},
    }
    if _read_json(SUCCESS) == inputs and (HTML / "index.html").exists():
        print("바뀐 것이 없습니다. 책은 그대로입니다.")
        show_summary(chapters())
        return 0
    rendered_before = SUCCESS.exists()
    SUCCESS.unlink(missing_ok=True)
    prepare_assets()
    cache.execute_all(chapters(), cache.worker_count())
    # Sphinx는 지난번에 경고한 쪽을 다시 읽지 않습니다. 실패한 다음에는 처음부터 읽게 합니다.
    if not rendered_before:
        shutil.rmtree(DOCTREES, ignore_errors=True)
    render()
    SUCCESS.write_text(json.dumps(inputs), encoding="utf-8")
    show_summary(chapters())
    print(f"모두 {time.monotonic() - start:.0f}초 걸렸습니다.")
    return 0


def site_files() -> list[Path]:
    """쪽의 모양을 정하는 파일과 폴더: SITE_INPUTS와, 쪽에 실리는 시연."""
    return [*(ROOT / name for name in SITE_INPUTS), *sorted(ROOT.glob("chapters/*/*/demo.js"))]


def prefetch(wanted: list[Chapter]) -> None:
    """장들이 쓰는 공식 데이터를 한 번 받아 봅니다. 노트북마다 다시 네트워크를 기다리지 않게 합니다.

    Raises:
        Stop: DLKO_DATA=official인데 받지 못한 것이 있을 때.
    """
    from dlko import data

    try:
        data.prefetch(cache_key.chapter_data(wanted) & set(data.CATALOGUE))
    except data.DataError as error:
        raise Stop(str(error)) from None
    os.environ["DLKO_NETWORK"] = "off"


def site_settings() -> dict[str, str]:
    """책의 모양을 바꾸는 환경 변수들. 저장소를 알면 그 주소와 Colab판의 가지를 더합니다.

    GitHub Actions에서는 Pages에 올릴 것을 만드는 것이므로 그 주소도 더합니다. 404 쪽과 정식 주소에 씁니다.
    """
    given = {name: os.environ[name] for name in ("DLKO_SITE_URL", "DLKO_BRANCH") if os.environ.get(name)}
    if not (found := colab.repository()):
        return given
    if os.environ.get("GITHUB_ACTIONS"):
        given["DLKO_SITE_URL"] = colab.site_address(found[0])
    return given | {"DLKO_REPOSITORY": found[0], "DLKO_COLAB_BRANCH": colab.BRANCH}


def _read_json(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def prepare_assets() -> None:
    """사이트의 글꼴과 수식 스타일을 받아 둡니다.

    Raises:
        Stop: 받지 못했을 때.
    """
    from website import assets

    try:
        assets.prepare(BUILD)
    except assets.AssetError as error:
        raise Stop(str(error)) from None


def render() -> None:
    """실행된 노트북과 쪽들을 HTML로 그립니다. 경고가 하나라도 있으면 실패합니다."""
    print("[책] 쪽을 그립니다.")
    SPHINX_LOG.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        **execute.hermetic_environment(),
        **site_settings(),
        "PYTHONPATH": str(ROOT),
    }
    program = f"{execute.COLLECT_RARELY}; from jupyter_book.cli.main import main; main()"
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


def show_summary(wanted: list[Chapter]) -> None:
    """장마다 데이터, 프로필, 시간, 품질을 알리고 책의 위치를 알립니다."""
    print()
    for chapter in wanted:
        report = cache.stored_report(chapter)
        quality = ", ".join(
            f"{q['name']} {q['value']:.4g} (합격선 {q['floor']:.4g})" for q in report.get("quality", [])
        )
        sources = ", ".join(SOURCE_NAMES[d["source"]] for d in report.get("data", [])) or "직접 만든 데이터"
        profile = report.get("profile", "?")
        print(f"  {chapter.name:<24} {report.get('seconds', 0):>5.0f}초  {profile}  {sources}  {quality}")
    print(f"\n책: {HTML / 'index.html'}")


def refresh_outputs() -> int:
    """`make outputs`: 실행한 결과에서 검사용 칸의 출력을 원본 노트북에 옮겨 적습니다."""
    prefetch(chapters())
    cache.execute_all(chapters(), cache.worker_count())
    opened = cache.open_cache()
    for chapter in chapters():
        if execute.used_brought_data(cache.stored_report(chapter)):
            continue
        before = chapter.path.read_bytes()
        executed = cache.cached(opened, chapter)
        assert executed is not None
        execute.update_checked_outputs(chapter, executed)
        if chapter.path.read_bytes() != before:
            print(f"새로 적었습니다: {execute.relative(chapter.path)}")
    return 0
