"""실행 보고서: `run-report` 지시문.

노트북을 실행할 때 남은 `_build/artifacts/<부>/<장>/report.json`을 모아 장마다 데이터, 설정, 장치, 버전, 시간,
품질과 합격선을 표로 보입니다. 긴 실행의 기록(`book/_records/<부>/<장>.json`)이 있으면 두 값을 나란히 보입니다.
"""

from __future__ import annotations

import hashlib
import html
import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from website.chapters import find_chapter, read_parts

EMPTY = '<p class="dlko-empty">아직 실행한 장이 없습니다. <code>make book</code>을 실행하면 이 자리에 표가 생깁니다.</p>'


class ReportNode(nodes.General, nodes.Element):
    """쓰기 단계에서 표로 바뀌는 자리."""


class RunReport(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        self.env.__dict__.setdefault("dlko_report_pages", set()).add(self.env.docname)
        # 표가 넓으므로 오른쪽 차례를 두지 않습니다.
        self.env.metadata[self.env.docname]["html_theme.sidebar_secondary.remove"] = "true"
        return [ReportNode()]


def seconds_text(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f}초"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}분 {rest}초" if minutes < 60 else f"{minutes // 60}시간 {minutes % 60}분"


def number_text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.1f}"
    return str(value)


def quality_html(entries: list[dict[str, Any]]) -> str:
    """품질 하나마다 한 줄: 이름, 얻은 값, 합격선."""
    if not entries:
        return "훈련하지 않는 장"
    rows = []
    for entry in entries:
        sign = "이하" if entry.get("lower_is_better") else "이상"
        floor = entry.get("floor")
        line = (
            "" if floor is None else f" <span class='dlko-floor'>(합격선 {number_text(floor)} {sign})</span>"
        )
        rows.append(f"<li>{html.escape(str(entry['name']))} <b>{number_text(entry['value'])}</b>{line}</li>")
    return f"<ul>{''.join(rows)}</ul>"


def data_html(item: dict[str, Any]) -> str:
    """데이터가 어디서 왔는지 한 줄. 앞의 ‘데이터:’는 표의 머리글과 겹치므로 뺍니다."""
    line = html.escape(str(item.get("line") or item.get("name", "")).removeprefix("데이터:").strip())
    digest = html.escape(str(item.get("sha256") or "")[:16])
    about = f"{line} <small>SHA-256 {digest}…</small>" if digest else line
    return f'<span class="dlko-data">{about}</span>'


def versions_text(versions: dict[str, str]) -> str:
    return ", ".join(f"{html.escape(name)} {html.escape(str(version))}" for name, version in versions.items())


def table_html(caption: str, headings: list[str], rows: list[list[str]]) -> str:
    head = "".join(f'<th scope="col">{text}</th>' for text in headings)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<div class="dlko-table" role="region" aria-label="{html.escape(caption)}" tabindex="0">'
        f'<table class="table dlko-report"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def report_html(entries: list[tuple[str, str, dict[str, Any]]]) -> str:
    """`entries`는 (제목, 링크, 보고)의 목록입니다."""
    if not entries:
        return EMPTY
    versions = [entry.get("versions", {}) for _, _, entry in entries]
    same = all(version == versions[0] for version in versions)
    headings = ["장", "데이터", "프로필", "장치", "걸린 시간", "품질", *([] if same else ["버전"])]
    rows = [_row(title, link, entry, same) for title, link, entry in entries]
    total = sum(entry.get("seconds") or 0 for _, _, entry in entries)
    blocks = [table_html("이 빌드의 값", headings, rows)]
    blocks.append(f"<p>모든 장의 실행 시간을 더하면 {seconds_text(total)}입니다.</p>")
    if same and versions[0]:
        blocks.append(f"<p>모든 장이 같은 버전으로 실행되었습니다: {versions_text(versions[0])}.</p>")
    recorded = [item for item in entries if item[2].get("recorded")]
    if recorded:
        blocks.append(recorded_html(recorded))
    return "\n".join(blocks)


