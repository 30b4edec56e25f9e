"""파이썬만 있는 기계에서 .venv를 만들고 잠근 패키지를 설치합니다. 표준 라이브러리만 씁니다."""

from __future__ import annotations

import ast
import difflib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BUILD = ROOT / "_build"
LOCK = ROOT / "requirements.txt"
STAMP = VENV / "installed.txt"
INSTALLING = VENV / "installing.txt"  # 설치하는 동안만 있습니다. 남아 있으면 설치하다 멈춘 것입니다.
UV_LOCK = VENV / "uv.txt"
UV_CACHE = BUILD / "packages"  # 설치하는 동안만 있습니다.
INSTALL_LOG = BUILD / "logs" / "install.log"
SUPPORTED = ((3, 11), (3, 12), (3, 13))
DISK_NEEDED_GB = 6


# .venv가 src/의 dlko를 찾게 하는 .pth 파일. 경로를 상대로 적습니다. 폴더 이름의 한글이 들어가면
# 파이썬 3.11은 언어 설정(LANG=C)에 따라 이 파일을 읽지 못하고 시작조차 하지 않습니다.
LINK_HELPER = """
import os, sysconfig
site = sysconfig.get_path("purelib")
with open(os.path.join(site, "dlko.pth"), "w", encoding="ascii") as file:
    file.write(os.path.relpath("src", site))
"""


# 독자의 셸에서 가져오지 않는 설정. 설치되는 곳, 경고, 그림, 검사를 바꾸어 책이 다르게 만들어집니다.
IGNORED = {
    "JUPYTER_CONFIG_PATH", "JUPYTER_PATH", "MATPLOTLIBRC", "MPLBACKEND", "NODE_ENV", "NODE_OPTIONS", "PYTEST_ADDOPTS",
    "PYTEST_PLUGINS", "TF_CPP_MIN_LOG_LEVEL", "TF_CPP_VMODULE", "TF_USE_LEGACY_KERAS", "__PYVENV_LAUNCHER__",
}  # fmt: skip
# 이렇게 시작하는 설정도 가져오지 않습니다. 뒤의 것은 네트워크에 닿거나 파이썬을 돌리는 데 필요해 남깁니다.
IGNORED_PREFIXES = {
    "PYTHON": {"PYTHONPATH", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
               "PYTHONPYCACHEPREFIX"},
    "PIP_": {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_TRUSTED_HOST", "PIP_PROXY",
             "PIP_CERT", "PIP_CLIENT_CERT", "PIP_CACHE_DIR", "PIP_NO_CACHE_DIR", "PIP_TIMEOUT", "PIP_DEFAULT_TIMEOUT",
             "PIP_RETRIES", "PIP_KEYRING_PROVIDER", "PIP_CONFIG_FILE"},
    "NPM_CONFIG_": {"NPM_CONFIG_REGISTRY", "NPM_CONFIG_PROXY", "NPM_CONFIG_HTTPS_PROXY", "NPM_CONFIG_HTTP_PROXY",
                    "NPM_CONFIG_NOPROXY", "NPM_CONFIG_CAFILE", "NPM_CONFIG_CA", "NPM_CONFIG_STRICT_SSL",
                    "NPM_CONFIG_USERCONFIG", "NPM_CONFIG_CACHE"},
    "UV_": {"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INSECURE_HOST", "UV_KEYRING_PROVIDER",
            "UV_HTTP_TIMEOUT", "UV_HTTP_RETRIES"},
}  # fmt: skip
# pip의 설정과 같은 뜻인 uv의 선택
UV_OPTIONS = {
    "PIP_INDEX_URL": "--index-url",
    "PIP_EXTRA_INDEX_URL": "--extra-index-url",
    "PIP_FIND_LINKS": "--find-links",
    "PIP_TRUSTED_HOST": "--allow-insecure-host",
}
# uv가 환경 변수로 받는 것: uv의 이름 → pip의 이름
UV_NAMES = {
    "UV_HTTP_TIMEOUT": "PIP_DEFAULT_TIMEOUT",
    "UV_HTTP_RETRIES": "PIP_RETRIES",
    "UV_KEYRING_PROVIDER": "PIP_KEYRING_PROVIDER",
    "SSL_CLIENT_CERT": "PIP_CLIENT_CERT",
}
# 이 책이 읽는 환경 변수
SETTINGS = {
    "DLKO_BRANCH", "DLKO_CACHE_DIR", "DLKO_CHROMIUM", "DLKO_COLAB_BRANCH", "DLKO_DATA", "DLKO_DATA_DIR", "DLKO_NETWORK",
    "DLKO_OUT", "DLKO_PACKAGES", "DLKO_PROFILE", "DLKO_REPOSITORY", "DLKO_SITE_FOLDER", "DLKO_SITE_URL",
}  # fmt: skip
FOLDER_SETTINGS = ("DLKO_CACHE_DIR", "DLKO_DATA_DIR", "DLKO_PACKAGES", "DLKO_SITE_FOLDER")
# 리눅스 배포판이 믿는 인증서를 모아 둔 파일. 학교나 회사의 인증서도 여기에 더해집니다.
SYSTEM_CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
)
CERTIFICATE_SETTINGS = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "NODE_EXTRA_CA_CERTS",
    "CURL_CA_BUNDLE",
)
UNTRUSTED = (
    "보안 연결의 인증서를 믿을 수 없어 받지 않았습니다. 학교나 회사의 망이 보안 연결을 중간에서 살펴볼 때 이렇게 됩니다.\n"
    "그 망의 인증서를 운영 체제에 설치하거나, 인증서 파일(.pem)의 위치를 환경 변수 SSL_CERT_FILE로 알려 주고 다시 해 보세요."
)


