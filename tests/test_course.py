"""책을 만드는 명령: 노트북 다듬기, 실행, 실패 알림."""

import ast
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from unittest import mock

import psutil
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook, new_output
from toy import code

from course import book, bootstrap, cache, cache_key, check, execute, notebooks, provenance, serve
from course.bootstrap import ROOT
from website import DRAWING


def run(toy):
    return execute.execute(toy, cache.artifacts(toy))


def test_tidy_keeps_only_checked_outputs():
    plain = code("print(1)", "plain")
    checked = code("print(1)", "checked", "nbval-check-output")
    for cell in (plain, checked):
        cell.execution_count = 3
        cell.outputs = [new_output("stream", name="stdout", text="1\n")]
    tidied = notebooks.tidy(new_notebook(cells=[plain, checked]))
    assert [len(cell.outputs) for cell in tidied.cells] == [0, 1]
    assert [cell.execution_count for cell in tidied.cells] == [None, 1]
    assert [cell.id for cell in tidied.cells] == ["plain", "checked"]


def test_solutions_are_found_only_inside_solution_details():
    text = (
        "**연습 1.** …\n\n```python\nshown = 1\n```\n\n"
        "<details><summary>해답 보기</summary>\n\n```python\nanswer = 2\n```\n\n</details>"
    )
    quiz = "<details><summary>① 보기</summary>\n\n```python\nquiz = 3\n```\n\n</details>"
    cells = [new_markdown_cell(text, id="ex"), new_markdown_cell(quiz, id="quiz")]
    assert notebooks.solutions(new_notebook(cells=cells)) == [("ex", "answer = 2\n")]


def test_checked_output_that_changed_is_named(chapter):
    """`make test`는 책과 같은 실행의 출력을 노트북에 적어 둔 것과 견줍니다."""
    toy = chapter(code("print(1)", "same", "nbval-check-output"), code("print(2)", "free"))
    cache.execute_all([toy], workers=1)
    execute.update_checked_outputs(toy, cache.cached(cache.open_cache(), toy))
    check.require_checked_outputs([toy])
    changed = toy.read()
    changed.cells[1].outputs[0].text = "3\n"
    notebooks.write(changed, toy.path)
    with pytest.raises(bootstrap.Stop, match=r"part/toy\.ipynb: same$"):
        check.require_checked_outputs([toy])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 / 0", "칸 bad에서 실패했습니다"),
        ("import sys; print('경고', file=sys.stderr)", "칸 bad이 오류 스트림에"),
        ("import warnings; warnings.warn('낡은 함수')", "칸 bad이 오류 스트림에"),
    ],
)
def test_bad_cell_is_named(chapter, source, message):
    with pytest.raises(execute.ChapterFailed, match=message):
        run(chapter(code("x = 1", "good"), code(source, "bad")))


def test_information_of_xla_is_not_a_warning(chapter):
    lines = (
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        "I0000 00:00:1 1 service.cc:152] XLA service initialized",
    )
    told = f"import sys; print({chr(10).join(lines)!r}, file=sys.stderr)"
    run(chapter(code(told)))
    with pytest.raises(execute.ChapterFailed, match="W0000"):
        run(chapter(code(told + "; print('W0000 00:00:1 slow', file=sys.stderr)")))


def test_a_kernel_that_never_answers_is_a_sentence(chapter, monkeypatch):
    def silent(client, **options):
        raise RuntimeError("Kernel didn't respond in 60 seconds")

    monkeypatch.setattr(execute.NotebookClient, "setup_kernel", silent)
    with pytest.raises(execute.ChapterFailed, match="localhost 연결이 막혀"):
        run(chapter(code("x = 1")))


