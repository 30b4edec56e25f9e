"""목차(_toc.yml)와 노트북 원본(.ipynb)을 읽고 다듬습니다. 책을 읽는 코드는 모두 이 파일을 거칩니다."""

import copy
import hashlib
import re
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from course.bootstrap import ROOT

NOTEBOOKS = ROOT / "notebooks"
ROOMS = ROOT / "chapters"
CHECKED = "nbval-check-output"  # nbval이 출력을 비교하는 칸의 태그
KEPT = ("tags", "mystnb")  # 남기는 칸의 메타데이터. 나머지는 노트북을 연 프로그램이 적은 것입니다.
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
COLAB_CELLS = (
    "colab-intro",
    "colab-instal",
)  # course.colab이 앞에 붙인 칸. Colab은 id를 열두 글자로 자릅니다.
COVER = "cover"  # 첫 화면의 카드가 될 그림이 있는 칸의 태그
HIDDEN = "hide-input"  # 그리기만 하는 코드의 태그. 사이트에서 코드가 접힙니다.
DIFFICULTY = {1: "쉬움", 2: "보통", 3: "도전"}
DEEPER = "더 깊이:"  # 이렇게 시작하는 절은 본문이 아닙니다. 사이트가 접습니다.

SOLUTION = re.compile(r"<details>\s*<summary>해답[^<]*</summary>(.*?)</details>", re.DOTALL)
DETAILS = re.compile(r"<details>.*?</details>", re.DOTALL)
PYTHON_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
HEADING = re.compile(r"^(#{1,6}) +(.+?)\s*$", re.MULTILINE)
NO_PROSE = re.compile(
    r"^(```+|~~~+)[^\n]*\n.*?^\1[^\n]*$"  # 코드 울타리
    r"|\$\$.*?\$\$|(?<!\\)\$[^$\n]+\$"  # 수식
    r"|`+[^`\n]+`+"  # 글 속의 코드
    r"|(?<=\])\([^)\s]*\)"  # 링크의 주소
    r"|<[^>\n]+>|https?://\S+",
    re.MULTILINE | re.DOTALL,
)
# 읽고 실습하는 시간의 셈: 글 450자에 1분, 보이는 코드 한 줄에 7초, 그림 하나에 20초
CHARACTERS_PER_MINUTE, SECONDS_PER_LINE, SECONDS_PER_FIGURE = 450, 7, 20
NOT_READ = ("연습 문제", "참고 문헌")


@dataclass(frozen=True)
class Part:
    """목차의 한 부: 이름과 그 안의 문서들."""

    caption: str
    docnames: tuple[str, ...]

    @property
    def chapters(self) -> list["Chapter"]:
        return [chapter for name in self.docnames if (chapter := find(name))]


@dataclass(frozen=True)
class Chapter:
    """책의 한 장. `name`은 `cnn/digits` 같은 이름입니다."""

    name: str

    @property
    def path(self) -> Path:
        return NOTEBOOKS / f"{self.name}.ipynb"

    @property
    def docname(self) -> str:
        """Sphinx가 부르는 이름: `notebooks/cnn/digits`."""
        return f"notebooks/{self.name}"

    @property
    def room(self) -> Path:
        """이 장에만 딸린 것(견줄 방법, 기록하는 프로그램, 시연)을 두는 폴더."""
        return ROOMS / self.name

    def read(self) -> NotebookNode:
        """노트북. 돌려받은 것은 마음대로 고쳐도 됩니다."""
        return copy.deepcopy(self._shared)

    @property
    def _shared(self) -> NotebookNode:
        """파일이 그대로이면 다시 읽지 않는 노트북. 보기만 하고 고치지 않습니다."""
        return _read(self.path, self.path.stat().st_mtime_ns)

    @property
    def info(self) -> dict[str, Any]:
        """노트북의 메타데이터 `dlko`."""
        return dict(self._shared.metadata.get("dlko", {}))

    @property
    def title(self) -> str:
        headings = HEADING.findall("\n".join(text for _, text in markdown_cells(self._shared)))
        return next((text for level, text in headings if level == "#"), self.name)

    @property
    def description(self) -> str:
        return str(self.info.get("description", "")).strip()

    @property
    def difficulty(self) -> str:
        return DIFFICULTY.get(self.info.get("difficulty", 0), "")

    @property
    def seconds(self) -> int:
        """코어 둘에서 혼자 짧게(quick) 실행할 때 넘지 않기로 한 초."""
        return int(self.info.get("seconds", 30))

    @property
    def minutes(self) -> int:
        """본문(더 깊이, 연습 문제, 참고 문헌을 뺀 것)을 읽고 실습하는 시간(분)."""
        return reading_minutes(self._shared)

    @property
    def cover_alt(self) -> str:
        cells = (cell for cell in self._shared.cells if has_tag(cell, COVER))
        return next((alt_text(cell) for cell in cells), "")


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> NotebookNode:
    return load(path)


