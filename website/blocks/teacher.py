"""가르치는 분의 표. 장의 메타데이터 `teaching`에서 만듭니다.

teaching-table   장마다의 시간, 차시, 먼저 알아야 할 것, 고비
lesson-plan      주마다 두 차시씩 나눈 표
exercise-table   연습 문제가 확인하는 것
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from course.notebooks import Chapter, chapters, parts
from website.blocks import Block, table_markdown

LESSONS_A_WEEK = 2
WEEKS_A_TERM = 16


def teaching(chapter: Chapter) -> dict[str, Any]:
    return chapter.info.get("teaching", {})


def lessons(chapter: Chapter) -> int:
    return int(teaching(chapter).get("lessons", 1))


def short(chapter: Chapter) -> str:
    return str(chapter.info.get("short", chapter.title))


class TeachingTable(Block):
    def markdown(self) -> str:
        known = chapters()
        rows = [
            [
                f"[{chapter.title}](/{chapter.docname}.ipynb)",
                f"약 {chapter.minutes}분",
                str(lessons(chapter)),
                teaching(chapter).get("before", "–"),
                teaching(chapter).get("hurdle", "–"),
            ]
            for chapter in known
        ]
        minutes, total = sum(chapter.minutes for chapter in known), sum(map(lessons, known))
        rows.append(["**모두**", f"약 {minutes // 60}시간 {minutes % 60}분", str(total), "", ""])
        return table_markdown(["장", "시간", "차시", "먼저 알아야 할 것", "수업의 고비"], rows)


class LessonPlan(Block):
    def markdown(self) -> str:
        known = [(short(chapter), lessons(chapter)) for chapter in chapters()]
        weeks = plan(known)
        term = "한 학기 " if len(weeks) <= WEEKS_A_TERM else ""
        half = (len(weeks) + 1) // 2
        numbered = [[str(number), text] for number, text in enumerate(weeks, start=1)]
        right = [*numbered[half:], ["", ""]]
        rows = [[*left, *right[index]] for index, left in enumerate(numbered[:half])]
        return f"**{term}{len(weeks)}주, 주마다 두 차시**\n\n{table_markdown(['주', '내용', '주', '내용'], rows)}"


def plan(known: list[tuple[str, int]]) -> list[str]:
    """(장의 짧은 이름, 차시)들을 차례로 주에 나누어 담습니다. 가운데와 끝에 평가를 둡니다."""
    hours = list(chain.from_iterable([name] * count for name, count in [("환경 준비", 1), *known]))
    weeks = [week_text(hours[at : at + LESSONS_A_WEEK]) for at in range(0, len(hours), LESSONS_A_WEEK)]
    weeks.insert((len(weeks) + 1) // 2, "발표와 중간 평가")
    return [*weeks, "발표와 기말 평가"]


def week_text(hours: list[str]) -> str:
    return ", ".join(f"{name} {hours.count(name)}" for name in dict.fromkeys(hours))


class ExerciseTable(Block):
    def markdown(self) -> str:
        headings = ["장", "번호", "확인하는 것", "걸리는 정도"]
        return "\n\n".join(
            f"**{part.caption}**\n\n{table_markdown(headings, rows)}"
            for part in parts()
            if (rows := list(chain.from_iterable(map(exercise_rows, part.chapters))))
        )


def exercise_rows(chapter: Chapter) -> Iterator[list[str]]:
    for number, (aim, effort) in enumerate(teaching(chapter).get("exercises", []), start=1):
        yield [short(chapter), str(number), aim, effort]