def test_figure_without_alt_text_is_named(chapter):
    # plt.show()를 쓰지 않고 내보낸 그림도 알아봅니다.
    drawing = "display({'image/png': 'iVBORw0KGgo='}, raw=True)"
    with pytest.raises(execute.ChapterFailed, match="칸 bad에 그림의 대체 글이 없습니다"):
        run(chapter(code("x = 1", "good"), code(drawing, "bad")))
    cell = code(drawing, "told")
    cell.metadata["mystnb"] = {"image": {"alt": "1에서 2로 오르는 직선"}}
    run(chapter(cell))


def test_changed_outputs_are_told(chapter, capsys):
    cell = code("print(2)", "checked", "nbval-check-output")
    cell.outputs = [new_output("stream", name="stdout", text="1\n")]
    chapter(cell)
    execute.run_alone("part/toy")
    assert "달라져 새로 적었습니다. 맞는지 git diff로 보세요: checked" in capsys.readouterr().out
    execute.run_alone("part/toy")
    assert "달라져" not in capsys.readouterr().out


def test_brought_data_leave_the_checked_outputs_alone(chapter, capsys):
    note = (
        'from dlko.checks import record\nrecord("data", {"name": "toy", "source": "user", "line": "점 둘"})'
    )
    toy = chapter(code(f"{note}\nprint(2)", "checked", "nbval-check-output"))
    before = toy.path.read_bytes()
    execute.run_alone("part/toy")
    assert "검사용 출력은 그대로 둡니다" in capsys.readouterr().out and toy.path.read_bytes() == before
    cache.execute_all([toy], workers=1)
    check.require_checked_outputs([toy])


def test_text_that_arrives_in_pieces_is_stored_as_one():
    one, two, noise = (
        new_output("stream", name=n, text=t)
        for n, t in (("stdout", "1\n"), ("stdout", "2\n"), ("stderr", "!"))
    )
    picture = new_output("display_data", data={"text/plain": "그림"})
    joined = execute.join_streams([one, two, picture, two, noise])
    assert [output.get("text") for output in joined] == ["1\n2\n", None, "2\n", "!"]
    assert one.text == "1\n", "실행 결과를 고치면 안 됩니다."


def test_wrong_solution_is_named(chapter):
    solution = "<details><summary>해답 보기</summary>\n\n```python\nassert x == 2\n```\n\n</details>"
    with pytest.raises(execute.ChapterFailed, match="칸 ex의 해답에서 실패했습니다"):
        run(chapter(code("x = 1"), new_markdown_cell(solution, id="ex")))


def test_failed_floor_stops_the_build_and_names_the_notebook(chapter):
    failing = chapter(code("from dlko.checks import check_floor\ncheck_floor('정확도', 0.1, 0.9)", "floor"))
    with pytest.raises(
        bootstrap.Stop, match=r"notebooks/part/toy.ipynb: 칸 floor[\s\S]*불합격: 정확도 0.1000"
    ):
        cache.execute_all([failing], workers=1)
    assert cache.cached(cache.open_cache(), failing) is None


def test_cache_is_reused_until_code_or_solution_changes(chapter, capsys):
    solution = "<details><summary>해답 보기</summary>\n\n```python\nprint({})\n```\n\n</details>"
    cells = [code("x = 1"), new_markdown_cell(solution.format("x"), id="ex")]
    toy = chapter(*cells)
    cache.execute_all([toy], workers=1)
    assert "toy" in capsys.readouterr().out
    chapter(*cells, new_markdown_cell("설명만 늘었습니다.", id="more"))
    cache.execute_all([toy], workers=1)
    assert capsys.readouterr().out == ""
    chapter(code("x = 1"), new_markdown_cell(solution.format("x + 1"), id="ex"))
    cache.execute_all([toy], workers=1)
    assert "toy" in capsys.readouterr().out
    chapter(code("x = 2"), new_markdown_cell(solution.format("x + 1"), id="ex"))
    cache.execute_all([toy], workers=1)
    assert "toy" in capsys.readouterr().out