def parts(toc: Path = ROOT / "_toc.yml") -> list[Part]:
    """목차의 부들. 장의 순서는 _toc.yml에만 있습니다."""
    entries = yaml.safe_load(toc.read_text(encoding="utf-8")).get("parts", [])
    return [Part(entry.get("caption", ""), tuple(_files(entry.get("chapters", [])))) for entry in entries]


def _files(node: object) -> Iterator[str]:
    """목차 나무에서 `file:` 값을 차례로 꺼냅니다."""
    if isinstance(node, dict):
        if isinstance(node.get("file"), str):
            yield node["file"].removesuffix(".ipynb").removesuffix(".md")
        for value in node.values():
            yield from _files(value)
    elif isinstance(node, list):
        for value in node:
            yield from _files(value)


def chapters() -> list[Chapter]:
    """목차의 순서대로 늘어놓은 모든 장. 아직 파일이 없는 장도 목차에 있으면 들어 있습니다."""
    names = (name for part in parts() for name in part.docnames)
    return [Chapter(name.removeprefix("notebooks/")) for name in names if name.startswith("notebooks/")]


def find(docname: str) -> Chapter | None:
    """문서 이름(`notebooks/cnn/digits`)이나 장의 이름(`cnn/digits`)의 장. 노트북이 없으면 None입니다."""
    chapter = Chapter(docname.removeprefix("notebooks/").removesuffix(".ipynb"))
    return chapter if chapter.path.is_file() else None


# --- 칸 ----------------------------------------------------------------------------------------------------------


def has_tag(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def is_checked(cell: NotebookNode) -> bool:
    """nbval이 출력을 비교하는 칸인지."""
    return cell.cell_type == "code" and has_tag(cell, CHECKED)


def alt_text(cell: NotebookNode) -> str:
    """칸이 그리는 그림의 대체 글. 없으면 빈 글입니다."""
    return str(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "") or "")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook: NotebookNode) -> list[tuple[str, str]]:
    """글 칸마다 (칸 id, 글)."""
    return [(cell.get("id", ""), cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]


def solutions(notebook: NotebookNode) -> list[tuple[str, str]]:
    """연습 문제 해답의 코드들. (칸 id, 코드)의 목록입니다."""
    return [
        (cell_id, code)
        for cell_id, text in markdown_cells(notebook)
        for details in SOLUTION.findall(text)
        for code in PYTHON_BLOCK.findall(details)
    ]


def prose(markdown: str) -> str:
    """코드, 수식, 주소를 지운 글. 줄과 글자의 자리는 그대로입니다."""
    return NO_PROSE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), markdown)


def reading_minutes(notebook: NotebookNode) -> int:
    """본문을 읽고 실습하는 시간(분). 접히는 절(더 깊이), 연습 문제, 참고 문헌은 세지 않습니다."""
    characters = lines = figures = 0
    skipped_level = 0  # 이 깊이의 제목 아래에 있는 동안 세지 않습니다. 0이면 셉니다.
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if not skipped_level:
                figures += bool(alt_text(cell))
                if not has_tag(cell, HIDDEN):
                    lines += sum(1 for line in cell.source.splitlines() if line.strip())
            continue
        for piece in re.split(r"^(?=#{1,6} )", cell.source, flags=re.MULTILINE):
            if heading := HEADING.match(piece):
                level = len(heading[1])
                if not skipped_level or level <= skipped_level:
                    skip = heading[2].startswith((DEEPER, *NOT_READ))
                    skipped_level = level if skip else 0
            if not skipped_level:
                characters += len(re.sub(r"\s+", "", prose(DETAILS.sub("", piece))))
    seconds = (
        60 * characters / CHARACTERS_PER_MINUTE + SECONDS_PER_LINE * lines + SECONDS_PER_FIGURE * figures
    )
    return max(1, round(seconds / 60))


