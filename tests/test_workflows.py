"""GitHub 작업 파일의 안전: 고정한 커밋, 가장 적은 권한, zizmor의 지적 없음."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(?:\.\d+){0,2}")
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def test_the_promised_workflows_are_there() -> None:
    names = {path.name for path in WORKFLOWS}
    assert {"test.yml", "site.yml", "weekly-official.yml", "weekly-colab.yml"} <= names


@each_workflow
def test_every_action_is_pinned_by_commit(path: Path) -> None:
    used = re.findall(r"^\s*(?:- )?uses:\s*(.+?)\s*$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert used
    loose = [name for name in used if not PINNED.fullmatch(name)]
    assert not loose, f"커밋(16진수 40자리)과 버전 주석으로 고정하지 않은 것: {loose}"


def test_one_action_has_one_pin() -> None:
    """같은 것을 파일마다 다른 커밋으로 쓰면 올릴 때 하나를 빠뜨립니다."""
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        found = re.findall(r"uses:\s*([^@\s]+)@(\S+ # \S+)", path.read_text(encoding="utf-8"))
        for name, pin in found:
            pins.setdefault(name, set()).add(pin)
    assert {name: pin for name, pin in pins.items() if len(pin) > 1} == {}


@each_workflow
def test_jobs_state_permissions_and_timeouts(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}, "기본 권한은 없어야 합니다."
    assert workflow["concurrency"]["group"]
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 180, name
        assert "permissions" in job, name
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, name
            # 값은 환경 변수로 넘깁니다. 명령에 바로 끼워 넣으면 브랜치 이름이 명령이 될 수 있습니다.
            assert "${{" not in step.get("run", ""), f"{name}: {step['run']}"


def test_only_the_publishing_job_may_write() -> None:
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items():
            written = {what for what, how in job["permissions"].items() if how == "write"}
            allowed = {("site.yml", "colab"): {"contents"}, ("site.yml", "deploy"): {"pages", "id-token"}}
            assert written == allowed.get((path.name, name), set()), name
            if written:
                assert not [step for step in job["steps"] if "checkout" in step.get("uses", "")]
                assert "refs/heads/main" in job["if"]
                assert "pull_request" in job["if"]


@each_workflow
def test_caches_hold_only_what_is_checked_again(path: Path) -> None:
    """노트북의 실행 결과를 보관하면 낡은 결과가 통과할 수 있습니다. 해시로 다시 보는 pip 파일만 됩니다."""
    for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values():
        for step in job["steps"]:
            settings = step.get("with", {})
            assert "cache" not in settings, (
                "setup-python의 cache 대신 열쇠가 드러나는 actions/cache를 씁니다."
            )
            if step.get("uses", "").startswith("actions/cache@"):
                assert settings["path"] == "~/.cache/pip"
                assert "restore-keys" not in settings
                for needed in ("requirements.txt", "matrix.python", "src/dlko"):
                    assert needed in settings["key"]


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [
        str(zizmor),
        "--offline",
        "--no-progress",
        "--color=never",
        "--persona=pedantic",
        str(ROOT / ".github"),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