def test_long_chapters_start_first(chapter, monkeypatch):
    """긴 장이 맨 뒤에 홀로 남으면 코어 하나가 놉니다."""
    started = []

    def only_note(toy, out):
        started.append(toy.name)
        raise execute.ChapterFailed("실행하지 않습니다.")

    monkeypatch.setattr(execute, "execute", only_note)
    toys = [chapter(code("1"), name=f"part/takes{s}", seconds=s) for s in (30, 120, 60)]
    with pytest.raises(bootstrap.Stop):
        cache.execute_all(toys, workers=1)
    assert started == ["part/takes120", "part/takes60", "part/takes30"]


def test_report_holds_what_the_notebook_recorded(chapter):
    lines = [
        "from dlko.checks import check_floor, record",
        "record('run', {'profile': 'quick', 'device': 'CPU'})",
        "check_floor('정확도', 0.95, 0.9)",
    ]
    toy = chapter(code("\n".join(lines)))
    cache.execute_all([toy], workers=1)
    report = cache.stored_report(toy)
    assert (report["profile"], report["quality"][0]["value"]) == ("quick", 0.95)
    assert report["seconds"] > 0


def test_fingerprint_sees_content_and_names(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_key, "ROOT", tmp_path)
    folder = tmp_path / "src"
    folder.mkdir()
    seen = set()
    (folder / "a.py").write_text("1")
    seen.add(cache_key.fingerprint([folder]))
    (folder / "a.py").write_text("2")
    seen.add(cache_key.fingerprint([folder]))
    (folder / "a.py").rename(folder / "b.py")
    seen.add(cache_key.fingerprint([folder]))
    assert len(seen) == 3


