"""속도 비교의 표. `make bench`가 남긴 기록을 보입니다. 글에는 숫자를 적지 않고 모두 기록에서 가져옵니다.

speed-table                      모든 장의 표
speed-sources                    그 기록의 출처
speed-steps :chapter: cnn/digits 그 장의 흔한 방법, 한 군데씩 고친 것, 이 책의 시간을 차례로
"""

import html
from typing import Any, ClassVar

from docutils.parsers.rst import directives

from course.benchmark.table import geometric_mean, reached
from course.notebooks import Chapter, chapters
from website.blocks import Block, number_text, record, seconds_text, table_html, versions_text

EMPTY = '<p class="dlko-empty">아직 기록이 없습니다. <code>make bench</code>를 실행하면 이 자리에 표가 생깁니다.</p>'
EMPTY_CHAPTER = '<p class="dlko-empty">이 장은 아직 재지 않았습니다.</p>'
NOT_REACHED = "닿지 못함"
Row = dict[str, Any]


class SpeedTable(Block):
    """모든 장의 표."""

    wide = True

    def html(self) -> str:
        return speed_html(self.rows())

    def rows(self) -> list[tuple[str, Row]]:
        """두 쪽을 다 잰 장의 (링크, 기록)."""
        found = ((chapter, record("bench", chapter)) for chapter in chapters())
        return [(self.link(chapter), row) for chapter, row in found if row.get("threshold") is not None]


class SpeedSources(SpeedTable):
    """기록이 어디서 왔는지."""

    def html(self) -> str:
        return sources_html(self.rows())


class SpeedSteps(Block):
    """한 장에서 무엇이 얼마나 빠르게 했는지."""

    wide = True
    option_spec: ClassVar[dict[str, Any]] = {"chapter": directives.unchanged_required}

    def html(self) -> str:
        chapter = Chapter(self.options["chapter"])
        return steps_html(chapter.title, record("bench", chapter))


def speed_html(entries: list[tuple[str, Row]]) -> str:
    """모든 장의 표. `entries`는 (장의 링크, 기록)의 목록입니다."""
    if not entries:
        return EMPTY
    rows = [
        [
            link,
            f"<b>{ratio_text(row['recipe_seconds'], row['chapter_seconds'])}</b>",
            time_text(row["seconds_spread"]["recipe"]) + missed_text(row, "recipe"),
            time_text(row["seconds_spread"]["chapter"]) + missed_text(row, "chapter"),
            html.escape(row["measure"]),
            f"{number_text(float(row['threshold']))} {'이하' if row['lower_is_better'] else '이상'}",
            quality_text(row["recipe_quality"]),
            quality_text(row["chapter_quality"]),
        ]
        for link, row in entries
    ]
    headings = ["장", "배수", "흔한 방법", "이 책", "품질", "기준", "흔한 방법의 품질", "이 책의 품질"]
    table = table_html("기준에 닿기까지 훈련한 시간 (따로 기록해 둔 값)", headings, rows)
    ratios = [row["ratio"] for _, row in entries if row["ratio"]]
    if len(ratios) < 2:
        return table
    return (
        f"{table}\n<p>배수의 기하평균은 <b>{geometric_mean(ratios):.1f}배</b>, "
        f"가장 작은 것은 {min(ratios):.1f}배, 가장 큰 것은 {max(ratios):.1f}배입니다.</p>"
    )


def sources_html(entries: list[tuple[str, Row]]) -> str:
    """데이터, 컴퓨터, 버전, 날짜, 커밋, 다시 하는 명령."""
    headings = ["장", "흔한 방법", "데이터", "실행", "컴퓨터", "버전", "날짜와 커밋", "다시 하는 명령"]
    rows = []
    for link, row in entries:
        counts, data = row["counts"], row["data"][0]
        runs = f"흔한 방법 {counts['recipe']}번, 이 책 {counts['chapter']}번({row['profile']} 프로필)"
        if row["recipe_timed_in_part"]:
            runs += ". 흔한 방법은 한 번만 끝까지 하고 나머지는 몇 스텝의 시간만 쟀습니다"
        rows.append(
            [
                link,
                html.escape(row["recipe"]),
                f"{html.escape(data['title'])} <small>SHA-256 {data['sha256'][:16]}…</small>",
                runs,
                html.escape(f"{row['device']}, {row['processor']}"),
                versions_text(row["versions"]),
                f"{row['date']} <small>{html.escape(row['commit'])}</small>",
                f"<code>{html.escape(row['command'])}</code>",
            ]
        )
    return table_html("기록의 출처", headings, rows) if rows else EMPTY


def steps_html(title: str, row: Row) -> str:
    """흔한 방법에서 한 가지씩 고치면 기준에 닿는 시간이 어떻게 되는지."""
    if row.get("threshold") is None:
        return EMPTY_CHAPTER
    slow = row["recipe_seconds"]
    lines = [("흔한 방법 그대로", slow, row["recipe_quality"])]
    for entry in row["variants"].values():
        note = " (몇 스텝의 시간으로 셈한 값)" if entry["estimated"] else ""
        lines.append((entry["label"] + note, entry["seconds"], entry["quality"]))
    lines.append(("이 책의 장", row["chapter_seconds"], row["chapter_quality"]))
    rows = [
        [
            html.escape(label),
            NOT_REACHED if seconds is None else seconds_text(seconds),
            "1배" if index == 0 else ratio_text(slow, seconds),
            quality_text(quality),
        ]
        for index, (label, seconds, quality) in enumerate(lines)
    ]
    headings = ["방법", "기준에 닿은 시간", "흔한 방법의 몇 배 빠르기", row["measure"]]
    return table_html(f"{title}: 무엇이 얼마나 빠르게 했나 (기록)", headings, rows)


def time_text(values: dict[str, float] | None) -> str:
    """중앙값과 (가장 작은 값–가장 큰 값)."""
    if not values:
        return NOT_REACHED
    middle = f"<b>{seconds_text(values['median'])}</b>"
    if values["low"] == values["high"]:
        return middle
    return f"{middle} <small>({values['low']:.1f}–{values['high']:.1f}초)</small>"


def missed_text(row: Row, side: str) -> str:
    """끝까지 한 실행 가운데 기준에 닿지 못한 것의 수. 없으면 빈 글입니다."""
    whole = [run for run in row["runs"] if run["side"] == side and run["complete"]]
    hits = [reached(run["curve"], row["threshold"], row["lower_is_better"]) for run in whole]
    missed = hits.count(None)
    return f" <small>{len(whole)}번 가운데 {missed}번은 닿지 못함</small>" if missed else ""


def quality_text(values: dict[str, float] | None) -> str:
    if not values:
        return "–"
    middle, low, high = (number_text(float(values[name])) for name in ("median", "low", "high"))
    return middle if values["low"] == values["high"] else f"{middle} <small>({low}–{high})</small>"


def ratio_text(before: float | None, after: float | None) -> str:
    return f"{before / after:.1f}배" if before and after else "–"