class Stop(Exception):
    """사용자에게 한 문장으로 알리고 끝낼 일."""


def use_utf8_output() -> None:
    """출력의 글자 집합이 한글을 모르는 곳(오래된 Windows 콘솔, LANG=C)에서도 멈추지 않게 합니다."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def inside_venv() -> bool:
    return Path(sys.prefix).resolve() == VENV.resolve()


def run_in_venv(arguments: list[str]) -> int:
    """.venv를 준비한 다음 같은 명령을 그 안에서 다시 실행합니다."""
    _require_writable_project()
    _ensure_venv()
    command = [str(venv_python()), "-m", "course", *arguments]
    environment = child_environment()
    if os.name == "nt":
        return subprocess.call(command, cwd=str(ROOT), env=environment)
    os.chdir(str(ROOT))
    sys.stdout.flush()
    os.execve(command[0], command, environment)


def child_environment() -> dict[str, str]:
    """어떤 언어 설정, 어떤 홈 폴더에서도 같은 결과가 나오게 하는 환경 변수."""
    environment = dict(own_environment(), PYTHONUTF8="1", PYTHONIOENCODING="utf-8")
    environment.pop("PYTHONPATH", None)
    if certificates := certificate_file():  # pip, 내려받기, Node가 모두 운영 체제가 믿는 인증서를 씁니다.
        for name in ("REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
            environment.setdefault(name, certificates)
    environment["PATH"] = str(venv_python().parent) + os.pathsep + environment.get("PATH", "")
    if not _writable(Path.home()):
        home = BUILD / "home"
        home.mkdir(parents=True, exist_ok=True)
        environment.update(HOME=str(home), USERPROFILE=str(home), XDG_CACHE_HOME=str(home / ".cache"))
    return environment


def own_environment() -> dict[str, str]:
    """이 책이 쓰는 환경 변수. 독자의 셸이 다른 프로그램을 위해 정해 둔 설정은 뺍니다.

    커널은 노트북의 폴더에서 실행되므로, 폴더를 적는 설정은 지금 폴더에서 본 위치로 굳힙니다.
    """
    environment = {name: value for name, value in os.environ.items() if not _ignored(name.upper())}
    for name in FOLDER_SETTINGS:
        if given := environment.get(name, "").strip().strip("\"'").strip():
            environment[name] = str(Path(given).expanduser().absolute())
    return environment


def _ignored(name: str) -> bool:
    return name in IGNORED or any(
        name.startswith(prefix) and name not in kept for prefix, kept in IGNORED_PREFIXES.items()
    )


def certificate_file() -> str:
    """독자가 알려 준 인증서 파일. 없으면 운영 체제의 것(리눅스), 그것도 없으면 빈 글입니다."""
    given = [os.environ.get(name, "").strip() for name in CERTIFICATE_SETTINGS]
    # Windows와 macOS는 인증서를 파일로 두지 않습니다. pip과 Node가 스스로 찾습니다.
    system = SYSTEM_CERTIFICATES if sys.platform.startswith("linux") else ()
    return next((path for path in (*given, *system) if path and Path(path).is_file()), "")


def unknown_settings() -> list[str]:
    """이름을 잘못 적은 DLKO_ 환경 변수마다 한 문장. 말없이 지나치면 왜 듣지 않는지 알 수 없습니다."""
    lines = []
    for name in sorted(os.environ):
        if name.upper().startswith("DLKO_") and name not in SETTINGS:
            close = difflib.get_close_matches(name.upper(), SETTINGS, 1)
            hint = f" 혹시 {close[0]}을(를) 적으려 했습니까?" if close else ""
            lines.append(f"환경 변수 {name}은(는) 이 책이 모르는 이름이라 쓰지 않습니다.{hint}")
    return lines


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=str(folder)):
            return True
    except OSError:
        return False


def _require_writable_project() -> None:
    if not _writable(ROOT):
        raise Stop(f"이 폴더에 쓸 수 없습니다: {ROOT}\n쓸 수 있는 폴더로 옮겨서 다시 해 보세요.")


def _ensure_venv() -> None:
    """.venv가 지금의 잠금 파일과 맞으면 그대로 두고, 아니면 만들거나 고칩니다."""
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == _stamp() and venv_python().exists():
        return
    python = _find_python()
    usable = _venv_usable()
    if not usable:
        shutil.rmtree(str(VENV), ignore_errors=True)
    free = shutil.disk_usage(str(ROOT)).free / 1e9
    if free < DISK_NEEDED_GB:
        raise Stop(
            f"디스크에 빈자리가 {free:.1f} GB뿐입니다. 패키지를 설치하려면 {DISK_NEEDED_GB} GB쯤 필요합니다.\n"
            "자리를 비우고 다시 해 보세요."
        )
    if not usable:
        print(f"[준비] 가상 환경을 만듭니다: .venv (파이썬 {_version_of(python)})")
        _create_venv(python)
    _install()
    STAMP.write_text(_stamp(), encoding="utf-8")
    INSTALLING.unlink()


def _stamp() -> str:
    """무엇을 어디에 설치했는지 나타내는 글. 폴더를 옮기면 가상 환경도 다시 만들어야 합니다."""
    content = LOCK.read_bytes() + LINK_HELPER.encode("utf-8") + str(ROOT).encode("utf-8")
    return hashlib.sha256(content).hexdigest()


def _venv_usable() -> bool:
    """이 폴더에서 만든, 지원하는 파이썬의 가상 환경인지. 설치하다 멈춘 것은 반쪽 패키지가 있을 수 있어 다시 만듭니다."""
    if INSTALLING.exists():
        return False
    config = VENV / "pyvenv.cfg"
    marker = VENV / "made-in.txt"
    if not (config.exists() and marker.exists() and marker.read_text(encoding="utf-8") == str(ROOT)):
        return False
    return _version_of([str(venv_python())]) in SUPPORTED_TEXT


SUPPORTED_TEXT = ["{}.{}".format(*version) for version in SUPPORTED]


def _version_of(command: list[str]) -> str:
    """명령이 실행하는 파이썬의 `3.13` 같은 버전. 실행되지 않으면 빈 글."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [*command, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("ascii", "replace").strip() if done.returncode == 0 else ""


