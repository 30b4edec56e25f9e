"""받는 동안 일어나는 고장. 어떤 고장에도 잘못된 데이터를 쓰지 않고, 오래 기다리지 않고, 까닭을 알립니다."""

import errno
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pooch
import pytest
from data_server import (
    EMBEDDED,
    IMAGES,
    TRAIN,
    FaultServer,
    child_command,
    drips,
    endless,
    good,
    login_page,
    not_found,
    silent,
    stalls_halfway,
    tiny_dataset,
    tiny_files,
    truncated,
    truncated_in_silence,
    wrong_content,
)

from dlko import data
from dlko.data import fetch, load

NOWHERE = "http://127.0.0.1:9/"
REAL = fetch.HASTY
QUICK = replace(REAL, stall=0.4, budget=1.2)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DLKO_DATA", "DLKO_DATA_DIR", "DLKO_NETWORK", "DLKO_OUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DLKO_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(fetch, "HASTY", QUICK)
    monkeypatch.setattr(fetch, "STUBBORN", replace(QUICK, use_memory=False))
    monkeypatch.setattr(load, "_last_source", {})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch):
    server = FaultServer()
    monkeypatch.setattr(load, "CATALOGUE", {"fashion": tiny_dataset([server.address])})
    yield server
    server.close()


def load_tiny(capfd) -> tuple[str, str]:
    """불러오고 (출처, 출력)을 돌려줍니다. 표준 오류에는 아무것도 없어야 합니다."""
    (x_train, _), _ = data.load_data("fashion")
    out, err = capfd.readouterr()
    assert err == ""
    assert out.splitlines()[-1].startswith("데이터: ")
    assert len(x_train) == {"official": TRAIN, "embedded": EMBEDDED}[data.data_source("fashion")]
    return data.data_source("fashion"), out


def cached(tmp_path: Path) -> list[str]:
    """캐시에 남은 파일의 이름. 받다 만 파일도 보입니다."""
    folder = tmp_path / "cache" / "fashion"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


# --- 서버 고장 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (not_found, "HTTP 404"),
        (truncated, "연결이 끊겼습니다"),
        (truncated_in_silence, "크기가 공식 파일과 다릅니다"),
        (wrong_content, "해시가 공식 파일과 다릅니다"),
        (login_page, "크기가 공식 파일과 다릅니다"),
        (endless, "크기가 공식 파일과 다릅니다"),
        (silent, "응답"),
        (stalls_halfway, "응답"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_broken_server(answer, reason: str, server: FaultServer, tmp_path: Path, monkeypatch, capfd) -> None:
    server.break_all(answer)
    start = time.monotonic()
    source, out = load_tiny(capfd)
    assert time.monotonic() - start < 5
    assert source == "embedded" and reason in out and "127.0.0.1" in out
    assert cached(tmp_path) == []  # 반쪽 파일도 남지 않습니다.
    # official이면 들어 있는 데이터로 넘어가지 않고, 기억과 상관없이 다시 물어 본 다음 할 일을 알립니다.
    asked = len(server.requests)
    monkeypatch.setenv("DLKO_DATA", "official")
    with pytest.raises(data.DataError, match="할 일") as caught:
        data.load_data("fashion")
    assert reason in str(caught.value) and len(server.requests) > asked
    assert cached(tmp_path) == []
    # 서버가 나으면 공식 데이터를 받습니다.
    server.repair()
    assert load_tiny(capfd)[0] == "official"


def test_dripping_server(server: FaultServer, monkeypatch: pytest.MonkeyPatch, capfd) -> None:
    """끊기지 않을 만큼만 보내는 서버도 붙들고 있지 못합니다."""
    monkeypatch.setattr(fetch, "CHUNK", 1)
    monkeypatch.setattr(fetch, "JUDGE_AFTER", 0.5)
    server.break_all(drips)
    start = time.monotonic()
    source, out = load_tiny(capfd)
    assert time.monotonic() - start < 5
    assert source == "embedded" and "너무 느립니다" in out


def test_no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd) -> None:
    addresses = [NOWHERE, "http://no-such-host.invalid/"]
    monkeypatch.setattr(load, "CATALOGUE", {"fashion": tiny_dataset(addresses)})
    source, out = load_tiny(capfd)
    assert source == "embedded" and out.count("연결하지 못했습니다") == 2
    source, out = load_tiny(capfd)  # 한 시간 동안은 묻지도, 되풀이해 알리지도 않습니다.
    assert source == "embedded" and out.count("\n") == 1
    monkeypatch.setenv("DLKO_DATA", "official")
    with pytest.raises(data.DataError, match=r"(?s)연결하지 못했습니다.*make data.*DLKO_DATA=auto"):
        data.load_data("fashion")


