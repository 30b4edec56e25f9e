"""Colab판: 설치 명령의 주소, 링크, 출력 지우기."""

import sys
from pathlib import Path

import nbformat
import pytest

from course import check_colab, colab
from course.notebooks import chapters, parts

SHA = "0123456789abcdef0123456789abcdef01234567"
REPO = "teacher/dl-course"
CHAPTERS = frozenset({"cnn/digits", "cnn/lenet", "rnn/stock"})


def notebook(*cells: str | tuple[str, str]) -> nbformat.NotebookNode:
    """글은 Markdown 칸, ("code", 글)은 코드 칸이 되는 작은 노트북."""
    made = [
        nbformat.v4.new_markdown_cell(cell) if isinstance(cell, str) else nbformat.v4.new_code_cell(cell[1])
        for cell in cells
    ]
    return nbformat.v4.new_notebook(cells=made)


@pytest.fixture
def no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_REPOSITORY", "GITHUB_SHA", "DLKO_SITE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(colab, "git", lambda *arguments: "")


@pytest.mark.parametrize("name", ["teacher/dl-course", "a/b", "A-1/x.y_z", "o/" + "n" * 100])
def test_true_names_pass(name: str) -> None:
    assert colab.valid_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "teacher",
        "a/b/c",
        "-a/b",
        "a-/b",
        "a/..",
        "a/.",
        "a/b..c",
        "a b/c",
        'a/b"; import os #',
        "a/b\n",
        "가/나",
        "o/" + "n" * 101,
        "o" * 40 + "/n",
    ],
)
def test_odd_names_are_refused(name: str) -> None:
    assert not colab.valid_name(name)
    with pytest.raises(colab.ColabError):
        colab.convert(notebook("글"), name, SHA)


@pytest.mark.parametrize("sha", ["", "main", "0" * 39, "0" * 41, "g" * 40, "0" * 39 + '"'])
def test_only_a_full_commit_is_accepted(sha: str) -> None:
    with pytest.raises(colab.ColabError):
        colab.convert(notebook("글"), REPO, sha)


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/teacher/dl-course",
        "https://github.com/teacher/dl-course.git",
        "https://token@github.com/teacher/dl-course.git",
        "git@github.com:teacher/dl-course.git",
        "ssh://git@github.com/teacher/dl-course.git",
    ],
)
@pytest.mark.usefixtures("no_address")
def test_remote_gives_the_name(remote: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colab, "git", lambda *arguments: remote if arguments[0] == "remote" else SHA)
    assert colab.repository() == (REPO, SHA)


@pytest.mark.usefixtures("no_address")
def test_other_hosts_are_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for remote in ("https://example.org/teacher/dl-course", "https://github.com.evil.org/a/b", "/home/me/x"):
        monkeypatch.setattr(
            colab, "git", lambda *arguments, url=remote: url if arguments[0] == "remote" else SHA
        )
        assert colab.repository() is None


@pytest.mark.usefixtures("no_address")
def test_actions_variables_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", REPO)
    monkeypatch.setenv("GITHUB_SHA", SHA)
    assert colab.repository() == (REPO, SHA)
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b c")
    with pytest.raises(colab.ColabError):
        colab.repository()


@pytest.mark.usefixtures("no_address")
def test_nothing_is_written_without_an_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert colab.write_edition(tmp_path / "colab") == []
    assert not (tmp_path / "colab").exists()
    assert "저장소 주소(git remote)를 알 수 없어" in capsys.readouterr().out


def test_first_cell_installs_exactly_this_commit() -> None:
    edition = colab.convert(notebook("# 제목", ("code", "import dlko")), REPO, SHA)
    install = edition.cells[1]
    assert install.cell_type == "code"
    assert f'%pip install -q "dlko @ https://github.com/{REPO}/archive/{SHA}.zip"' in install.source
    assert edition.metadata.colab == {"provenance": [], "toc_visible": True}


def test_what_the_notebook_imports_is_installed_too() -> None:
    plain = colab.convert(notebook(("code", "import numpy")), REPO, SHA)
    hub = colab.convert(notebook(("code", "import tensorflow_hub as hub")), REPO, SHA)
    assert "tensorflow-hub" not in plain.cells[1].source
    assert '"tensorflow-hub" "setuptools<82"' in hub.cells[1].source


