"""전체 프로필로 실행하고, 결과를 출처와 함께 기록합니다."""

import datetime
import json
import os
import subprocess

from course import execute
from course.bootstrap import ROOT, Stop
from course.notebooks import Chapter, chapters

RECORDS = ROOT / "book" / "_records"


def record_full_runs(*names: str) -> int:
    """`make full`: 장을 하나씩 끝까지 실행하고 book/_records에 남깁니다."""
    wanted = [c for c in chapters() if not names or c.name in names]
    if not wanted:
        raise Stop(f"그런 장이 없습니다: {', '.join(names)}")
    os.environ["DLKO_PROFILE"] = "full"
    failed = []
    for chapter in wanted:
        print(f"[전체 실행] {chapter.name}")
        try:
            run = execute.execute(chapter, timeout=4 * 3600)
        except execute.ChapterFailed as error:
            failed.append(f"■ notebooks/{chapter.name}.ipynb: {error}")
            continue
        _write_record(chapter, run)
    if failed:
        raise Stop("\n\n".join(failed))
    return 0


def _write_record(chapter: Chapter, run: execute.Run) -> None:
    report = execute.write_report(chapter, run)
    report["date"] = datetime.datetime.now(datetime.UTC).date().isoformat()
    report["commit"] = commit()
    report["command"] = f"python -m course full {chapter.name}"
    path = RECORDS / f"{chapter.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"[전체 실행] {chapter.name}: {run.seconds:.0f}초. 기록: {execute.relative(path)}")


def commit() -> str:
    """지금 커밋. 저장하지 않은 변경이 있으면 뒤에 +를 붙입니다. git이 없으면 빈 글."""
    command = ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
