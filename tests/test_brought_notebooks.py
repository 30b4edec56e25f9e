"""다른 곳에서 저장한 노트북(Colab, 옛 주피터, VS Code)을 다듬고 실행합니다."""

import json
import subprocess
from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from toy import code

from course import cache, cache_key, execute, notebooks


def colab_saves(path: Path, ids: bool = True, edition: bool = False) -> None:
    """Colab이 저장한 꼴로 바꿉니다: nbformat 4.0, 칸의 id는 메타데이터에 앞의 열두 글자만, Colab의 메타데이터."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["nbformat_minor"] = 0
    if edition:
        for name in ("colab-install", "colab-intro"):
            notebook["cells"].insert(0, {"cell_type": "markdown", "id": name, "metadata": {}, "source": name})
        del notebook["metadata"]["dlko"]
    for cell in notebook["cells"]:
        name = cell.pop("id")
        cell["metadata"] |= {"id": name[:12]} if ids else {}
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": "abc"}
            cell["execution_count"] = 7
    notebook["metadata"]["colab"] = {"provenance": [], "toc_visible": True}
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=2), encoding="utf-8")


def commit(folder: Path) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "처음"]):
        subprocess.run([*git, *command], cwd=folder, check=True, capture_output=True)


CELLS = (
    code("x = 1", "a-name-of-more-than-twelve-letters"),
    code("print(x)", "a-name-of-another", "nbval-check-output"),
)


@pytest.mark.parametrize("edition", [False, True])
def test_a_chapter_saved_by_colab_is_mended_to_the_last_byte(
    chapter, monkeypatch, capsys, edition: bool
) -> None:
    toy = chapter(*CELLS)
    before = toy.path.read_bytes()
    commit(notebooks.NOTEBOOKS)
    colab_saves(toy.path, edition=edition)
    assert toy.path.read_bytes() != before
    monkeypatch.setattr(notebooks, "ROOT", notebooks.NOTEBOOKS)
    notebooks.tidy_all()
    assert toy.path.read_bytes() == before and "다듬었습니다: part/toy.ipynb" in capsys.readouterr().out


@pytest.mark.parametrize("ids", [True, False])
def test_without_a_repository_the_ids_are_unique_and_stable(chapter, ids: bool) -> None:
    toy = chapter(*CELLS, code("x = 1", "same"))
    colab_saves(toy.path, ids=ids)
    names = [cell.id for cell in toy.read().cells]
    assert len(set(names)) == 4 and all(map(notebooks.CELL_ID.fullmatch, names))
    assert names == [cell.id for cell in notebooks.load(toy.path).cells]
    assert not ids or names == ["title", "a-name-of-mo", "a-name-of-an", "same"]


def test_a_chapter_saved_by_colab_runs(chapter) -> None:
    toy = chapter(*CELLS)
    colab_saves(toy.path)
    run = execute.execute(toy, cache.artifacts(toy))
    assert run.notebook.cells[2].outputs[0].text == "1\n"


def test_two_cells_with_one_id(chapter) -> None:
    toy = chapter(*CELLS)
    text = toy.path.read_text(encoding="utf-8").replace("a-name-of-another", CELLS[0].id)
    toy.path.write_text(text, encoding="utf-8")
    names = [cell.id for cell in toy.read().cells]
    assert len(set(names)) == 3 and names[1] == CELLS[0].id


@pytest.mark.parametrize(
    "metadata",
    [
        {"vscode": {"languageId": "python"}},
        {"scrolled": True, "jupyter": {"outputs_hidden": True, "source_hidden": True}},
        {"id": "abc", "outputId": "1", "cellView": "form", "executionInfo": {"elapsed": 3}},
        {"collapsed": False, "trusted": True, "editable": False, "deletable": False},
        {"execution": {"iopub.status.busy": "1"}, "papermill": {}, "slideshow": {"slide_type": ""}},
    ],
)
def test_what_programs_leave_in_cells_is_removed(metadata: dict) -> None:
    picture = {"image": {"alt": "그림"}}
    kept = code("1", "a", "hide-input")
    kept.metadata |= {"mystnb": picture} | metadata
    text = new_markdown_cell("글", id="b", metadata=metadata)
    tidied = notebooks.tidy(new_notebook(cells=[kept, text]))
    assert tidied.cells[0].metadata == {"tags": ["hide-input"], "mystnb": picture}
    assert tidied.cells[1].metadata == {}


@pytest.mark.parametrize(
    "source",
    [
        'DATA = "내 글.tsv"',
        'CSV_FILE, UNIT = " 내 글.tsv ", "원"',
        'PHOTOS = "사진"',
        'DATA = ("내 글.tsv", "b")',
    ],
)
def test_a_chapter_is_run_again_when_the_own_file_changes(chapter, source: str) -> None:
    """전에 읽은 파일의 결과를 말없이 다시 보여 주지 않습니다."""
    toy = chapter(code(source, "load"), code('SEPARATOR = "."', "other"))
    folder = toy.path.parent
    before = cache_key.of(toy)
    (folder / "사진" / "개").mkdir(parents=True)
    for file in (folder / "내 글.tsv", folder / "사진" / "개" / "1.png"):
        file.write_text("처음")
    first = cache_key.of(toy)
    assert before != first == cache_key.of(toy)
    for file in (folder / "내 글.tsv", folder / "사진" / "개" / "1.png"):
        file.write_text("고친 것입니다")
    assert cache_key.of(toy) != first
