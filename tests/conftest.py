"""모든 검사가 함께 쓰는 준비."""

import os

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

from course import cache, execute, notebooks, provenance


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """임시 폴더에 노트북을 만들어 장으로 돌려주는 함수."""
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(cache, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(cache, "ARTIFACTS", tmp_path / "artifacts")
    monkeypatch.setattr(execute, "BUILD", tmp_path / "build")

    def make(*cells, name="part/toy", seconds=30):
        made = notebooks.Chapter(name)
        made.path.parent.mkdir(parents=True, exist_ok=True)
        notebook = new_notebook(cells=[new_markdown_cell("# 장난감", id="title"), *cells])
        notebook.metadata["dlko"] = {"seconds": seconds}
        notebooks.write(notebooks.tidy(notebook), made.path)
        return made

    return make


@pytest.fixture
def room(tmp_path, monkeypatch):
    """장난감 장의 방에 파일을 쓰는 함수. 방은 이 프로세스와 커널이 모두 찾을 수 있고, 기록도 임시 폴더에 남습니다."""
    monkeypatch.setattr(notebooks, "ROOMS", tmp_path / "chapters")
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    monkeypatch.setattr(provenance, "RECORDS", tmp_path / "records")
    monkeypatch.setattr(provenance, "_git", lambda *a: "abc" if a[0] == "rev-parse" else "")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))

    def write(name: str, source: str, chapter: str = "part/toy") -> None:
        path = tmp_path / "chapters" / chapter / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")

    return write


@pytest.fixture
def own_folders(tmp_path, monkeypatch):
    """독자의 파일만 보입니다: 데이터의 설정을 비우고, 네트워크를 막고, 받은 파일은 임시 폴더에서 찾습니다."""
    import dlko
    from dlko.data import load

    for name in ("DLKO_DATA", "DLKO_DATA_DIR", "DLKO_OUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DLKO_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("DLKO_NETWORK", "off")
    monkeypatch.setattr(load, "_last_source", {})
    monkeypatch.setattr(load, "CLASS_NAMES", dlko.CLASS_NAMES.copy())