def _find_python() -> list[str]:
    """지원하는 파이썬의 명령. 지금 파이썬이 맞으면 그것을 씁니다."""
    if sys.version_info[:2] in SUPPORTED:
        return [sys.executable]
    for version in reversed(SUPPORTED_TEXT):
        candidates = [["py", "-" + version]] if os.name == "nt" else [["python" + version]]
        for command in candidates:
            if shutil.which(command[0]) and _version_of(command) == version:
                return command
    raise Stop(
        "이 책에는 파이썬 3.11, 3.12, 3.13 가운데 하나가 필요합니다. 지금 파이썬은 {}.{}입니다.\n"
        "(TensorFlow가 아직 다른 버전용으로 나오지 않았습니다.)\n"
        "  Windows: winget install Python.Python.3.13   다음에  py -3.13 -m course book\n"
        "  macOS:   brew install python@3.13            다음에  make book PYTHON=python3.13\n"
        "  Linux:   배포판의 python3.13 패키지, 또는 https://www.python.org/downloads/".format(
            *sys.version_info[:2]
        )
    )


def _create_venv(python: list[str]) -> None:
    """가상 환경을 만듭니다. ensurepip이 없는 배포판에서는 시스템의 pip을 빌립니다."""
    INSTALL_LOG.parent.mkdir(parents=True, exist_ok=True)
    environment = child_environment()
    with INSTALL_LOG.open("wb") as log:
        made = subprocess.call(
            [*python, "-m", "venv", str(VENV)], stdout=log, stderr=subprocess.STDOUT, env=environment
        )
        if made != 0:
            shutil.rmtree(str(VENV), ignore_errors=True)
            bare = subprocess.call(
                [*python, "-m", "venv", "--without-pip", str(VENV)], stdout=log, stderr=log, env=environment
            )
            borrow = [*python, "-m", "pip", "--python", str(venv_python()), "install", "pip"]
            if bare != 0 or subprocess.call(borrow, stdout=log, stderr=log, env=environment) != 0:
                shutil.rmtree(str(VENV), ignore_errors=True)
                raise Stop(
                    "가상 환경을 만들지 못했습니다. 파이썬에 venv나 pip이 빠져 있습니다.\n"
                    "  Debian·Ubuntu: sudo apt install python3-venv\n"
                    "  다른 파이썬을 쓰려면: make book PYTHON=python3.13\n"
                    f"자세한 내용: {INSTALL_LOG}"
                )
    (VENV / "made-in.txt").write_text(str(ROOT), encoding="utf-8")


