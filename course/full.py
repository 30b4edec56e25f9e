"""전체 프로필로 실행하고, 결과를 출처와 함께 기록합니다. 책이 보여 주는 실행은 건드리지 않습니다."""

from course import execute
from course.bootstrap import BUILD, Stop
from course.notebooks import chapters
from course.provenance import commit, provenance, write_record


def record_full_runs(*names: str) -> int:
    """`make full`: 장을 하나씩 끝까지 실행하고 src/dlko/records/full에 남깁니다."""
    wanted = [execute.choose(name) for name in names] or chapters()
    commit()  # 커밋하지 않은 변경이 있으면 오래 실행하기 전에 알립니다.
    failed = []
    for chapter in wanted:
        print(f"[전체 실행] {chapter.name}")
        try:
            run = execute.execute(chapter, BUILD / "full" / chapter.name, DLKO_PROFILE="full")
        except execute.ChapterFailed as error:
            failed.append(f"■ notebooks/{chapter.name}.ipynb: {error}")
            continue
        record = provenance(run.report) | run.report | {"seconds": round(run.seconds, 1)}
        path = write_record("full", chapter.name, record)
        print(f"[전체 실행] {chapter.name}: {run.seconds:.0f}초. 기록: {execute.relative(path)}")
    if failed:
        raise Stop("\n\n".join(failed))
    return 0
