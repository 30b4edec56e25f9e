"""공식 파일을 찾고, 없으면 내려받습니다.

찾는 차례: `DLKO_DATA_DIR` 폴더 → 사용자 캐시 → 운영체제 패키지 → 내려받기.
어디서 왔든 해시를 확인한 파일만 씁니다. 받는 일은 pooch가 합니다. 다른 이름으로 받아 해시를 확인한 다음 한 번에 이름을
바꿉니다. 여기서는 여러 주소를 차례로 물어보고, 너무 오래 걸리면 그만두고, 닿지 않은 서버를 한 시간 동안 기억합니다.
"""

import contextlib
import errno
import hashlib
import json
import os
import stat
import tempfile
import threading
import time
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from dlko.data.formats import MAX_ARCHIVE_BYTES, open_plain, unpack
from dlko.data.spec import DataError, DataSet, RemoteFile

with warnings.catch_warnings():
    # pooch가 함께 불러오는 tqdm은 ipywidgets가 없으면 경고합니다. 진행은 여기서 글로 알리므로 필요 없습니다.
    warnings.filterwarnings("ignore", "IProgress not found")
    import pooch

REMEMBERED = "unreachable.json"
REMEMBER_SECONDS = 3600  # 닿지 않은 서버를 이만큼 기억합니다.
STALE_SECONDS = 24 * 3600  # 이보다 오래된 받다 만 파일은 지웁니다.
PROGRESS_SECONDS = 5.0  # 진행을 알리는 간격
JUDGE_AFTER = 4.0  # 이만큼 받아 본 다음에 너무 느린지 따집니다.
CHUNK = 1 << 13

pooch.get_logger().setLevel("ERROR")  # pooch는 표준 오류에 진행을 알립니다. 책을 만들 때는 그것이 경고입니다.


@dataclass(frozen=True)
class Patience:
    """얼마나 기다릴지. 시간은 모두 초입니다."""

    stall: float  # 한 바이트도 오지 않을 때 기다리는 시간
    budget: float  # 받지 못하고 보낸 시간을 모두 더한 한계
    deadline: float  # 파일 하나를 받는 시간의 한계. 이보다 오래 걸릴 듯하면 일찍 그만둡니다.
    use_memory: bool  # 조금 전에 닿지 않은 서버를 건너뛸지


HASTY = Patience(stall=4, budget=8, deadline=180, use_memory=True)
STUBBORN = Patience(stall=20, budget=120, deadline=3600, use_memory=False)


def say(line: str) -> None:
    """진행과 문제를 표준 출력에 알립니다. 표준 오류에 쓰면 책을 만들 때 경고로 다룹니다."""
    print(line, flush=True)


# --- 폴더 --------------------------------------------------------------------------------------------------------


def as_path(given: str | Path) -> Path:
    """독자가 적은 위치. 앞뒤의 빈칸과 따옴표(Windows의 '경로로 복사')를 떼고 `~`를 집 폴더로 바꿉니다.

    Raises:
        DataError: 역빗금을 그대로 적어 `\\n`이나 `\\t`가 줄바꿈이나 탭이 되었을 때.
    """
    text = str(given) if isinstance(given, Path) else given.strip().strip("\"'").strip()
    if any(letter < " " for letter in text):
        raise DataError(
            f"파일의 위치에 줄바꿈이나 탭이 들어 있습니다: {text!r}. Windows의 경로는 따옴표 앞에 r을 붙여 "
            'r"C:\\폴더\\파일"처럼 적어 주세요.'
        )
    return Path(text).expanduser()


def data_folder() -> Path | None:
    """환경 변수 DLKO_DATA_DIR이 가리키는 폴더. 정하지 않았으면 None입니다."""
    given = os.environ.get("DLKO_DATA_DIR", "").strip()
    return as_path(given) if given else None


def cache_folder() -> Path:
    """내려받은 파일을 두는 폴더. 환경 변수 DLKO_CACHE_DIR로 바꿀 수 있습니다."""
    chosen = os.environ.get("DLKO_CACHE_DIR", "").strip()
    return as_path(chosen) if chosen else Path(pooch.os_cache("dlko"))


def spare_folder() -> Path:
    """캐시에 쓸 수 없을 때 대신 쓰는 임시 폴더."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"dlko-{user}"


def _is_ours(folder: Path) -> bool:
    """여럿이 쓰는 컴퓨터의 임시 폴더에 남이 미리 만들어 둔 것은 쓰지 않습니다."""
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and (not hasattr(os, "getuid") or status.st_uid == os.getuid())


def writable_folders() -> Iterator[Path]:
    """쓸 수 있는 폴더를 차례로: 캐시, 임시 폴더."""
    for folder, mode in ((cache_folder(), 0o777), (spare_folder(), 0o700)):
        with contextlib.suppress(OSError):
            folder.mkdir(mode=mode, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
            if folder != spare_folder() or _is_ours(folder):
                yield folder


def disk_problem(error: OSError, folder: Path) -> str:
    """쓰기 오류를 독자의 말로 옮깁니다."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return (
        f"{'디스크가 가득 차서 ' if full else ''}파일을 쓸 수 없습니다({error.strerror or error}): {folder}"
    )


