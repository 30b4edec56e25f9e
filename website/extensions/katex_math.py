"""수식을 빌드할 때 KaTeX로 미리 그립니다. 읽는 사람의 브라우저는 수식 스크립트를 받지 않습니다.

그리는 KaTeX와 모양을 정하는 CSS가 같은 npm 패키지에서 오므로 판이 어긋나지 않습니다.
"""

from __future__ import annotations

import contextlib
import html
import json
import subprocess
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from website import assets

logger = logging.getLogger(__name__)
SCRIPT = Path(__file__).resolve().parent.parent / "katex_render.js"


class Renderer:
    """Node를 하나 띄워 두고 수식을 한 줄씩 건넵니다."""

    def __init__(self, katex: Path) -> None:
        self.katex = katex
        self.process: subprocess.Popen[str] | None = None
        self.known: dict[tuple[str, bool], dict[str, str]] = {}

    def render(self, latex: str, display: bool) -> dict[str, str]:
        """{"html": …} 또는 틀린 수식이면 {"error": …}"""
        key = (latex, display)
        if key not in self.known:
            self.known[key] = self._ask(latex, display)
        return self.known[key]

    def _ask(self, latex: str, display: bool) -> dict[str, str]:
        if self.process is None:
            self.process = subprocess.Popen(
                [assets.node_program(), str(SCRIPT), str(self.katex)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        assert self.process.stdin and self.process.stdout
        answer = ""
        with contextlib.suppress(OSError):
            self.process.stdin.write(json.dumps({"latex": latex, "display": display}) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        if not answer:
            raise ExtensionError("수식을 그리는 Node가 멈췄습니다. requirements.txt를 다시 설치해 주세요.")
        return json.loads(answer)

    def close(self) -> None:
        if self.process is None:
            return
        with contextlib.suppress(OSError):
            self.process.communicate(timeout=10)
        if self.process.poll() is None:
            self.process.kill()
        self.process = None


_renderers: dict[str, Renderer] = {}


def math_html(self: HTML5Translator, node: nodes.Node, display: bool) -> str:
    """수식 하나의 HTML. 틀린 수식은 경고로 알리고(빌드가 실패합니다) 원문을 그대로 보입니다."""
    latex = node.astext()
    answer = _renderers[str(self.builder.app.outdir)].render(latex, display)
    if "html" in answer:
        return answer["html"]
    logger.warning("수식을 그리지 못했습니다: %s", answer["error"], location=node)
    return f"<code>{html.escape(latex)}</code>"


def visit_math(self: HTML5Translator, node: nodes.Element) -> None:
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate"))
    self.body.append(math_html(self, node, False) + "</span>")
    raise nodes.SkipNode


def visit_displaymath(self: HTML5Translator, node: nodes.Element) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math notranslate"))
    self.body.append(math_html(self, node, True))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def prepare(app: Sphinx, config: Config) -> None:
    build_dir = Path(app.outdir).parent
    try:
        static_dir = assets.prepare(build_dir)
    except assets.AssetError as error:
        raise ExtensionError(str(error)) from error
    if str(static_dir) not in config.html_static_path:
        config.html_static_path.append(str(static_dir))
    _renderers[str(app.outdir)] = Renderer(assets.katex_script(build_dir))


def finish(app: Sphinx, exception: Exception | None) -> None:
    if renderer := _renderers.pop(str(app.outdir), None):
        renderer.close()


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_html_math_renderer("katex", (visit_math, None), (visit_displaymath, None))
    app.add_css_file("katex/katex.min.css")
    app.connect("config-inited", prepare)
    app.connect("build-finished", finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
