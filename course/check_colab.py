"""Colab판 검사: Colab과 같은 것만 든 맨 환경에서 노트북마다 첫 칸부터 끝까지 실행합니다.

첫 칸이 설치하는 dlko만 지금 이 폴더에서 만든 것으로 바꿉니다. 나머지는 독자가 여는 것과 같습니다.
한 노트북이 설치한 것은 다음 노트북 전에 지웁니다. 그러지 않으면 설치를 빠뜨린 노트북이 앞 노트북 덕에
통과합니다.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from course import colab, execute
from course.bootstrap import BUILD, LOCK, ROOT, Stop
from course.notebooks import chapters, code_cells, parts

ENVIRONMENTS = BUILD / "colab_env"
COLAB_SET = Path(__file__).with_name("colab_requirements.txt")
# Colab의 지금 환경과, 책의 잠금 파일에 든 가장 새로운 TensorFlow.
COMBINATIONS = (("3.12", "2.19"), ("3.13", "lock"))
# 검사에만 쓰는 주소입니다. 설치 명령은 이 폴더에서 만든 파일로 바뀌므로 이 주소에는 접속하지 않습니다.
CHECK_ORIGIN = ("example/course", "0" * 40)
CELL_TIMEOUT = 1200


@dataclass(frozen=True)
class Environment:
    """노트북을 실행할 파이썬과, 처음부터 들어 있던 패키지의 목록."""

    label: str
    python: Path
    shipped: frozenset[str]


def _run(command: list[str], what: str, **options: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        tail = "\n".join("    " + line for line in (done.stdout + done.stderr).strip().splitlines()[-8:])
        raise Stop(f"{what}\n{tail}")
    return str(done.stdout)


def find_python(version: str) -> Path:
    """PATH나 pyenv에서 `3.12` 같은 버전의 파이썬을 찾습니다.

    Raises:
        Stop: 그 버전이 없을 때.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    names = [shutil.which(f"python{version}"), sys.executable]
    candidates = [Path(name) for name in names if name]
    candidates += sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)
    code = "import sys; print('%d.%d' % sys.version_info[:2], sys._base_executable)"
    for candidate in candidates:
        # pyenv의 shim은 이름만 있고 실행되지 않을 수 있으므로 실제로 불러 봅니다.
        done = subprocess.run([str(candidate), "-c", code], capture_output=True, text=True)
        found, _, base = done.stdout.strip().partition(" ")
        if done.returncode == 0 and found == version:
            return Path(base)
    raise Stop(
        f"파이썬 {version} 버전을 찾지 못했습니다. Colab판 검사에는 그 버전이 필요합니다.\n"
        f"설치한 다음(예: pyenv install {version}) 다시 하거나, --python으로 다른 버전을 고르세요."
    )


def requirements(tensorflow: str) -> list[str]:
    """맨 환경에 넣을 것.

    `2.19`면 Colab의 목록 그대로, `lock`이면 책의 잠금 버전, `newest`면 버전 없이 이름만 돌려줍니다.
    """
    lines = [line.split("#")[0].strip() for line in COLAB_SET.read_text(encoding="utf-8").splitlines()]
    pinned = [line for line in lines if line]
    names = [line.partition("==")[0] for line in pinned]
    if tensorflow == "newest":
        return names
    if tensorflow == "lock":
        found = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE))
        # 잠금 파일에 없는 것(ipywidgets)은 Colab의 버전을 씁니다.
        return [
            f"{name}=={found.get(name, line.partition('==')[2])}"
            for name, line in zip(names, pinned, strict=True)
        ]
    colab_version = dict(line.split("==") for line in pinned)["tensorflow"]
    if not (colab_version == tensorflow or colab_version.startswith(tensorflow + ".")):
        raise Stop(f"--tensorflow에는 {colab_version.rpartition('.')[0]}, lock, newest 가운데 하나를 씁니다.")
    return pinned


def _installed(python: Path) -> frozenset[str]:
    """설치된 패키지의 `이름==버전`들."""
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    listing = _run([*pip, "list", "--format=json"], "설치된 패키지의 목록을 읽지 못했습니다.")
    return frozenset(f"{entry['name']}=={entry['version']}" for entry in json.loads(listing))


