"""독자의 셸과 집에 있는 설정, 학교와 회사의 망. 책이 만들어지는 데 끼어들지 못하거나, 무엇이 문제인지 알립니다."""

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import pytest

import dlko
from course import bootstrap, cache, execute, serve
from course.bootstrap import ROOT
from dlko import environment
from dlko.data import fetch
from website import assets

LEAKS = {
    "PIP_USER": "1",
    "PIP_CONSTRAINT": "/none.txt",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_TARGET": "/tmp/x",
    "PIP_PREFIX": "/tmp/x",
    "PIP_NO_DEPS": "1",
    "PIP_DRY_RUN": "1",
    "PIP_NO_BINARY": ":all:",
    "pip_user": "1",
    "PYTHONSAFEPATH": "1",
    "PYTHONSTARTUP": "/none.py",
    "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "2",
    "PYTHONDEVMODE": "1",
    "PYTHONUSERBASE": "/tmp/x",
    "MATPLOTLIBRC": "/none",
    "TF_USE_LEGACY_KERAS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "0",
    "JUPYTER_CONFIG_PATH": "/none",
    "JUPYTER_PATH": "/none",
    "NODE_OPTIONS": "--require /none.js",
    "NODE_ENV": "production",
    "npm_config_global": "true",
    "npm_config_dry_run": "true",
    "NPM_CONFIG_OMIT": "dev",
    "PYTEST_ADDOPTS": "-x",
    "UV_SYSTEM_PYTHON": "1",
    "UV_CONSTRAINT": "/none.txt",
    "UV_NO_BINARY": "1",
    "UV_TARGET": "/tmp/x",
}
NEEDED = {
    "PIP_INDEX_URL": "https://pypi.example/simple",
    "PIP_CERT": "/cert.pem",
    "UV_KEYRING_PROVIDER": "subprocess",
    "HTTPS_PROXY": "http://proxy:8080",
    "npm_config_registry": "https://npm.example",
    "DLKO_DATA": "auto",
    "CUDA_VISIBLE_DEVICES": "0",
}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in (LEAKS | NEEDED).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize("name", LEAKS)
def test_settings_of_the_shell_do_not_leak(name: str, shell) -> None:
    assert name not in bootstrap.own_environment() and name not in bootstrap.child_environment()


@pytest.mark.parametrize("name", NEEDED)
def test_what_reaches_the_network_is_kept(name: str, shell) -> None:
    assert bootstrap.child_environment()[name] == NEEDED[name]


def test_notebooks_and_the_laboratory_do_not_read_the_home(shell, chapter, tmp_path: Path) -> None:
    seen = {}
    shell.setattr(serve.subprocess, "call", lambda command, **options: seen.update(options["env"]) or 0)
    shell.setenv("KERAS_BACKEND", "theano")
    shell.setenv("MPLBACKEND", "agg")
    assert serve.lab() == 0
    assert (
        not set(LEAKS) & set(seen)
        and seen["KERAS_BACKEND"] == "tensorflow"
        and "inline" in seen["MPLBACKEND"]
    )
    for name in ("KERAS_HOME", "MPLCONFIGDIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        assert Path(seen[name]).is_relative_to(execute.BUILD)


def test_the_settings_of_keras_are_put_back(capsys) -> None:
    keras.config.set_image_data_format("channels_first")
    environment._use_plain_keras()
    assert keras.config.image_data_format() == "channels_last" and "channels_first" in capsys.readouterr().out
    environment._use_plain_keras()
    assert not capsys.readouterr().out


def test_the_configuration_of_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """회사의 저장소 주소는 쓰고, 설치할 곳을 바꾸는 설정은 쓰지 않습니다."""
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://pypi.example/simple\nextra-index-url =\n  https://a\n  https://b\n"
        "require-virtualenv = true\n[install]\nuser = true\nconstraint = /none.txt\ntrusted-host = pypi.example\n"
    )
    for name in [name for name in os.environ if name.upper().startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setattr(bootstrap, "venv_python", lambda: Path(sys.executable))
    found = bootstrap.pip_environment()
    wanted = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "https://pypi.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://a https://b",
        "PIP_TRUSTED_HOST": "pypi.example",
    }
    assert wanted.items() <= found.items()
    assert not {"PIP_USER", "PIP_CONSTRAINT", "PIP_REQUIRE_VIRTUALENV"} & set(found)


def _options(command: list[str], name: str) -> list[str]:
    return [value for option, value in itertools.pairwise(command) if option == name]


