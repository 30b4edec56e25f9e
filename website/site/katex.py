"""수식을 빌드할 때 KaTeX로 미리 그립니다. 읽는 사람의 브라우저는 수식 스크립트를 받지 않습니다.

그리는 KaTeX와 모양을 정하는 CSS가 같은 npm 패키지에서 오므로 판이 어긋나지 않습니다.
"""

import html
import json
import subprocess
from functools import cache
from pathlib import Path

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
SCRIPT = Path(__file__).with_name("katex_render.js")


def prepare(app: Sphinx, config: Config) -> None:
    """npm에서 온 스타일과 글꼴을 사이트에 싣습니다."""
    try:
        config.html_static_path.append(str(assets.prepare(Path(app.outdir).parent)))
    except assets.AssetError as error:
        raise ExtensionError(str(error)) from error


@cache
def _node(build_dir: Path) -> subprocess.Popen[str]:
    """띄워 두고 수식을 한 줄씩 건네는 Node. 이 프로세스가 끝나면 따라 끝납니다."""
    katex = assets.package_file(build_dir, "katex/dist/katex.min.js")
    command = [assets.node_program(), str(SCRIPT), str(katex)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )


@cache
def draw(build_dir: Path, latex: str, display: bool) -> dict[str, str]:
    """{"html": …} 또는 틀린 수식이면 {"error": …}"""
    node = _node(build_dir)
    assert node.stdin and node.stdout
    print(json.dumps({"latex": latex, "display": display}), file=node.stdin, flush=True)
    if answer := node.stdout.readline():
        return json.loads(answer)
    raise ExtensionError("수식을 그리는 Node가 멈췄습니다. requirements.txt를 다시 설치해 주세요.")


def math_html(self: HTML5Translator, node: nodes.Node, display: bool) -> str:
    """수식 하나의 HTML. 틀린 수식은 경고로 알리고(빌드가 실패합니다) 원문을 그대로 보입니다."""
    answer = draw(Path(self.builder.outdir).parent, node.astext(), display)
    if "html" in answer:
        return answer["html"]
    logger.warning("수식을 그리지 못했습니다: %s", answer["error"], location=node)
    return f"<code>{html.escape(node.astext())}</code>"


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