def unpack_to_cache(archive: Path, place: str, *, max_bytes: int = MAX_ARCHIVE_BYTES) -> Path:
    """꾸러미를 캐시의 `place-해시` 폴더에 한 번만 풉니다. 캐시에 쓸 수 없으면 임시 폴더에 풉니다.

    Args:
        archive: zip이나 tar 꾸러미. 내용이 바뀌면 해시가 달라져 새 폴더에 풉니다.
        place: 캐시 안의 자리. 예: `"photos/flowers"`.
        max_bytes: 푼 파일의 크기를 모두 더한 한계.

    Raises:
        DataError: 꾸러미가 상했거나, 풀어 둘 폴더가 없을 때.
    """
    version = pooch.file_hash(str(archive))[:12]
    problems = ["꾸러미를 풀어 둘 수 없습니다. 환경 변수 DLKO_CACHE_DIR에 쓸 수 있는 폴더를 적어 주세요."]
    for root in writable_folders():
        try:
            return unpack(archive, root / f"{place}-{version}", max_bytes=max_bytes)
        except OSError as error:
            problems.append(disk_problem(error, root))
    raise DataError("\n".join(problems))


# --- 이 컴퓨터에 있는 파일 -----------------------------------------------------------------------------------------


def is_intact(path: Path, file: RemoteFile) -> bool:
    """파일의 내용이 목록에 적힌 공식 파일과 같은지 확인합니다."""
    with contextlib.suppress(OSError):
        status = path.stat()
        return _is_intact(path, status.st_size, status.st_mtime_ns, file)
    return False


@lru_cache  # 빌드는 같은 파일을 두 번 확인합니다. 크기나 고친 시각이 달라지면 다시 읽습니다.
def _is_intact(path: Path, size: int, _modified: int, file: RemoteFile) -> bool:
    algorithm, _, digest = file.known_hash.rpartition(":")
    if size == file.size and pooch.file_hash(str(path), algorithm or "sha256") == digest:
        return True
    if not file.content_sha256:
        return False
    try:
        with open_plain(path) as stream:
            content = stream.read(file.content_size + 1)  # 압축 폭탄이어도 여기까지만 풉니다.
    except (OSError, EOFError, zlib.error):
        return False
    return hashlib.sha256(content).hexdigest() == file.content_sha256


@dataclass
class Found:
    """찾은 공식 파일."""

    paths: dict[str, Path] = field(default_factory=dict)
    origins: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)  # 독자가 고칠 수 있는 문제
    misses: list[str] = field(default_factory=list)  # 받지 못한 까닭
    asked: bool = False  # 이번에 서버에 물어보았는지

    def covers(self, dataset: DataSet) -> bool:
        return all(file.filename in self.paths for file in dataset.files)

    @property
    def origin(self) -> str:
        """출처를 알릴 때 쓰는 한 낱말. 여러 곳에서 왔으면 가장 나중에 찾아본 곳입니다."""
        return next(name for name in ("download", "system", "cache", "folder") if name in self.origins)


def _places(dataset: DataSet) -> Iterator[tuple[str, Path]]:
    """이 컴퓨터에서 공식 파일을 찾아볼 (이름, 폴더)."""
    if given := data_folder():
        yield "folder", given / dataset.name
        yield "folder", given
    yield "cache", cache_folder() / dataset.name
    with contextlib.suppress(OSError):
        if _is_ours(spare_folder()):
            yield "cache", spare_folder() / dataset.name
    for system in dataset.system_folders:
        yield "system", Path(system)


def local_files(dataset: DataSet) -> Found:
    """이 컴퓨터에 있는 공식 파일을 찾아 해시를 확인합니다. 네트워크는 쓰지 않습니다."""
    found = Found()
    for file in dataset.files:
        for origin, path in _candidates(dataset, file):
            if is_intact(path, file):
                found.paths[file.filename] = path
                found.origins.add(origin)
                break
            # 맨 위 폴더에서는 이름이 같은 다른 데이터의 파일일 수 있습니다.
            if path.parent != data_folder():
                found.problems.append(f"공식 파일과 내용이 달라 쓰지 않습니다(해시가 다름): {path}")
    if not found.covers(dataset):
        found.problems += _strangers(dataset)
    return found