def test_outputs_go_and_the_source_stays_as_it_was() -> None:
    nb = notebook(("code", "print(1)"))
    nb.cells[0].outputs = [nbformat.v4.new_output("stream", text="1\n")]
    nb.cells[0].execution_count = 7
    edition = colab.convert(nb, REPO, SHA)
    assert edition.cells[-1].outputs == []
    assert edition.cells[-1].execution_count is None
    assert nb.cells[0].outputs


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "[LeNet](../cnn/lenet.ipynb)",
            f"[LeNet](https://colab.research.google.com/github/{REPO}/blob/colab/cnn/lenet.ipynb)",
        ),
        (
            "[LeNet](lenet.ipynb#훈련)",
            f"[LeNet](https://colab.research.google.com/github/{REPO}/blob/colab/cnn/lenet.ipynb)",
        ),
        (
            "[주가](../rnn/stock.ipynb)와 [숫자](digits.ipynb)",
            f"[주가](https://colab.research.google.com/github/{REPO}/blob/colab/rnn/stock.ipynb)와 "
            f"[숫자](https://colab.research.google.com/github/{REPO}/blob/colab/cnn/digits.ipynb)",
        ),
        (
            "[용어집](../../book/glossary.md#층)",
            "[용어집](https://teacher.github.io/dl-course/book/glossary.html#층)",
        ),
        (
            "[나중 장](../gan/losses.ipynb)",
            "[나중 장](https://teacher.github.io/dl-course/notebooks/gan/losses.html)",
        ),
        ("[논문](https://arxiv.org/abs/1512.03385)", "[논문](https://arxiv.org/abs/1512.03385)"),
        ("[위로](#참고-문헌)", "[위로](#참고-문헌)"),
        ("`[글](../없는.ipynb)`", "`[글](../없는.ipynb)`"),
        ("```python\nx[0](y.py)\n```", "```python\nx[0](y.py)\n```"),
        ("$f[i](x)$와 $$\\mathbb{E}[a](b)$$", "$f[i](x)$와 $$\\mathbb{E}[a](b)$$"),
    ],
)
@pytest.mark.usefixtures("no_address")
def test_links_open_from_colab(before: str, after: str) -> None:
    assert colab.convert_markdown(before, "cnn/digits", REPO, "colab", CHAPTERS) == after


@pytest.mark.usefixtures("no_address")
def test_a_picture_that_colab_cannot_reach_is_an_error() -> None:
    with pytest.raises(colab.ColabError, match=r"그림\.png"):
        colab.convert_markdown("![그림](그림.png)", "cnn/digits", REPO, "colab", CHAPTERS)


def test_every_chapter_of_the_book_converts(tmp_path: Path) -> None:
    written = colab.write_edition(tmp_path, origin=(REPO, SHA))
    assert len(written) == len(chapters()) > 0
    for path in written:
        nb = nbformat.read(path, as_version=4)
        nbformat.validate(nb)
        assert [cell.id for cell in nb.cells[:2]] == [colab.INTRO_ID, colab.INSTALL_ID]
        assert "](../" not in "".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")


def test_the_site_buttons_open_the_edition(tmp_path: Path) -> None:
    """사이트의 단추가 여는 주소와, 펴낸 Colab판의 자리가 같아야 합니다."""
    for path in colab.write_edition(tmp_path, origin=(REPO, SHA)):
        place = path.relative_to(tmp_path).as_posix()
        address = colab.notebook_address(REPO, place.removesuffix(".ipynb"))
        assert address == f"https://colab.research.google.com/github/{REPO}/blob/{colab.BRANCH}/{place}"


def test_a_removed_chapter_leaves_the_edition(tmp_path: Path) -> None:
    old = tmp_path / "gone" / "chapter.ipynb"
    old.parent.mkdir()
    old.write_text("{}", encoding="utf-8")
    colab.write_edition(tmp_path, origin=(REPO, SHA), names=[])
    assert not old.exists()


def test_the_bare_set_is_what_colab_ships() -> None:
    pinned = check_colab.requirements("2.19")
    assert "tensorflow==2.19.0" in pinned
    assert all("==" in line for line in pinned)
    assert "dlko" not in str(pinned)
    locked = check_colab.requirements("lock")
    assert len(locked) == len(pinned)
    assert all("==" in line for line in locked)


def test_missing_python_is_told_in_one_sentence() -> None:
    with pytest.raises(check_colab.Stop, match=r"파이썬 3\.99 버전을 찾지 못했습니다"):
        check_colab.find_python("3.99")


def test_this_python_is_found() -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert check_colab.find_python(version).exists()


def test_only_the_pythons_of_this_machine_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert check_colab.runnable((("3.99", "lock"), (here, "2.19"))) == [(here, "2.19")]
    assert "파이썬 3.99, TensorFlow lock의 검사를 건너뜁니다" in capsys.readouterr().out
    with pytest.raises(check_colab.Stop, match="하나도 없습니다"):
        check_colab.runnable((("3.99", "lock"),))


def test_a_failing_cell_is_told(tmp_path: Path) -> None:
    here = check_colab._here()
    for source, said in (
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; print('경고', file=sys.stderr)", "경고"),
        ("1", ""),
    ):
        nb = notebook(("code", "x = 1"), ("code", source))
        path = tmp_path / "장.ipynb"
        nbformat.write(nb, path)
        problem = check_colab.run_notebook(path, here, tmp_path)
        assert said in problem
        assert bool(problem) == bool(said)


@pytest.mark.parametrize("changed", ["src/dlko/plots.py", "notebooks/"])
def test_at_most_one_chapter_a_part_is_checked(changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """도우미가 바뀌거나 모든 장이 바뀌어도 부마다 한 장만 실행합니다."""
    every = "\n".join(f"notebooks/{chapter.name}.ipynb" for chapter in chapters())
    monkeypatch.setattr(colab, "git", lambda *a: "c0ffee" if a[0] == "rev-parse" else f"{changed}\n{every}")
    chosen = [name.split("/")[0] for name in check_colab.changed_chapters("HEAD~1")]
    assert len(chosen) == len(set(chosen)) == len([part for part in parts() if part.chapters])


def test_an_untouched_part_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    last = chapters()[-1]
    monkeypatch.setattr(
        colab, "git", lambda *a: "c0ffee" if a[0] == "rev-parse" else f"README.md\n{last.docname}.ipynb"
    )
    assert check_colab.changed_chapters("HEAD~1") == [last.name]