def prepare(python_version: str, tensorflow: str) -> Environment:
    """맨 환경을 만들거나, 같은 재료로 만든 것이 있으면 다시 씁니다."""
    wanted = requirements(tensorflow)
    python = find_python(python_version)
    full_version = _run([str(python), "--version"], "파이썬을 실행하지 못했습니다.").strip()
    # newest는 날마다 달라질 수 있으므로 만든 날도 재료에 넣습니다.
    day = time.strftime("%Y-%m-%d") if tensorflow == "newest" else ""
    digest = hashlib.sha256("\n".join([full_version, day, *wanted]).encode()).hexdigest()[:10]
    folder = ENVIRONMENTS / f"{python_version}-{tensorflow}-{digest}"
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "shipped.json"
    label = f"파이썬 {python_version}, TensorFlow {tensorflow}"
    if not stamp.exists():
        print(f"[Colab판] 맨 환경을 만듭니다: {label}. 몇 분 걸립니다.", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _run([str(python), "-m", "venv", str(folder)], "가상 환경을 만들지 못했습니다.")
        pip = [str(inside), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input"]
        _run([*pip, *wanted], "Colab과 같은 패키지를 설치하지 못했습니다.")
        stamp.write_text(json.dumps(sorted(_installed(inside))), encoding="utf-8")
    return Environment(label, inside, frozenset(json.loads(stamp.read_text(encoding="utf-8"))))


def build_helper(python: Path, folder: Path) -> Path:
    """지금 이 폴더의 dlko로 설치 파일(wheel)을 만듭니다. 원본 폴더에 흔적이 남지 않게 복사해서 만듭니다."""
    source = folder / "source"
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    for pattern in ("pyproject.toml", "README*", "LICENSE*"):
        for path in ROOT.glob(pattern):
            shutil.copy(path, source)
    pip = [str(python), "-m", "pip", "wheel", "-q", "--no-deps", "--disable-pip-version-check"]
    _run([*pip, "--wheel-dir", str(folder), str(source)], "dlko를 설치 파일로 묶지 못했습니다.")
    (wheel,) = folder.glob("dlko-*.whl")
    return wheel


def restore(environment: Environment) -> list[str]:
    """노트북이 설치한 것을 지웁니다. 처음부터 있던 것이 바뀌었으면 그 목록을 돌려줍니다."""
    now = _installed(environment.python)
    changed = sorted(environment.shipped - now)
    shipped_names = {entry.partition("==")[0] for entry in environment.shipped}
    added = [entry.partition("==")[0] for entry in now if entry.partition("==")[0] not in shipped_names]
    pip = [str(environment.python), "-m", "pip", "--disable-pip-version-check"]
    if added:
        _run([*pip, "uninstall", "-q", "-y", *added], "노트북이 설치한 것을 지우지 못했습니다.")
    if changed:
        _run([*pip, "install", "-q", "--no-deps", *changed], "처음 패키지로 되돌리지 못했습니다.")
    return changed


def kernel_manager(python: Path, folder: Path) -> AsyncKernelManager:
    """이 책의 .venv가 아니라 맨 환경의 파이썬으로 노트북을 돌리는 커널."""
    spec = folder / "kernels" / "colab"
    spec.mkdir(parents=True, exist_ok=True)
    argv = [str(python), "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    description = {"argv": argv, "display_name": "Colab", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(description), encoding="utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(spec.parent)], ensure_native_kernel=False)
    return AsyncKernelManager(kernel_name="colab", kernel_spec_manager=specs)


def kernel_variables(python: Path, home: Path) -> dict[str, str]:
    """커널에 줄 환경 변수. 이 책의 .venv나 사용자의 설정이 끼어들지 않게 합니다."""
    variables = dict(os.environ)
    if python != Path(sys.executable):
        for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "VIRTUAL_ENV"):
            variables.pop(name, None)
        variables["PATH"] = str(python.parent) + os.pathsep + variables.get("PATH", "")
        variables["PYTHONNOUSERSITE"] = "1"
    home.mkdir(parents=True, exist_ok=True)
    variables.update(IPYTHONDIR=str(home / "ipython"), MPLCONFIGDIR=str(home / "matplotlib"))
    variables["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    variables.setdefault("DLKO_PROFILE", "quick")
    variables.setdefault("DLKO_DATA", "embedded")
    return variables


def run_notebook(path: Path, environment: Environment, scratch: Path) -> str:
    """노트북 하나를 맨 환경에서 실행하고 무엇이 잘못되었는지 돌려줍니다. 빈 글이면 통과입니다."""
    notebook = nbformat.read(path, as_version=4)
    work = scratch / "work" / path.stem
    work.mkdir(parents=True, exist_ok=True)
    manager = kernel_manager(environment.python, scratch)
    variables = kernel_variables(environment.python, scratch / "home")
    try:
        with execute.session(notebook, work, variables, manager=manager, timeout=CELL_TIMEOUT) as kernel:
            for cell in code_cells(notebook):
                kernel.run(cell)
                execute.require_figure(cell)
    except execute.ChapterFailed as error:
        return str(error)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return ""


def check(environment: Environment, names: list[str]) -> list[str]:
    """장들을 차례로 실행합니다. 실패한 장들을 돌려줍니다."""
    failed = []
    # 폴더 이름에 한글과 빈칸이 들어가도 되는지 함께 봅니다.
    with tempfile.TemporaryDirectory(prefix="Colab 검사 ") as folder:
        scratch = Path(folder)
        restore(environment)  # 지난번에 중간에 멈췄을 수 있습니다.
        wheel = build_helper(environment.python, scratch)
        edition = colab.write_edition(
            scratch / "edition", f"dlko @ {wheel.as_uri()}", origin=CHECK_ORIGIN, names=names
        )
        for number, (name, path) in enumerate(zip(names, edition, strict=True), start=1):
            started = time.perf_counter()
            problem = run_notebook(path, environment, scratch)
            changed = restore(environment)
            if changed:
                problem += "\n첫 칸이 Colab에 있던 패키지를 바꿨습니다: " + ", ".join(changed)
            verdict = "실패" if problem else "통과"
            detail = f"{time.perf_counter() - started:.0f}초, {environment.label}"
            print(f"[Colab판] {number}/{len(names)} {verdict} {name} ({detail})", flush=True)
            if problem:
                print("    " + problem.strip().replace("\n", "\n    "), flush=True)
                failed.append(name)
    return failed


def changed_chapters(base: str) -> list[str]:
    """커밋 `base` 뒤에 바뀐 장들 가운데 부마다 한 장. 도우미나 이 검사가 바뀌었으면 모든 부에서 한 장씩 고릅니다.

    장이 아무리 많이 바뀌어도 검사가 부의 수보다 길어지지 않습니다. 모든 장은 매주 도는 작업이 봅니다.
    """
    changed = colab.git("diff", "--name-only", base, "--").splitlines()
    known = bool(colab.git("rev-parse", "--verify", f"{base}^{{commit}}"))
    shared = (
        "src/",
        "course/colab",
        "course/check_colab",
        "course/execute",
        "course/notebooks",
        "pyproject.toml",
        "requirements.txt",
    )
    everything = not known or any(name.startswith(shared) for name in changed)
    chosen = []
    for part in parts():
        touched = [c.name for c in part.chapters if f"{c.docname}.ipynb" in changed]
        chosen += (touched or [c.name for c in part.chapters if everything])[:1]
    return chosen


def runnable(combinations: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """이 컴퓨터에 파이썬이 있는 조합만. 빠진 것은 알립니다.

    Raises:
        Stop: 할 수 있는 조합이 하나도 없을 때.
    """
    found = []
    for version, tensorflow in combinations:
        try:
            find_python(version)
        except Stop as missing:
            print(f"[Colab판] 파이썬 {version}, TensorFlow {tensorflow}의 검사를 건너뜁니다. {missing}")
            continue
        found.append((version, tensorflow))
    if not found:
        raise Stop("Colab판을 검사할 파이썬이 하나도 없습니다.")
    return found


def _here() -> Environment:
    """지금 파이썬을 그대로 씁니다. Colab의 실행 환경 이미지 안에서 검사할 때 씁니다."""
    python = Path(sys.executable)
    return Environment(f"지금 환경, 파이썬 {sys.version.split()[0]}", python, _installed(python))


def main(*arguments: str) -> int:
    """`python -m course check-colab`"""
    parser = argparse.ArgumentParser(
        prog="python -m course check-colab",
        description="Colab판 노트북을 Colab과 같은 것만 든 환경에서 실행합니다.",
    )
    parser.add_argument("chapters", nargs="*", help="검사할 장 (예: cnn/digits). 주지 않으면 모두")
    parser.add_argument("--python", help="파이썬 버전 (예: 3.12)")
    parser.add_argument("--tensorflow", default="", help="2.19, lock(책의 잠금 버전), newest 가운데 하나")
    parser.add_argument("--changed", metavar="커밋", help="이 커밋 뒤에 바뀐 장만 검사")
    parser.add_argument("--here", action="store_true", help="지금 파이썬에서 그대로 실행 (Colab 이미지용)")
    options = parser.parse_args(arguments)
    if options.chapters:
        names = [execute.choose(name).name for name in options.chapters]
    else:
        names = changed_chapters(options.changed) if options.changed else [c.name for c in chapters()]
    if not names:
        print("[Colab판] 검사할 장이 없습니다.")
        return 0
    if options.here:
        environments = [_here()]
    elif options.python or options.tensorflow:
        python = options.python or ("3.12" if options.tensorflow == "2.19" else "3.13")
        environments = [prepare(python, options.tensorflow or ("2.19" if python == "3.12" else "lock"))]
    else:
        environments = [prepare(*pair) for pair in runnable(COMBINATIONS)]
    failed = sum(len(check(environment, names)) for environment in environments)
    print(f"[Colab판] 실패 {failed}건" if failed else "[Colab판] 모두 통과했습니다.")
    return 1 if failed else 0


if __name__ == "__main__":
    # Colab 이미지 안에서는 .venv 없이 이 파일을 바로 부릅니다: python3 -m course.check_colab --here
    try:
        sys.exit(main(*sys.argv[1:]))
    except Stop as stop:
        sys.exit(f"{stop}")