def _candidates(dataset: DataSet, file: RemoteFile) -> Iterator[tuple[str, Path]]:
    """이 컴퓨터에 있는, 그 파일의 이름을 가진 (곳, 파일)들. 가져다 둔 폴더에서는 압축을 푼 것과 안쪽 폴더도 봅니다."""
    for origin, folder in _places(dataset):
        names = {file.filename, *(file.other_names if origin == "folder" else ())}
        with contextlib.suppress(OSError):
            inside = folder.rglob("*") if origin == "folder" and folder != data_folder() else folder.glob("*")
            yield from ((origin, path) for path in sorted(inside) if path.name in names and path.is_file())


def _strangers(dataset: DataSet) -> list[str]:
    """가져다 둔 폴더에서 알아보지 못한 파일. 말없이 지나치지 않습니다."""
    given = data_folder()
    known = {name for file in dataset.files for name in (file.filename, *file.other_names)}
    inside = sorted((given / dataset.name).rglob("*")) if given else []
    others = [path for path in inside if path.is_file() and path.name not in known and path.name[0] != "."]
    if not others:
        return []
    first = dataset.files[0]
    wanted = " 또는 ".join((first.filename, *first.other_names[:1]))
    return [
        f"알아보지 못해 쓰지 않은 파일이 {len(others):,}개 있습니다(예: {others[0]}). "
        f"꾸러미는 풀어 두고, 파일 이름은 {wanted}처럼 두세요."
    ]


# --- 내려받기 ----------------------------------------------------------------------------------------------------


class _Miss(Exception):
    """한 주소에서 받지 못했습니다. `remember`이면 그 서버를 한 시간 동안 기억합니다."""

    def __init__(self, reason: str, remember: bool = False) -> None:
        super().__init__(reason)
        self.remember = remember


class _Sink:
    """받은 바이트를 세며 파일에 씁니다. 너무 많이 오거나 그만 받으라고 하면 받는 쪽에서 예외를 일으킵니다."""

    def __init__(self, file: RemoteFile, timeout: float) -> None:
        self.size, self.timeout = file.size, timeout
        self.received, self.last, self.stopped = 0, time.monotonic(), False

    def receive(self, url: str, path: str, _pooch: object) -> None:
        # pooch가 만들어 둔 파일은 만든 사람만 읽을 수 있습니다. 폴더를 함께 쓰는 사람도 읽도록 새로 만듭니다.
        Path(path).unlink()
        headers = {"Accept-Encoding": "identity"}  # 이미 압축된 파일입니다.
        download = pooch.HTTPDownloader(chunk_size=CHUNK, timeout=self.timeout, headers=headers)
        with Path(path).open("xb") as self.output:
            download(url, self, None)

    def write(self, chunk: bytes) -> int:
        self.received += len(chunk)
        self.last = time.monotonic()
        if self.stopped or self.received > self.size:
            raise ValueError("그만 받습니다.")
        return self.output.write(chunk)

    def flush(self) -> None:
        self.output.flush()