def test_a_record_needs_a_clean_tree(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    monkeypatch.setattr(provenance, "RECORDS", tmp_path / "records")
    git = ["git", "-c", "user.name=가", "-c", "user.email=a@b.c"]
    (tmp_path / "records").mkdir()
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "처음"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    (tmp_path / "records" / "a.json").write_text("{}")
    assert len(provenance.commit()) == 12
    (tmp_path / "code.py").write_text("1")
    with pytest.raises(bootstrap.Stop, match=r"커밋하지 않은 변경[\s\S]*code.py"):
        provenance.commit()


def test_figure_that_did_not_come_is_named(chapter):
    """셸이 다른 Matplotlib 백엔드를 골라 두면 그림 없이도 칸이 성공합니다."""
    silent = code("x = 1", "silent")
    silent.metadata["mystnb"] = {"image": {"alt": "1에서 2로 오르는 직선"}}
    with pytest.raises(execute.ChapterFailed, match="칸 silent에 대체 글은 있는데 그림이 나오지 않았습니다"):
        run(chapter(silent))


def test_the_shell_does_not_choose_how_figures_are_drawn(chapter, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    figure = code("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()", "figure")
    figure.metadata["mystnb"] = {"image": {"alt": "1에서 2로 오르는 직선"}}
    run(chapter(figure))


def test_a_cache_broken_while_it_was_made_is_made_anew(chapter):
    toy = chapter(code("x = 1"))
    cache.CACHE.mkdir()
    (cache.CACHE / "global.db").write_bytes(b"")  # 표를 만들기 전에 멈춘 데이터베이스
    cache.execute_all([toy], workers=1)
    assert cache.cached(cache.open_cache(), toy) is not None


def test_an_interrupted_install_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "INSTALLING", tmp_path / "installing.txt")
    monkeypatch.setattr(bootstrap, "_version_of", lambda command: "3.11")
    (tmp_path / "pyvenv.cfg").touch()
    (tmp_path / "made-in.txt").write_text(str(ROOT), encoding="utf-8")
    assert bootstrap._venv_usable()
    bootstrap.INSTALLING.touch()
    assert not bootstrap._venv_usable()


@pytest.mark.parametrize(("command", "again"), [("book", True), ("test", False), ("serve", False)])
def test_stopping_promises_only_what_is_true(command, again):
    code_ = (
        f"import sys; sys.argv = ['course', {command!r}]\n"
        "from unittest import mock; from course import bootstrap; import runpy\n"
        "with mock.patch.object(bootstrap, 'inside_venv', side_effect=KeyboardInterrupt):\n"
        "    runpy.run_module('course', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code_], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 130
    assert ("끝낸 곳부터" in done.stdout) is again


@pytest.mark.skipif(sys.platform == "win32", reason="윈도우에는 이 신호가 없습니다.")
def test_a_terminated_command_takes_its_children_along():
    sleeper = "import time; print('started', flush=True); time.sleep(60)"
    code_ = (
        "import runpy, subprocess, sys; sys.argv = ['course', 'book']\n"
        "from course import book\n"
        f"book.build = lambda: subprocess.call([sys.executable, '-c', {sleeper!r}])\n"
        "runpy.run_module('course', run_name='__main__')"
    )
    arguments = [sys.executable, "-c", code_]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout and command.stdout.readline() == "started\n"
        [child] = psutil.Process(command.pid).children()
        command.terminate()
        assert command.wait(timeout=20) == 130
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_serving_ends_quietly(tmp_path, monkeypatch, capsys):
    (tmp_path / "index.html").touch()
    monkeypatch.setattr(book, "HTML", tmp_path)
    monkeypatch.setattr(book, "SUCCESS", tmp_path / "success.json")
    monkeypatch.setattr(
        serve.http.server.ThreadingHTTPServer, "serve_forever", mock.Mock(side_effect=KeyboardInterrupt)
    )
    assert serve.serve("0" * 4 + "8765") == 0
    assert "섞여 보일 수 있습니다" in capsys.readouterr().out
    for port in ("0", "70000", "여덟"):
        with pytest.raises(bootstrap.Stop, match="65535까지의 숫자"):
            serve.serve(port)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(bootstrap.Stop, match=rf"{port}번 포트를 쓸 수 없습니다.*make serve PORT="):
            serve.serve(port)


def test_pages_are_drawn_again_when_what_they_show_changes():
    """website가 불러오는 course의 모듈과 기록은 SITE_INPUTS에 모두 들어 있어야 합니다."""
    imports = [
        node
        for path in (ROOT / "website").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    ]
    assert "course" not in {node.module for node in imports}, "from course.모듈 import …로 불러옵니다."
    used = {f"{n.module.replace('.', '/')}.py" for n in imports if n.module.startswith("course.")}
    assert used - {"course/bootstrap.py"} == set(DRAWING)
    assert set(DRAWING) <= set(book.SITE_INPUTS)
    assert ROOT / "chapters" / "cnn" / "digits" / "demo.js" in book.site_files()


def test_the_pages_know_their_address_where_they_are_published(monkeypatch):
    """그러지 않으면 깊은 주소에서 열린 404 쪽이 스타일을 찾지 못합니다."""
    monkeypatch.delenv("DLKO_SITE_URL", raising=False)
    monkeypatch.setattr(book.colab, "repository", lambda: ("누구/deep", "0" * 40))
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert "DLKO_SITE_URL" not in book.site_settings()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert book.site_settings()["DLKO_SITE_URL"] == "https://누구.github.io/deep/"
    monkeypatch.setenv("DLKO_SITE_URL", "https://a.io/book")
    assert book.site_settings()["DLKO_SITE_URL"] == "https://a.io/book/"


def test_a_relative_folder_means_the_same_in_the_kernel(chapter, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "내 데이터").mkdir()
    monkeypatch.setenv("DLKO_DATA_DIR", "내 데이터")
    asking = "from dlko.data.fetch import data_folder\nassert data_folder().is_dir(), data_folder()"
    run(chapter(code(asking)))
    assert bootstrap.child_environment()["DLKO_DATA_DIR"] == str(tmp_path / "내 데이터")


def test_a_kernel_cleans_up_and_leaves_quickly(chapter, tmp_path):
    """파이썬이 끝나며 객체를 다 훑으면 장마다 1초씩 기다립니다. 그렇다고 임시 폴더를 남기면 안 됩니다."""
    log = tmp_path / "훑었습니다"
    asking = (
        f"import tempfile\nkept = tempfile.TemporaryDirectory()\nprint(kept.name, end='')\n"
        f"class Ring:\n    def __del__(self):\n        open({str(log)!r}, 'w').close()\n"
        f"ring = Ring()\nring.me = ring"
    )
    toy = chapter(code(asking, "one"))
    with execute.chapter_session(toy, cache.artifacts(toy)) as (kernel, notebook):
        (cell,) = notebooks.code_cells(notebook)
        kernel.run(cell)
        folder = Path(cell.outputs[0].text)
        assert folder.is_dir()
    assert not folder.exists() and not log.exists()


def test_what_is_run_while_the_helper_changes_is_run_again(chapter, monkeypatch):
    toy = chapter(code("x = 1", "one"))
    keys = iter(["앞", "앞", "뒤", "뒤"])
    monkeypatch.setattr(cache.cache_key, "of", lambda chapter: next(keys))
    cache.execute_all([toy], workers=1)
    assert cache.stored_report(toy)["key"] == "앞"
    assert cache.cached(cache.open_cache(), toy) is None


@pytest.mark.parametrize("option", ["--al", "all"])
def test_clean_does_not_guess(option, monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "BUILD", tmp_path)
    with pytest.raises(bootstrap.Stop, match="clean이 모르는 것"):
        bootstrap.clean(option)
    assert tmp_path.exists()


def test_clean_says_what_is_left(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bootstrap, "BUILD", tmp_path / "_build")
    (tmp_path / "_build").mkdir()
    monkeypatch.setattr(bootstrap.shutil, "rmtree", lambda *_, **__: None)
    with pytest.raises(bootstrap.Stop, match="다 지우지 못했습니다"):
        bootstrap.clean()
    assert "지웠습니다:" not in capsys.readouterr().out


def test_unsupported_python_gets_a_clear_sentence(monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 14, 0))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(
        bootstrap.Stop, match=r"3\.11, 3\.12, 3\.13 가운데 하나가 필요합니다. 지금 파이썬은 3\.14"
    ):
        bootstrap._find_python()


def test_full_disk_is_said_before_installing(monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "none")
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1e9}))
    with pytest.raises(bootstrap.Stop, match=r"빈자리가 1.0 GB뿐"):
        bootstrap._ensure_venv()


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device", "디스크가 가득"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "해시와 다릅니다"),
        ("NewConnectionError(...): Failed to establish", "저장소에 닿지 못했습니다"),
        ("error: metadata-generation-failed", "설치하지 못했습니다"),
    ],
)
def test_pip_failure_is_explained(log, sentence):
    assert sentence in bootstrap._explain_pip_failure(log)


def test_an_argument_too_many_is_a_sentence():
    done = subprocess.run(
        [sys.executable, "-m", "course", "tidy", "빨리"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "'tidy'에는 이렇게 적습니다" in done.stdout
    assert not done.stderr


def test_help_lists_every_make_target():
    done = subprocess.run(
        [sys.executable, "-m", "course"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    targets = [
        line.split(":")[0]
        for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
        if "##" in line
    ]
    assert len(targets) > 10
    for target in targets:
        assert target == "help" or f"  {target} " in done.stdout


def test_helper_is_found_by_a_path_without_the_folder_name():
    """폴더 이름에 한글이 있어도 .pth 파일은 어떤 언어 설정에서나 읽혀야 합니다."""
    link = Path(sysconfig.get_path("purelib")) / "dlko.pth"
    assert not Path(link.read_text(encoding="ascii")).is_absolute()
    assert (link.parent / link.read_text(encoding="ascii")).resolve() == ROOT / "src"


def test_commands_run_where_the_language_is_c():
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C", "LC_ALL": "C", "HOME": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-m", "course"], cwd=ROOT, capture_output=True, env=environment, check=True
    )
    assert "노트북을 모두 실행해" in done.stdout.decode("utf-8")