def recorded_html(entries: list[tuple[str, str, dict[str, Any]]]) -> str:
    """이 빌드의 값 옆에, 따로 기록해 둔 긴 실행의 값과 그 출처를 나란히 둡니다."""
    headings = [
        "장", "이 빌드의 시간", "이 빌드의 품질", "긴 실행의 시간", "긴 실행의 품질",
        "긴 실행의 데이터", "장치와 버전", "날짜", "다시 하는 명령",
    ]  # fmt: skip
    rows = []
    for title, link, entry in entries:
        name, _, _, _, seconds, quality = _row(title, link, entry, same_versions=True)
        long = entry["recorded"]
        _, data, _, device, long_seconds, long_quality, versions = _row(
            title, link, long, same_versions=False
        )
        command = long.get("command", "")
        rows.append(
            [
                name,
                seconds,
                quality,
                long_seconds,
                long_quality,
                data,
                f"{device}, {versions}",
                html.escape(str(long.get("date", "–"))),
                f"<code>{html.escape(str(command))}</code>" if command else "–",
            ]
        )
    return table_html("이 빌드의 값과, 따로 기록해 둔 긴 실행의 값", headings, rows)


def _row(title: str, link: str, entry: dict[str, Any], same_versions: bool) -> list[str]:
    data = [data_html(item) for item in entry.get("data") or []]
    name = f'<a href="{html.escape(link)}">{html.escape(title)}</a>' if link else html.escape(title)
    row = [
        name,
        "<br />".join(data) or "이 장에서 직접 만듭니다",
        html.escape(str(entry.get("profile", "–"))),
        html.escape(str(entry.get("device", "–"))),
        seconds_text(entry.get("seconds")),
        quality_html(entry.get("quality") or []),
    ]
    return row if same_versions else [*row, versions_text(entry.get("versions", {})) or "–"]


def report_files(source_dir: Path, build_dir: Path) -> list[tuple[str, Path, Path]]:
    """목차 순서의 (문서 이름, 보고 파일, 긴 실행 기록)."""
    found = []
    for part in read_parts(source_dir / "_toc.yml"):
        for docname in part.docnames:
            key = "/".join(docname.split("/")[-2:])
            report = build_dir / "artifacts" / key / "report.json"
            record = source_dir / "book" / "_records" / f"{key}.json"
            if docname.startswith("notebooks/"):
                found.append((docname, report, record))
    return found


def collect(source_dir: Path, build_dir: Path) -> list[tuple[str, str, dict[str, Any]]]:
    entries = []
    for docname, report, record in report_files(source_dir, build_dir):
        if not report.exists():
            continue
        entry = json.loads(report.read_text(encoding="utf-8"))
        if record.exists() and not entry.get("recorded"):
            entry["recorded"] = json.loads(record.read_text(encoding="utf-8"))
        chapter = find_chapter(source_dir, docname)
        entries.append((chapter.title if chapter else entry.get("title", docname), docname, entry))
    return entries


def render_report(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for node in list(doctree.findall(ReportNode)):
        entries = [
            (
                title,
                app.builder.get_relative_uri(docname, target) if target in app.env.all_docs else "",
                entry,
            )
            for title, target, entry in collect(Path(app.srcdir), Path(app.outdir).parent)
        ]
        node.replace_self(nodes.raw("", report_html(entries), format="html"))


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """보고 파일이 바뀌면 보고서 쪽만 다시 씁니다."""
    digest = hashlib.sha256()
    for docname, *paths in report_files(Path(app.srcdir), Path(app.outdir).parent):
        for path in paths:
            digest.update(f"{docname} ".encode() + (path.read_bytes() if path.exists() else b"-"))
    before, now = env.__dict__.get("dlko_report_digest"), digest.hexdigest()
    env.__dict__["dlko_report_digest"] = now
    return sorted(env.__dict__.get("dlko_report_pages", set()) & set(env.all_docs)) if before != now else []


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(ReportNode)
    app.add_directive("run-report", RunReport)
    app.connect("doctree-resolved", render_report)
    app.connect("env-get-outdated", outdated)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
