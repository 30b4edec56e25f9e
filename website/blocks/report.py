"""실행 보고서: `run-report` 지시문.

노트북을 실행할 때 남은 기록을 모아 장마다 데이터, 설정, 장치, 버전, 시간, 품질과 합격선을 표로 보입니다. 긴 실행의 기록이
있으면 두 값을 나란히 보입니다.
"""

import html
from typing import Any

from course.notebooks import chapters
from website.blocks import (
    Block,
    left_by_run,
    number_text,
    read_json,
    record,
    seconds_text,
    table_html,
    versions_text,
)

EMPTY = '<p class="dlko-empty">아직 실행한 장이 없습니다. <code>make book</code>을 실행하면 이 자리에 표가 생깁니다.</p>'
Report = dict[str, Any]


class RunReport(Block):
    wide = True

    def html(self) -> str:
        runs = [(chapter, read_json(left_by_run(chapter, "report.json"))) for chapter in chapters()]
        return report_html([(self.link(c), run, record("full", c)) for c, run in runs if run])


def report_html(entries: list[tuple[str, Report, Report]]) -> str:
    """`entries`는 (장의 링크, 이 빌드의 실행, 긴 실행의 기록)의 목록입니다."""
    if not entries:
        return EMPTY
    versions = [run.get("versions", {}) for _, run, _ in entries]
    same = all(version == versions[0] for version in versions)
    headings = ["장", "데이터", "프로필", "장치", "걸린 시간", "품질", *([] if same else ["버전"])]
    rows = [[link, *cells(run)][: len(headings)] for link, run, _ in entries]
    total = sum(run.get("seconds") or 0 for _, run, _ in entries)
    blocks = [table_html("이 빌드의 값", headings, rows)]
    blocks.append(f"<p>모든 장의 실행 시간을 더하면 {seconds_text(total)}입니다.</p>")
    if same and versions[0]:
        blocks.append(f"<p>모든 장이 같은 버전으로 실행되었습니다: {versions_text(versions[0])}.</p>")
    if recorded := [entry for entry in entries if entry[2]]:
        blocks.append(recorded_html(recorded))
    return "\n".join(blocks)


def recorded_html(entries: list[tuple[str, Report, Report]]) -> str:
    """이 빌드의 값 옆에, 따로 기록해 둔 긴 실행의 값과 그 출처를 나란히 둡니다."""
    headings = [
        "장", "이 빌드의 시간", "이 빌드의 품질", "긴 실행의 시간", "긴 실행의 품질",
        "긴 실행의 데이터", "장치와 버전", "날짜", "다시 하는 명령",
    ]  # fmt: skip
    rows = []
    for link, run, long in entries:
        *_, seconds, quality, _ = cells(run)
        data, _, device, long_seconds, long_quality, versions = cells(long)
        command = long.get("command", "")
        repeat = f"<code>{html.escape(str(command))}</code>" if command else "–"
        date = html.escape(str(long.get("date", "–")))
        place = f"{device}, {versions}"
        rows.append([link, seconds, quality, long_seconds, long_quality, data, place, date, repeat])
    return table_html("이 빌드의 값과, 따로 기록해 둔 긴 실행의 값", headings, rows)


def cells(run: Report) -> list[str]:
    """실행 하나의 데이터, 프로필, 장치, 시간, 품질, 버전."""
    return [
        "<br />".join(map(data_html, run.get("data") or [])) or "이 장에서 직접 만듭니다",
        html.escape(str(run.get("profile", "–"))),
        html.escape(str(run.get("device", "–"))),
        seconds_text(run.get("seconds")),
        quality_html(run.get("quality") or []),
        versions_text(run.get("versions", {})) or "–",
    ]


def data_html(item: dict[str, Any]) -> str:
    """데이터가 어디서 왔는지 한 줄. 앞의 '데이터:'는 표의 머리글과 겹치므로 뺍니다."""
    line = html.escape(str(item.get("line") or item.get("name", "")).removeprefix("데이터:").strip())
    digest = html.escape(str(item.get("sha256") or "")[:16])
    about = f"{line} <small>SHA-256 {digest}…</small>" if digest else line
    return f'<span class="dlko-data">{about}</span>'


def quality_html(entries: list[dict[str, Any]]) -> str:
    """품질 하나마다 한 줄: 이름, 얻은 값, 합격선."""
    if not entries:
        return "훈련하지 않는 장"
    rows = []
    for entry in entries:
        line, floor = "", entry.get("floor")
        if floor is not None:
            sign = "이하" if entry.get("lower_is_better") else "이상"
            line = f' <span class="dlko-floor">(합격선 {number_text(floor)} {sign})</span>'
        rows.append(f"<li>{html.escape(str(entry['name']))} <b>{number_text(entry['value'])}</b>{line}</li>")
    return f"<ul>{''.join(rows)}</ul>"