# --- 다른 곳에서 저장한 노트북 ------------------------------------------------------------------------------------


def load(path: Path) -> NotebookNode:
    """노트북을 읽습니다. Colab처럼 칸의 id가 없는 꼴로 저장한 것도 지금의 꼴로 고쳐 읽습니다."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 칸의 id가 없거나 겹친다는 말. 아래에서 고칩니다.
        notebook = nbformat.read(path, as_version=4)
    given = [cell.get("id") or cell.metadata.get("id", "") for cell in notebook.cells]
    foreign = notebook.nbformat_minor < 5 or "dlko" not in notebook.metadata
    return restore(notebook, _committed(path) if foreign else None, given)


def restore(notebook: NotebookNode, committed: NotebookNode | None, given: list[str]) -> NotebookNode:
    """칸마다 id를 되살리고 Colab판의 앞머리를 뺍니다. 받은 노트북을 고쳐서 돌려줍니다.

    Args:
        notebook: 고칠 노트북.
        committed: 저장소에 넣어 둔 같은 장. 잘린 id와 메타데이터를 여기서 되살립니다.
        given: 칸마다, 저장한 프로그램이 남긴 id. Colab은 앞의 열두 글자만 남깁니다.
    """
    known = [cell.id for cell in committed.cells if "id" in cell] if committed else []
    used: set[str] = set()
    for cell, name in zip(notebook.cells, given, strict=True):
        whole = [one for one in known if one.startswith(name)] if name and name not in known else []
        name = whole[0] if len(whole) == 1 else name
        if not CELL_ID.fullmatch(name) or name in used:
            name = "cell-" + hashlib.sha256(f"{len(used)} {cell.source}".encode()).hexdigest()[:8]
        cell["id"] = name
        used.add(name)
    notebook.cells = [cell for cell in notebook.cells if not cell.id.startswith(COLAB_CELLS)]
    if committed and "dlko" not in notebook.metadata and "dlko" in committed.metadata:
        notebook.metadata["dlko"] = committed.metadata["dlko"]
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _committed(path: Path) -> NotebookNode | None:
    """저장소에 마지막으로 넣은 노트북. git이 없거나 넣은 적이 없으면 None입니다."""
    command = ["git", "show", f"HEAD:./{path.name}"]
    try:
        done = subprocess.run(command, cwd=path.parent, capture_output=True, timeout=20)
        return nbformat.reads(done.stdout.decode("utf-8"), as_version=4) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


# --- 다듬기 ------------------------------------------------------------------------------------------------------


def tidy(notebook: NotebookNode) -> NotebookNode:
    """실행 흔적을 지웁니다. 검사용 칸의 출력만 남깁니다. 받은 노트북을 고쳐서 돌려줍니다."""
    for cell in code_cells(notebook):
        if not is_checked(cell):
            cell.outputs = []
        # nbval은 출력이 있는데 실행 번호가 없는 칸을 잘못으로 봅니다. 번호는 늘 1로 두어 바뀌지 않게 합니다.
        cell.execution_count = 1 if cell.outputs else None
        for output in cell.outputs:
            if "execution_count" in output:
                output["execution_count"] = 1
    for cell in notebook.cells:
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k in KEPT})
    kept = ("dlko", "kernelspec")
    notebook.metadata = NotebookNode(
        {name: notebook.metadata[name] for name in kept if name in notebook.metadata}
    )
    notebook.metadata["kernelspec"] = NotebookNode(display_name="Python 3", language="python", name="python3")
    notebook.metadata["language_info"] = NotebookNode(name="python")
    return notebook


def write(notebook: NotebookNode, path: Path) -> None:
    """노트북을 씁니다. 쓰다가 멈추어도 원래 파일이 상하지 않도록 새 파일에 쓴 뒤 바꿉니다."""
    temporary = path.with_suffix(".ipynb.tmp")
    temporary.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    temporary.replace(path)


def tidy_all() -> None:
    """모든 노트북을 다듬습니다."""
    for path in sorted(NOTEBOOKS.rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        before = path.read_text(encoding="utf-8")
        write(tidy(load(path)), path)
        if path.read_text(encoding="utf-8") != before:
            print(f"다듬었습니다: {path.relative_to(ROOT)}")
