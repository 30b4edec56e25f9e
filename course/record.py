"""장의 오래 걸리는 실험을 노트북의 칸 곁에서 실행하고, 결과를 출처와 함께 기록합니다.

실험은 장의 방에 있는 `chapters/<부>/<장>/record.py`에 적습니다. 거기에는 이런 것들이 있습니다.

    CELLS                  먼저 실행할 칸의 id
    PIECES                 따로 실행하는 조각의 이름
    ENVIRONMENT            커널의 환경 변수(없어도 됩니다)
    measure(v, piece)      노트북의 변수 `v` 곁에서 조각 하나를 실행합니다. `v["_cells"]`에 칸마다의 코드가 있습니다.
    summarize(v, pieces)   조각들의 결과에서 기록에 적을 것을 만듭니다. `data`는 첫 데이터의 설명에 더합니다.

조각 하나가 끝날 때마다 _build/record에 남깁니다. 멈추었다가 같은 명령으로 이어 갈 수 있고, 커밋이 바뀌면 처음부터 합니다.
"""

import argparse
import json
import shutil
import time
from importlib import import_module
from types import ModuleType

from course import execute
from course.bootstrap import BUILD, Stop
from course.notebooks import Chapter, chapters, code_cells
from course.provenance import commit, provenance, write_record


def record(*arguments: str) -> int:
    """`make record`: 장 하나의 실험을 실행하고 src/dlko/records/study에 남깁니다."""
    parser = argparse.ArgumentParser(prog="python -m course record", add_help=False)
    parser.add_argument("chapter", nargs="?", default="")
    parser.add_argument("--again", action="store_true", help="끝낸 조각도 다시 실행합니다")
    given = parser.parse_args(arguments)
    known = {chapter.name: chapter for chapter in recordable()}
    if given.chapter not in known:
        raise Stop(f"기록하는 실험이 있는 장을 고르세요: {', '.join(known)}")
    try:
        _record(known[given.chapter], given.again)
    except execute.ChapterFailed as error:
        raise Stop(f"■ chapters/{given.chapter}/record.py: {error}") from None
    return 0


def recordable() -> list[Chapter]:
    """방에 record.py가 있는 장들."""
    return [chapter for chapter in chapters() if (chapter.room / "record.py").exists()]


def load(chapter: Chapter) -> ModuleType:
    return import_module(f"chapters.{chapter.name.replace('/', '.')}.record")


def _record(chapter: Chapter, again: bool) -> None:
    plan = load(chapter)
    done = BUILD / "record" / chapter.name / (commit() or "pieces")
    if again:
        shutil.rmtree(done, ignore_errors=True)
    done.mkdir(parents=True, exist_ok=True)
    environment = {"DLKO_PROFILE": "full"} | getattr(plan, "ENVIRONMENT", {})
    with execute.chapter_session(chapter, done / "out", **environment) as (kernel, notebook):
        cells = {cell.id: cell for cell in code_cells(notebook)}
        for name in plan.CELLS:
            kernel.run(cells[name])
        sources = {name: cell.source for name, cell in cells.items()}
        kernel.run_code(f"import {plan.__name__} as _record\n_cells = {sources!r}", "기록할 준비")
        found = {}
        for number, piece in enumerate(plan.PIECES, start=1):
            path = done / f"{number:02d}.json"
            if not path.exists():
                start = time.monotonic()
                value = kernel.value(f"_record.measure(globals(), {piece!r})", piece)
                path.with_suffix(".tmp").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
                path.with_suffix(".tmp").replace(path)
                print(f"[기록] {chapter.name} {piece}: {time.monotonic() - start:.0f}초")
            found[piece] = json.loads(path.read_text(encoding="utf-8"))
        kernel.run_code(f"_pieces = {found!r}", "조각 모으기")
        result = kernel.value("_record.summarize(globals(), _pieces)", "기록 쓰기")
    about = provenance(execute.read_report(done / "out"))
    if more := result.pop("data", {}):
        about["data"] = [about["data"][0] | more, *about["data"][1:]]
    path = write_record("study", chapter.name, about | result)
    print(f"[기록] {execute.relative(path)}")
