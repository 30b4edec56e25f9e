"""책을 사이트로 만드는 Sphinx 확장 하나. 무엇이 어떤 차례로 일어나는지는 이 파일에 다 있습니다."""

import hashlib
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from course.bootstrap import ROOT
from course.notebooks import find
from website import DRAWING, assets, blocks
from website.blocks import cards, glossary, references, report, speed, teacher
from website.page import Page, body, head, markdown, parse
from website.site import address, demos, fonts, katex, paper, search, strings, weight

# 글을 읽을 때: 지시문을 내용으로 바꾸고, 글 나무를 고칩니다.
DIRECTIVES = {
    "chapter-cards": cards.ChapterCards,
    "showcase": cards.Showcase,
    "teaching-table": teacher.TeachingTable,
    "lesson-plan": teacher.LessonPlan,
    "exercise-table": teacher.ExerciseTable,
    "chapter-references": references.ChapterReferences,
    "run-report": report.RunReport,
    "speed-table": speed.SpeedTable,
    "speed-sources": speed.SpeedSources,
    "speed-steps": speed.SpeedSteps,
    "demo": demos.Demo,
}
TRANSFORMS = (markdown.LeadIns, markdown.SectionAddresses)

# 쪽을 쓸 때: HTML을 한 번 읽어 이 차례로 고칩니다.
PAGE_STEPS = (
    head.describe,
    head.preview,
    head.chapter_line,
    body.fold_deeper,
    demos.place_demos,
    body.repair,
    body.size_images,
    search.collect,
    weight.keep_needed,
)

# 쪽을 다 쓴 다음.
BUILD_STEPS = (
    cards.draw_pictures,
    demos.write_demos,
    search.write_index,
    fonts.write_fonts,
    weight.slim_output,
    paper.offer_files,
)

# 환경 변수(DLKO_SITE_URL …)로 주는 설정과 그 기본값.
SETTINGS = {"dlko_site_url": "", "dlko_repository": "", "dlko_colab_branch": "", "dlko_branch": "main"}
# 다른 확장이 더하는 것까지 본 다음에 고치도록 맨 뒤에 섭니다.
LAST = 900


def setup(app: Sphinx) -> dict[str, Any]:
    strings.translate(app)
    for name, default in SETTINGS.items():
        app.add_config_value(name, os.environ.get(name.upper(), default), "html")
    notice_changes(app)

    app.connect("config-inited", address.use_address, priority=400)  # notfound가 주소를 읽기 전에
    app.connect("config-inited", katex.prepare)
    app.connect("builder-inited", search.use_own_search)
    app.connect("builder-inited", head.tell_why_no_links)

    app.connect("env-get-outdated", blocks.pages_to_read_again)
    app.connect("source-read", glossary.add_first_chapters)
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    for transform in TRANSFORMS:
        app.add_transform(transform)

    app.add_html_math_renderer("katex", (katex.visit_math, None), (katex.visit_displaymath, None))
    app.add_css_file("katex/katex.min.css")
    app.connect("html-collect-pages", address.extra_pages)
    app.connect("html-page-context", rewrite_page, priority=LAST)

    app.connect("build-finished", finish, priority=LAST)
    # 지시문이 표시를 남기는 env는 프로세스마다 따로이므로 나누어 읽지 않습니다.
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": False}


def notice_changes(app: Sphinx) -> None:
    """Sphinx는 글이 바뀌지 않으면 확장이나 스타일이 바뀐 것을 모릅니다. 그 지문을 설정값으로 알려 줍니다.

    읽는 방법이 바뀌면 다시 읽고("env"), 보이는 것만 바뀌면 다시 쓰기만 합니다("html").
    """
    code = [*assets.WEBSITE.rglob("*.py"), *(ROOT / name for name in DRAWING)]
    look = [path for path in (assets.WEBSITE / "theme").rglob("*") if path.is_file()]
    look += ROOT.glob("chapters/*/*/demo.js")
    app.add_config_value("dlko_code", fingerprint(code), "env")
    app.add_config_value("dlko_look", fingerprint(look), "html")


def fingerprint(paths: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()


def rewrite_page(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    html = context.get("body") or ""
    page = Page(app, name, context, doctree, parse(html), find(name))
    for step in PAGE_STEPS:
        step(page)
    if html:
        context["body"] = str(page.body)


def finish(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        logging.getLogger("fontTools").setLevel(logging.WARNING)
        for step in BUILD_STEPS:
            step(app)
