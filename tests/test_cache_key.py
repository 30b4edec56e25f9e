"""무엇이 바뀌면 어느 장을 다시 실행하는지."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from course import cache, cache_key
from course.bootstrap import ROOT
from course.notebooks import chapters, code_cells

LOADS_DATA = {c.name for c in chapters() if cache_key.data_names(x.source for x in code_cells(c.read()))}
# 내 주가나 사진을 읽는 함수도 데이터를 읽는 코드를 거칩니다.
READS_FILES = {
    c.name for c in chapters() if re.search(r"dlko\.(read_prices|my_photos|open_photo)", str(c.read()))
}
READS_RECORD = {
    name: {
        c.name for c in chapters() if name in cache_key.record_names(x.source for x in code_cells(c.read()))
    }
    for name in {
        n for c in chapters() for n in cache_key.record_names(x.source for x in code_cells(c.read()))
    }
}


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """저장소의 복사본. 지문은 이 복사본에서 셉니다."""
    root = tmp_path / "책"
    for name in ("src", "course", "book"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache_key, "ROOT", root)
    monkeypatch.setattr(cache_key, "PACKAGE", root / "src" / "dlko")
    monkeypatch.setattr(cache_key, "LOCK", root / "requirements.txt")
    monkeypatch.setattr(cache_key, "_resolved", lambda: {})
    yield root
    forget()


def forget() -> None:
    for function in ("_imports", "_exports", "_package_files", "_named_files", "_everywhere"):
        getattr(cache_key, function).cache_clear()


def keys() -> dict[str, str]:
    forget()
    return {chapter.name: cache_key.of(chapter) for chapter in chapters()}


def rerun(before: dict[str, str]) -> set[str]:
    after = keys()
    return {name for name in after if before[name] != after[name]}


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_record_reruns_only_the_chapters_that_read_it(copy: Path) -> None:
    assert READS_RECORD
    before = keys()
    for name, readers in READS_RECORD.items():
        append(copy / "src" / "dlko" / "records" / f"{name}.json", " ")
        before, old = keys(), before
        assert {chapter for chapter in before if before[chapter] != old[chapter]} == readers


def test_a_page_or_a_command_reruns_nothing(copy: Path) -> None:
    before = keys()
    append(copy / "book" / "index.md", "\n한 줄 더.\n")
    append(copy / "course" / "execute.py", "\n# 주석\n")
    assert rerun(before) == set()


def test_the_data_loader_reruns_the_chapters_that_load_data(copy: Path) -> None:
    before = keys()
    append(copy / "src" / "dlko" / "data" / "fetch.py", "\n# 주석\n")
    assert rerun(before) == LOADS_DATA | READS_FILES
    assert set(before) > LOADS_DATA | READS_FILES


def test_a_drawing_function_reruns_only_its_users(copy: Path) -> None:
    before = keys()
    append(copy / "src" / "dlko" / "judge.py", "\n# 주석\n")
    users = {c.name for c in chapters() if re.search(r"dlko\.(judge_|frechet_)", str(c.read()))}
    assert rerun(before) == users < set(before)


def test_the_lock_reruns_everything(copy: Path) -> None:
    before = keys()
    (copy / "requirements.txt").write_text("numpy==0\n", encoding="utf-8")
    assert rerun(before) == set(before)


def test_weights_named_by_a_module_count(copy: Path) -> None:
    before = keys()
    weights = copy / "src" / "dlko" / "models" / "fashion_judge.npz"
    weights.write_bytes(weights.read_bytes() + b"0")
    assert rerun(before)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('dlko.load_data("fashion")', ["fashion"]),
        ('DATA = "reviews"\ndlko.load_data(DATA)', ["reviews"]),
        ('DATA = "reviews"\nif DATA == "imdb":\n    pass\ndlko.load_data(DATA)', ["reviews"]),
        ('print("fashion")', []),
        ("%pip install x", []),
    ],
)
def test_data_is_named_by_the_call_that_loads_it(code: str, names: list[str]) -> None:
    """견주기만 하는 글("imdb")이 데이터를 받게 하면 안 됩니다."""
    assert cache_key.data_names(code.split("\n", 1) if code.startswith("%") else [code]) == names


def test_no_chapter_prefetches_imdb() -> None:
    assert "imdb" not in cache_key.chapter_data(chapters())


def test_the_gpu_is_what_tensorflow_sees(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """드라이버가 있어도 TensorFlow가 쓰지 못하면 GPU가 아닙니다. 프로필과 나란히 실행할 수가 같은 답을 씁니다."""
    monkeypatch.setattr(cache_key.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    answers = iter([0, 1])
    monkeypatch.setattr(
        cache_key.subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, next(answers))
    )
    monkeypatch.delenv("DLKO_PROFILE", raising=False)
    for profile, gpu in (("full", True), ("quick", False)):
        cache_key.has_gpu.cache_clear()
        assert (cache_key.profile(), cache_key.has_gpu()) == (profile, gpu)
        assert (cache.worker_count() == 1) or not gpu
    cache_key.has_gpu.cache_clear()


def test_workers_follow_the_cores_this_process_may_use() -> None:
    if not hasattr(cache.os, "sched_setaffinity"):
        pytest.skip("프로세스의 코어를 줄일 수 없는 운영체제입니다.")
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
    code += "from course import cache; print(cache.worker_count())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_a_container_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"cpu.max": "100000 100000", "memory.max": str(7 * 10**9), "memory.current": str(10**9)}
    monkeypatch.setattr(cache, "_cgroup", limits.__getitem__)
    assert (cache.usable_cores(), cache.usable_memory()) == (1, 6 * 10**9)