def _install() -> None:
    """잠금 파일의 패키지를 설치하고, 이 책의 도우미 dlko를 찾을 수 있게 합니다.

    pip으로 uv만 먼저 받아, 나머지는 그것으로 설치합니다. pip 혼자 할 때의 3분의 1쯤 걸립니다. uv가 하지 못하면
    (uv가 모르는 인증 방법 따위) pip이 합니다. 무엇이 문제인지 알리는 것도 pip의 말로 합니다.
    """
    pip = [
        str(venv_python()),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar=off",
        "--require-hashes",
    ]
    pip += _truststore(_pip_version())
    # 인터넷이 없는 교실: 패키지 파일을 모은 폴더에서만 설치합니다.
    environment = pip_environment()
    packages = environment.get("DLKO_PACKAGES")
    if packages:
        pip += ["--no-index", "--find-links", packages]
    text = LOCK.read_text(encoding="utf-8")
    total = sum(1 for line in text.splitlines() if "==" in line and line[0].isalpha())
    print(f"[준비] 패키지 {total}개를 설치합니다. 처음에는 몇 분 걸립니다.")
    UV_LOCK.write_text(uv_requirement(text), encoding="utf-8")
    with INSTALL_LOG.open("w", encoding="utf-8") as log:
        _pip([*pip, "-r", str(UV_LOCK)], environment, log)
        STAMP.unlink(missing_ok=True)  # 여기서부터는 하다 멈추면 반쪽 패키지가 남습니다.
        INSTALLING.touch()
        if not _uv(environment, packages, log):
            print("[준비]   빠른 설치기(uv)로는 되지 않아 pip으로 설치합니다.")
            shutil.rmtree(str(UV_CACHE), ignore_errors=True)  # 디스크를 두 번 쓰지 않습니다.
            _pip([*pip, "-r", str(LOCK)], environment, log)
    shutil.rmtree(str(UV_CACHE), ignore_errors=True)
    subprocess.check_call([str(venv_python()), "-c", LINK_HELPER], cwd=str(ROOT), env=child_environment())
    print("[준비] 설치를 마쳤습니다.")