class Downloader:
    """한 데이터의 파일을 받습니다. 허탕 친 시간을 모두 더해 한계를 넘지 않게 합니다."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self.asked = False
        self._wasted = 0.0

    def get(self, file: RemoteFile, folder: Path) -> Path:
        """`folder`에 파일을 받아 확인하고 경로를 돌려줍니다.

        Raises:
            DataError: 어느 주소에서도 받지 못했을 때. 메시지는 주소마다 한 줄입니다.
            OSError: 폴더에 쓸 수 없거나 디스크가 가득 찼을 때.
        """
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        reasons: dict[str, None] = {}  # 차례를 지키면서 같은 까닭을 한 번만
        for url in file.urls:
            host, started = urlsplit(url).netloc, time.monotonic()
            try:
                self._get_from(url, host, file, folder)
                return folder / file.filename
            except _Miss as miss:
                self._wasted += time.monotonic() - started
                reasons[f"{host}: {miss}"] = None
                if miss.remember:
                    _remember(host)
        raise DataError("\n".join(reasons))

    def _get_from(self, url: str, host: str, file: RemoteFile, folder: Path) -> None:
        """이름 찾기(DNS)와 여러 주소로의 연결에는 시간제한이 듣지 않으므로, 다른 스레드에서 받고 여기서는 시계를 봅니다."""
        if self.patience.use_memory and host in _unreachable():
            raise _Miss("조금 전에 받지 못해서 한 시간 동안 다시 묻지 않습니다.")
        stall = min(self.patience.stall, self.patience.budget - self._wasted)
        if stall <= 0.3:
            raise _Miss("기다리는 시간이 다 되어 묻지 않았습니다.")
        self.asked = True
        sink, failures = _Sink(file, stall), []

        def work() -> None:
            try:
                pooch.retrieve(url, file.known_hash, file.filename, folder, downloader=sink.receive)
            except BaseException as error:
                failures.append(error)

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        started = told = time.monotonic()
        try:
            while worker.is_alive():
                worker.join(0.05)
                now, share = time.monotonic(), sink.received / file.size
                if share < 1 and now - sink.last > stall + 0.5:  # 먼저 그만두는 것은 받는 쪽입니다.
                    raise _Miss(f"{stall:.0f}초 동안 응답이 없습니다.", remember=True)
                elapsed = now - started
                if elapsed > JUDGE_AFTER and share < elapsed / self.patience.deadline:
                    rate = sink.received / elapsed / 1000
                    raise _Miss(f"너무 느립니다({rate:.0f} KB/s).", remember=True)
                if now - told > PROGRESS_SECONDS:
                    told = now
                    say(f"  {file.filename} {share:4.0%} ({file.size / 1e6:.1f} MB 가운데)")
        finally:
            sink.stopped = True
        if failures:
            raise _explain(failures[0], sink)


def _explain(error: BaseException, sink: _Sink) -> Exception:
    """받다가 난 오류를 독자의 말로 옮깁니다. 디스크 오류는 그대로 돌려줍니다."""
    import requests  # 불러오는 데 오래 걸려 필요할 때 불러옵니다.

    if isinstance(error, ValueError) and not isinstance(error, requests.RequestException):
        what = "해시" if sink.received == sink.size else "크기"  # pooch와 _Sink가 거절한 것
        return _Miss(f"받은 파일의 {what}가 공식 파일과 다릅니다.")
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return _Miss(f"서버가 파일을 주지 않습니다(HTTP {error.response.status_code}).")
    if isinstance(error, requests.exceptions.SSLError):
        return _Miss("보안 연결의 인증서를 믿을 수 없어 받지 않았습니다.", remember=True)
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return _Miss("받는 중에 연결이 끊겼습니다.")
    if isinstance(error, requests.Timeout) or (isinstance(error, requests.ConnectionError) and sink.received):
        return _Miss("제때 응답하지 않습니다.", remember=True)
    if isinstance(error, requests.ConnectionError):
        return _Miss("연결하지 못했습니다.", remember=True)
    if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
        return error
    return _Miss(f"받지 못했습니다({type(error).__name__}: {error}).")


def _unreachable() -> dict[str, float]:
    """조금 전에 닿지 않은 서버. 인터넷이 없는 교실에서 노트북마다 다시 기다리지 않게 합니다."""
    for folder in writable_folders():
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            known = json.loads((folder / REMEMBERED).read_text(encoding="utf-8")).items()
            # 시계를 뒤로 돌렸을 때 영영 막히지 않도록, 한 시간보다 먼 때는 믿지 않습니다.
            return {host: until for host, until in known if 0 < until - time.time() <= REMEMBER_SECONDS}
    return {}


def _remember(host: str) -> None:
    entries = _unreachable() | {host: time.time() + REMEMBER_SECONDS}
    for folder in writable_folders():
        with contextlib.suppress(OSError):
            (folder / REMEMBERED).write_text(json.dumps(entries), encoding="utf-8")
            return


def _sweep(folder: Path) -> None:
    """받는 도중에 꺼져 남은 오래된 반쪽 파일(pooch의 임시 파일)을 치웁니다."""
    for path in folder.glob("tmp*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink()


def download_missing(dataset: DataSet, found: Found, patience: Patience) -> None:
    """`found`에 없는 파일을 캐시에 받아 `found`에 더합니다. 받지 못한 까닭도 `found`에 남깁니다."""
    missing = [file for file in dataset.files if file.filename not in found.paths]
    if missing and os.environ.get("DLKO_NETWORK", "").strip().lower() == "off":
        found.misses.append("DLKO_NETWORK=off라서 내려받지 않았습니다.")
        return
    downloader = Downloader(patience)
    root = None
    for root in writable_folders() if missing else ():
        try:
            for file in list(missing):
                found.paths[file.filename] = downloader.get(file, root / dataset.name)
                found.origins.add("download")
                missing.remove(file)
            if root != cache_folder():
                say(f"캐시 폴더에 쓸 수 없어 임시 폴더에 받았습니다: {root}")
            break
        except DataError as error:
            found.misses += str(error).split("\n")
            break
        except OSError as error:
            found.problems.append(disk_problem(error, root))
    if missing and root is None:
        found.problems.append(f"받은 파일을 둘 폴더에 쓸 수 없습니다: {cache_folder()}")
    found.asked = downloader.asked