def test_uv_asks_the_same_registries_as_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command = bootstrap.uv_command(
        {
            "PIP_INDEX_URL": "https://pypi.example/simple",
            "PIP_EXTRA_INDEX_URL": "https://a\n https://b",
            "PIP_FIND_LINKS": "/wheels",
            "PIP_TRUSTED_HOST": "pypi.example",
            "PIP_NO_INDEX": "0",
        }
    )
    assert _options(command, "--index-url") == ["https://pypi.example/simple"]
    assert _options(command, "--extra-index-url") == ["https://a", "https://b"]
    assert _options(command, "--find-links") == ["/wheels"]
    assert _options(command, "--allow-insecure-host") == ["pypi.example"]
    assert "--require-hashes" in command and "--no-index" not in command
    assert "--no-index" in bootstrap.uv_command({"PIP_NO_INDEX": "1"})
    # 교실의 폴더가 있으면 그것만 씁니다. 폴더 이름에는 빈칸이 있을 수 있습니다.
    alone = bootstrap.uv_command({"PIP_INDEX_URL": "https://pypi.example/simple"}, "/내 수업/packages")
    assert _options(alone, "--find-links") == ["/내 수업/packages"]
    assert "--no-index" in alone and "--index-url" not in alone

    school = tmp_path / "학교.pem"
    school.touch()
    told = bootstrap.uv_environment(
        {"PIP_CERT": str(school), "PIP_PROXY": "http://proxy:8080", "PIP_DEFAULT_TIMEOUT": "180"}
    )
    assert told["UV_HTTP_TIMEOUT"] == "180"
    assert told["SSL_CERT_FILE"] == str(school) and told["HTTPS_PROXY"] == "http://proxy:8080"


def test_uv_understands_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """이미 설치한 곳에서는 받을 것이 없으므로 네트워크 없이 끝납니다."""
    monkeypatch.setattr(bootstrap, "UV_CACHE", tmp_path)
    command = [*bootstrap.uv_command({}), "--offline"]
    done = subprocess.run(
        command, env=bootstrap.child_environment(), cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0 and "Checked" in done.stderr, done.stderr


def test_uv_comes_first_and_by_its_hash() -> None:
    lines = bootstrap.uv_requirement(bootstrap.LOCK.read_text(encoding="utf-8")).splitlines()
    assert lines[0].startswith("uv==") and len(lines) > 5
    assert all("--hash=sha256:" in line or "# via" in line for line in lines[1:])


@pytest.mark.parametrize("works", [True, False])
def test_pip_does_what_uv_cannot(
    works: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
) -> None:
    ran = []

    def run(command: list[str], environment, log, say) -> int:
        ran.append((Path(command[0]).stem, Path(command[-1]).name if "-r" in command[-2:] else ""))
        return int("uv" in Path(command[0]).stem and not works)

    for name in ("INSTALL_LOG", "INSTALLING", "STAMP", "UV_LOCK", "UV_CACHE"):
        monkeypatch.setattr(bootstrap, name, tmp_path / name)
    monkeypatch.setattr(bootstrap, "_run", run)
    monkeypatch.setattr(bootstrap, "pip_environment", dict)
    monkeypatch.setattr(bootstrap.subprocess, "check_call", lambda *_, **__: 0)
    bootstrap._install()
    lock = bootstrap.LOCK.name
    assert [name for _, name in ran if name in ("UV_LOCK", lock)] == ["UV_LOCK"] + [lock] * (not works)
    assert [program for program, _ in ran][1] == "uv"
    assert bootstrap.INSTALLING.exists()  # 다 마친 것은 _ensure_venv가 표시합니다.
    assert ("pip으로 설치합니다" in capsys.readouterr().out) is not works


def test_makefile_starts_where_python_is_told_not_to_look_here() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "PYTHONSAFEPATH" in re.search(r"^unexport (.*)$", text, re.MULTILINE)[1]


# --- 망 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "asked"),
    [((22, 3), False), ((23, 2), False), ((23, 3), True), ((24, 0), True), ((24, 1), True), ((24, 2), False), ((26, 0), False)],
)  # fmt: skip
def test_pip_uses_the_store_of_the_system(version: tuple[int, int], asked: bool) -> None:
    assert bool(bootstrap._truststore(version)) is asked