def uv_requirement(lock: str) -> str:
    """잠금 파일에서 uv 하나의 버전과 해시."""
    found = re.search(r"^uv==.*\n(?:[ \t].*\n)*", lock, re.MULTILINE)
    assert found, "requirements.in에 uv가 있어야 합니다."
    return found[0]


def uv_command(environment: dict[str, str], packages: str | None = None) -> list[str]:
    """잠금 파일을 .venv에 설치하는 uv의 명령. 저장소의 주소는 pip의 설정에서 옮깁니다.

    받은 것은 책의 폴더에 두었다가 링크로 놓으므로 디스크를 두 번 쓰지 않고, 받다가 멈추면 이어서 받습니다.
    """
    uv = VENV / ("Scripts/uv.exe" if os.name == "nt" else "bin/uv")
    command = [
        str(uv), "pip", "install", "--no-config", "--no-progress", "--color", "never", "--system-certs",
        "--cache-dir", str(UV_CACHE), "--python", str(venv_python()), "--require-hashes", "--only-binary", ":all:",
        "--compile-bytecode", "-r", str(LOCK),
    ]  # fmt: skip
    if packages:
        return [*command, "--no-index", "--find-links", packages]
    if environment.get("PIP_NO_INDEX", "0").lower() not in ("", "0", "false", "no", "off"):
        command.append("--no-index")
    for name, option in UV_OPTIONS.items():
        for value in environment.get(name, "").split():
            command += [option, value]
    # 해시가 같은 것만 설치하므로 어느 저장소의 것이어도 됩니다.
    return [*command, "--index-strategy", "unsafe-best-match"]


def uv_environment(environment: dict[str, str]) -> dict[str, str]:
    """pip에 알려 준 인증서와 프록시, 기다릴 시간을 uv에도 알립니다."""
    environment = dict(environment)
    for ours, name in UV_NAMES.items():
        if value := environment.get(name):
            environment.setdefault(ours, value)
    if certificates := environment.get("PIP_CERT") or certificate_file():
        environment["SSL_CERT_FILE"] = certificates
    if proxy := environment.get("PIP_PROXY"):
        environment.update(HTTP_PROXY=proxy, HTTPS_PROXY=proxy)
    return environment


def _pip_version() -> tuple[int, ...]:
    done = subprocess.run([str(venv_python()), "-m", "pip", "--version"], stdout=subprocess.PIPE)
    found = re.match(r"pip (\d+)\.(\d+)", done.stdout.decode("utf-8", "replace"))
    return tuple(int(number) for number in found.groups()) if found else (0, 0)


def _truststore(version: tuple[int, ...]) -> list[str]:
    """운영 체제가 믿는 인증서를 쓰라는 pip의 선택. 24.2부터는 처음부터 그렇게 하고, 23.3보다 낡으면 하지 못합니다."""
    return ["--use-feature=truststore"] if (23, 3) <= version < (24, 2) else []