def test_name_lookup_that_hangs(monkeypatch: pytest.MonkeyPatch, capfd) -> None:
    """이름 찾기가 멈추는 망에서도 오래 기다리지 않습니다."""
    monkeypatch.setattr(load, "CATALOGUE", {"fashion": tiny_dataset(["http://slow.invalid/"])})
    released = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: released.wait(20) and [])
    start = time.monotonic()
    source, out = load_tiny(capfd)
    assert time.monotonic() - start < 5 and source == "embedded" and "응답" in out
    released.set()


def test_waiting_is_bounded_over_all_addresses(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    others = [FaultServer() for _ in range(12)]
    for each in others:
        each.break_all(silent)
    monkeypatch.setattr(
        load, "CATALOGUE", {"fashion": tiny_dataset([each.address for each in others] + [server.address])}
    )
    start = time.monotonic()
    load_tiny(capfd)
    assert time.monotonic() - start < QUICK.budget + 2
    for each in others:
        each.close()


def test_the_real_limits_are_short() -> None:
    """위의 검사는 짧은 시간으로 합니다. 진짜 한계도 10초 안이어야 합니다."""
    assert REAL.stall <= 5 and REAL.budget <= 10 and REAL.use_memory


def test_second_address_is_used(server: FaultServer, monkeypatch: pytest.MonkeyPatch, capfd) -> None:
    spare = FaultServer()
    monkeypatch.setattr(load, "CATALOGUE", {"fashion": tiny_dataset([server.address, spare.address])})
    server.break_all(not_found)
    server.answers[IMAGES] = wrong_content
    assert load_tiny(capfd)[0] == "official"
    assert len(spare.requests) == 4
    spare.close()


def test_a_silent_server_is_remembered_for_an_hour(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    server.break_all(silent)
    load_tiny(capfd)
    assert len(server.requests) == 1  # 네 파일을 다 물어보지 않습니다.
    start = time.monotonic()
    source, out = load_tiny(capfd)
    assert time.monotonic() - start < 2 and len(server.requests) == 1
    assert source == "embedded" and out.count("\n") == 1
    # 한 시간이 지나거나 시계가 뒤로 가면 다시 묻습니다.
    memory = tmp_path / "cache" / fetch.REMEMBERED
    [host] = json.loads(memory.read_text())
    server.repair()
    for until in (time.time() - 1, time.time() + 2 * fetch.REMEMBER_SECONDS):
        memory.write_text(json.dumps({host: until}))
        assert fetch._unreachable() == {}
    memory.write_text("이것은 json이 아닙니다", encoding="utf-8")
    assert load_tiny(capfd)[0] == "official"


# --- 캐시 고장 ---------------------------------------------------------------------------------------------------


def test_corrupted_cache_is_fetched_again(server: FaultServer, tmp_path: Path, capfd) -> None:
    load_tiny(capfd)
    path = tmp_path / "cache" / "fashion" / IMAGES
    path.write_bytes(path.read_bytes()[:-20])
    source, out = load_tiny(capfd)
    assert source == "official" and "내용이 달라" in out
    assert path.read_bytes() == tiny_files()[IMAGES]


def test_corrupted_cache_without_network(server: FaultServer, tmp_path: Path, monkeypatch, capfd) -> None:
    load_tiny(capfd)
    path = tmp_path / "cache" / "fashion" / IMAGES
    path.write_bytes(b"\x1f\x8b broken")
    monkeypatch.setenv("DLKO_NETWORK", "off")
    source, out = load_tiny(capfd)
    assert source == "embedded" and "내용이 달라" in out and str(path) in out


def test_unwritable_cache_falls_back_to_a_temporary_folder(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    # root는 권한을 무시하므로 폴더가 있을 자리에 파일을 둡니다.
    (tmp_path / "cache").write_text("")
    source, out = load_tiny(capfd)
    assert source == "official" and "캐시 폴더에 쓸 수 없어" in out
    source, out = load_tiny(capfd)  # 임시 폴더에 받은 것을 다시 씁니다.
    assert source == "official" and out.count("\n") == 1 and len(server.requests) == 4


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root는 권한을 무시합니다.")
def test_read_only_cache(server: FaultServer, tmp_path: Path, capfd) -> None:
    (tmp_path / "cache").mkdir(mode=0o500)
    source, out = load_tiny(capfd)
    assert source == "official" and "캐시 폴더에 쓸 수 없어" in out


def test_nowhere_to_write(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    (tmp_path / "cache").write_text("")
    (tmp_path / "tmp" / fetch.spare_folder().name).write_text("")
    source, out = load_tiny(capfd)
    assert source == "embedded" and "폴더에 쓸 수 없습니다" in out and server.requests == []
    monkeypatch.setenv("DLKO_DATA", "official")
    with pytest.raises(data.DataError, match="폴더에 쓸 수 없습니다"):
        data.load_data("fashion")


def test_full_disk(server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd) -> None:
    real = pooch.HTTPDownloader.__call__

    class FullDisk:
        def __init__(self, file) -> None:
            self._file = file

        def write(self, chunk: bytes) -> int:
            if self._file.received + len(chunk) > 10_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self._file.write(chunk)

        def flush(self) -> None:
            self._file.flush()

    with monkeypatch.context() as patch:
        patch.setattr(
            pooch.HTTPDownloader,
            "__call__",
            lambda self, url, output, pup: real(self, url, FullDisk(output), pup),
        )
        source, out = load_tiny(capfd)
        assert source == "embedded" and "디스크가 가득" in out
        assert cached(tmp_path) == [] and not list((tmp_path / "tmp").rglob("*.gz"))
        patch.setenv("DLKO_DATA", "official")
        with pytest.raises(data.DataError, match="디스크가 가득"):
            data.load_data("fashion")
    # 자리가 나면 곧바로 받습니다. 서버 탓이 아니므로 기억하지 않습니다.
    assert load_tiny(capfd)[0] == "official"


def test_a_stranger_cannot_prepare_our_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(os, "getuid"):
        pytest.skip("사용자 번호가 없는 운영체제입니다.")
    (tmp_path / "cache").write_text("")
    target = tmp_path / "stranger"
    target.mkdir()
    fetch.spare_folder().symlink_to(target)
    assert list(fetch.writable_folders()) == []


# --- 여러 프로세스와 멈춤 ----------------------------------------------------------------------------------------


def test_two_processes_at_once(server: FaultServer, tmp_path: Path) -> None:
    both = threading.Barrier(2)

    def together(handler, content: bytes) -> None:
        both.wait(10)  # 둘 다 물을 때까지 아무도 받지 못합니다.
        good(handler, content)

    server.answers[IMAGES] = together
    command = child_command(sys.executable, [server.address])
    children = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    outputs = [child.communicate(timeout=30) for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert {err for _, err in outputs} == {""}
    assert {out.splitlines()[-1].split()[0] for out, _ in outputs} == {"official"}
    assert len({out.splitlines()[-1] for out, _ in outputs}) == 1
    assert cached(tmp_path) == sorted(tiny_files())


def test_killed_download_leaves_nothing_that_is_used(server: FaultServer, tmp_path: Path, capfd) -> None:
    server.break_all(stalls_halfway)
    child = subprocess.Popen(child_command(sys.executable, [server.address]), stdout=subprocess.DEVNULL)
    folder = tmp_path / "cache" / "fashion"
    deadline = time.monotonic() + 20
    while not any(path.stat().st_size for path in folder.glob("tmp*")):
        assert time.monotonic() < deadline and child.poll() is None
        time.sleep(0.02)
    child.kill()
    child.wait()
    [partial] = folder.iterdir()  # 반쪽 파일은 다른 이름으로 남습니다.
    assert partial.name.startswith("tmp")
    server.repair()
    assert load_tiny(capfd)[0] == "official"
    assert (folder / IMAGES).read_bytes() == tiny_files()[IMAGES]
    if os.name == "posix":  # 함께 쓰는 폴더에서는 다른 사람도 읽을 수 있어야 합니다.
        plain = tmp_path / "plain"
        plain.touch()
        assert (folder / IMAGES).stat().st_mode == plain.stat().st_mode
    # 오래된 반쪽 파일은 다음에 받을 때 치웁니다.
    os.utime(partial, (0, 0))
    (folder / IMAGES).unlink()
    load_tiny(capfd)
    assert cached(tmp_path) == sorted(tiny_files())