def test_one_certificate_serves_every_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in bootstrap.CERTIFICATE_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    system = tmp_path / "ca-certificates.crt"
    monkeypatch.setattr(bootstrap, "SYSTEM_CERTIFICATES", (str(tmp_path / "없음"), str(system)))
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    assert bootstrap.certificate_file() == ""
    system.touch()
    assert bootstrap.certificate_file() == str(system)
    school = tmp_path / "학교.pem"
    school.touch()
    monkeypatch.setenv("PIP_CERT", str(school))
    child = bootstrap.child_environment()
    assert child["REQUESTS_CA_BUNDLE"] == child["NODE_EXTRA_CA_CERTS"] == str(school)


def test_npm_uses_the_store_of_the_system_and_few_trials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = {}

    def failed(command, **options):
        seen.update(command=command, env=options["env"])
        log = "npm error A complete log of this run can be found in: /x/_logs/1-debug.log"
        return subprocess.CompletedProcess(
            command, 1, "", f"npm error code SELF_SIGNED_CERT_IN_CHAIN\n{log}\n"
        )

    monkeypatch.setattr(assets.subprocess, "run", failed)
    monkeypatch.setenv("npm_config_global", "true")
    with pytest.raises(
        assets.AssetError, match=r"(?s)인증서를 믿을 수 없어.*SSL_CERT_FILE.*SELF_SIGNED"
    ) as caught:
        assets.prepare(tmp_path / "_build")
    assert "_logs" not in str(caught.value)
    assert "--use-system-ca" in seen["command"] and "--fetch-retries=2" in seen["command"]
    assert "npm_config_global" not in seen["env"]


@pytest.mark.parametrize(
    "log",
    [
        "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'))\n"
        "ERROR: No matching distribution found for tensorflow",
        "SSLCertVerificationError: self-signed certificate in certificate chain",
    ],
)
def test_a_certificate_error_of_pip_is_called_that(log: str) -> None:
    assert "인증서를 믿을 수 없어" in bootstrap._explain_pip_failure(log)


@pytest.mark.parametrize("code", ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT"])  # fmt: skip
def test_a_certificate_error_of_npm_is_called_that(code: str) -> None:
    assert "인증서를 믿을 수 없어" in assets.explain_npm_failure(f"npm error code {code}")
    assert "인터넷 연결" in assets.explain_npm_failure("npm error code ENOTFOUND")


# --- 이름과 값 ----------------------------------------------------------------------------------------------------


def test_every_setting_that_is_read_is_known() -> None:
    found = set()
    for folder in ("src", "course", "website", "tests/site", "scripts"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(re.findall(r"[\"'](DLKO_[A-Z_]+)[\"']", path.read_text(encoding="utf-8")))
    assert found <= bootstrap.SETTINGS


@pytest.mark.parametrize(("name", "hint"), [("DLKO_DATADIR", "DLKO_DATA_DIR"), ("dlko_profile", "DLKO_PROFILE"), ("DLKO_XYZ", "")])  # fmt: skip
def test_a_misspelt_setting_is_told(name: str, hint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for known in [known for known in os.environ if known.startswith("DLKO_")]:
        monkeypatch.delenv(known)
    monkeypatch.setenv(name, "1")
    lines = bootstrap.unknown_settings()
    if os.name == "nt" and name.upper() in bootstrap.SETTINGS:
        return  # Windows는 이름의 대소문자를 가리지 않습니다.
    assert len(lines) == 1 and name in lines[0] and hint in lines[0]


@pytest.mark.parametrize("value", ["quick ", " QUICK", "Full\n", "full"])
def test_the_profile_as_people_type_it(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLKO_PROFILE", value)
    assert environment.profile() == value.strip().lower()


@pytest.mark.parametrize("value", ["~/받은 것", ' "{home}/받은 것" ', "'{home}/받은 것'", "{home}/받은 것/"])
def test_folders_as_people_type_them(value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("DLKO_DATA_DIR", value.format(home=tmp_path))
    assert fetch.data_folder() == tmp_path / "받은 것"
    monkeypatch.setenv("DLKO_DATA_DIR", "  ")
    assert fetch.data_folder() is None


@pytest.mark.parametrize("value", ["C:\new\내 글.tsv", "C:\text", "D:\beta\a.csv"])
def test_backslashes_that_became_something_else(value: str) -> None:
    for read in (dlko.load_data, dlko.read_prices, dlko.my_photos, dlko.open_photo):
        with pytest.raises(dlko.DataError, match="따옴표 앞에 r을 붙여"):
            read(value)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="리눅스에만 있습니다.")
def test_one_allowed_core_is_one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache.os, "sched_getaffinity", lambda pid: {3})
    assert cache.usable_cores() == 1