def pip_environment() -> dict[str, str]:
    """pip의 설정 파일에서 저장소의 주소와 인증서만 남깁니다. 설치할 곳(`user`)이나 제한(`constraint`)은 쓰지 않습니다."""
    environment = child_environment()
    command = [str(venv_python()), "-m", "pip", "config", "list"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    if done.returncode != 0:
        return environment
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        found = re.match(r"(?:global|install)\.([\w-]+)=('.*'|\".*\")$", line)
        name = "PIP_" + found[1].upper().replace("-", "_") if found else ""
        if found and name in IGNORED_PREFIXES["PIP_"]:
            environment.setdefault(name, " ".join(ast.literal_eval(found[2]).split()))
    return dict(environment, PIP_CONFIG_FILE=os.devnull)


def _pip(command: list[str], environment: dict[str, str], log: TextIO) -> None:
    """pip으로 설치합니다. 되지 않으면 까닭을 한 문장으로 알립니다."""
    seen = 0

    def say(line: str) -> None:
        nonlocal seen
        if line.startswith("Collecting "):
            seen += 1
            if seen % 25 == 0:
                print(f"[준비]   {seen}개째 받는 중: {line.split()[1]}")
        elif seen > 1 and line.startswith("Installing collected packages"):
            print("[준비]   모두 받았습니다. 풀어서 놓는 중입니다.")

    if _run(command, environment, log, say) != 0:
        text = INSTALL_LOG.read_text(encoding="utf-8", errors="replace")
        raise Stop(_explain_pip_failure(text))


def _uv(environment: dict[str, str], packages: str | None, log: TextIO) -> bool:
    """uv로 설치합니다. 되지 않으면 거짓입니다."""
    seen = 0

    def say(line: str) -> None:
        nonlocal seen
        if line.startswith("Resolved "):
            print("[준비]   패키지를 모으는 중입니다. 처음 내려받을 때는 모두 1 GB쯤 됩니다.")
        elif line.startswith(" Downloaded "):  # 큰 것만 알려 줍니다.
            seen += 1
            if seen % 10 == 0:
                print(f"[준비]   큰 것 {seen}개를 받았습니다. 방금 받은 것: {line.split()[1]}")
        elif line.startswith("Installed "):
            print("[준비]   모두 받아 놓았습니다. 빨리 시작하도록 파이썬 코드를 미리 컴파일합니다.")

    try:
        return _run(uv_command(environment, packages), uv_environment(environment), log, say) == 0
    except OSError as error:  # 실행하지 못하게 막아 둔 컴퓨터
        log.write(f"{error}\n")
        return False


def _run(command: list[str], environment: dict[str, str], log: TextIO, say: Callable[[str], None]) -> int:
    """긴 출력은 파일에 남기고, 화면에는 `say`가 고른 진행만 보여 줍니다."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, cwd=str(ROOT)
    )
    assert process.stdout is not None
    for raw in process.stdout:
        line = raw.decode("utf-8", "replace")
        log.write(line)
        say(line)
    log.flush()
    return process.wait()


def _explain_pip_failure(text: str) -> str:
    tail = "\n".join("    " + line for line in text.strip().splitlines()[-6:])
    if "No space left on device" in text:
        reason = "디스크가 가득 차서 패키지를 설치하지 못했습니다. 자리를 비우고 다시 해 보세요."
    elif "CERTIFICATE_VERIFY_FAILED" in text or "SSLError" in text or "SSLCertVerificationError" in text:
        reason = UNTRUSTED
    elif "DO NOT MATCH THE HASHES" in text:
        reason = "받은 패키지가 잠금 파일의 해시와 다릅니다. 설치를 멈췄습니다. 네트워크나 패키지 거울을 확인하세요."
    elif "NewConnectionError" in text or "ConnectTimeout" in text or "No matching distribution" in text:
        reason = (
            "패키지 저장소에 닿지 못했습니다. 인터넷 연결(또는 프록시 설정)을 확인하세요.\n"
            "인터넷이 없는 곳이라면 패키지 폴더를 준비해 DLKO_PACKAGES=폴더 make book 으로 설치합니다."
        )
    else:
        reason = "패키지를 설치하지 못했습니다."
    return f"{reason}\n{tail}\n자세한 내용: {INSTALL_LOG}"


def clean(option: str = "") -> int:
    """만든 것을 지웁니다. 받은 데이터는 사용자 캐시에 있으므로 지워지지 않습니다."""
    if option not in ("", "--all"):
        raise Stop(
            f"clean이 모르는 것입니다: {option}\n.venv까지 지우려면 `python -m course clean --all`입니다."
        )
    left = []
    for target in [BUILD] + ([VENV] if option == "--all" else []):
        shutil.rmtree(str(target), ignore_errors=True)
        if target.exists():
            left.append(str(target))
        else:
            print(f"지웠습니다: {target.name}")
    if left:
        raise Stop(
            "다 지우지 못했습니다. 이 폴더의 파일을 쓰는 프로그램을 닫고 다시 해 보세요.\n" + "\n".join(left)
        )
    return 0
