"""공식 파일을 찾고, 없으면 내려받습니다.

찾는 차례: `DLKO_DATA_DIR` 폴더 → 사용자 캐시 → 운영체제 패키지 → 내려받기.
어디서 왔든 해시를 확인한 파일만 씁니다. 내려받는 동안에는 다른 이름으로 쓰고, 확인을 마친 다음에 한 번에 이름을
바꾸므로 중간에 멈추거나 둘이 함께 받아도 반쪽 파일이 쓰이지 않습니다.
"""

import contextlib
import errno
import gzip
import hashlib
import json
import os
import secrets
import shutil
import stat
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pooch

from dlko.data.catalogue import DataSet, RemoteFile
from dlko.data.errors import DataError
from dlko.data.formats import MAX_ARCHIVE_BYTES, open_plain, sha256_of, unpack

MEMORY_SECONDS = 3600  # 닿지 않은 서버를 이만큼 기억합니다.
STALE_SECONDS = 24 * 3600  # 이보다 오래된 받다 만 파일은 지웁니다.
PROGRESS_SECONDS = 5.0  # 진행을 알리는 간격
CHUNK = 1 << 13
PARTIAL = ".partial-"

Say = Callable[[str], None]


def say(line: str) -> None:
    """진행과 문제를 표준 출력에 알립니다. 표준 오류에 쓰면 책을 만들 때 경고로 다룹니다."""
    print(line, flush=True)


@dataclass(frozen=True)
class Patience:
    """얼마나 기다릴지. 시간은 모두 초입니다."""

    stall: float  # 한 바이트도 오지 않을 때 기다리는 시간
    budget: float  # 허탕 친 시간을 모두 더한 한계
    deadline: float  # 파일 하나를 받는 시간의 한계. 이보다 오래 걸릴 듯하면 일찍 그만둡니다.
    rounds: int  # 주소 목록을 몇 바퀴 돌지
    use_memory: bool  # 조금 전에 닿지 않은 서버를 건너뛸지


HASTY = Patience(stall=4, budget=8, deadline=180, rounds=1, use_memory=True)
STUBBORN = Patience(stall=20, budget=120, deadline=3600, rounds=2, use_memory=False)
JUDGE_AFTER = 4.0  # 이만큼 받아 본 다음에 너무 느린지 따집니다.


class DownloadError(Exception):
    """한 주소에서 받지 못했습니다. `blame`은 기억해 둘 서버나 주소입니다(없으면 기억하지 않습니다)."""

    def __init__(self, reason: str, blame: str = "") -> None:
        super().__init__(reason)
        self.blame = blame


# --- 폴더 --------------------------------------------------------------------------------------------------------


def cache_folder() -> Path:
    """내려받은 파일을 두는 폴더. 환경 변수 DLKO_CACHE_DIR로 바꿀 수 있습니다."""
    chosen = os.environ.get("DLKO_CACHE_DIR")
    return Path(chosen).expanduser() if chosen else Path(pooch.os_cache("dlko"))


def spare_folder() -> Path:
    """캐시에 쓸 수 없을 때 대신 쓰는 임시 폴더."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"dlko-{user}"


def _is_ours(folder: Path) -> bool:
    """여럿이 쓰는 컴퓨터의 임시 폴더에 남이 미리 만들어 둔 것은 쓰지 않습니다."""
    if not hasattr(os, "getuid"):
        return True
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


def writable_folders() -> Iterator[Path]:
    """쓸 수 있는 폴더를 차례로: 캐시, 임시 폴더."""
    for folder in (cache_folder(), spare_folder()):
        try:
            folder.mkdir(mode=0o700 if folder == spare_folder() else 0o777, parents=True, exist_ok=True)
            if folder == spare_folder() and not _is_ours(folder):
                continue
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError:
            continue
        yield folder


def folders(dataset: DataSet) -> Iterator[tuple[str, Path]]:
    """이 컴퓨터에서 공식 파일을 찾아볼 (이름, 폴더)."""
    given = os.environ.get("DLKO_DATA_DIR")
    if given:
        yield "folder", Path(given).expanduser() / dataset.name
    yield "cache", cache_folder() / dataset.name
    with contextlib.suppress(OSError):
        if _is_ours(spare_folder()):
            yield "cache", spare_folder() / dataset.name
    for system in dataset.system_folders:
        yield "system", Path(system)


# --- 확인 --------------------------------------------------------------------------------------------------------


def is_intact(path: Path, file: RemoteFile) -> bool:
    """파일의 내용이 목록에 적힌 공식 파일과 같은지 확인합니다."""
    try:
        size = path.stat().st_size
        if file.sha256 and size == file.size:
            with path.open("rb") as stream:
                if sha256_of(stream) == file.sha256:
                    return True
        if file.git_sha1 and size == file.size:
            digest = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
            with path.open("rb") as stream:
                while chunk := stream.read(1 << 20):
                    digest.update(chunk)
            return digest.hexdigest() == file.git_sha1
        if file.md5 and size == file.size:
            return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() == file.md5
        if file.content_sha256:
            with open_plain(path) as stream:
                return sha256_of(stream, file.content_size) == file.content_sha256
    except (OSError, EOFError, zlib.error, gzip.BadGzipFile):
        pass
    return False


@dataclass
class Found:
    """이 컴퓨터에서 찾은 공식 파일."""

    paths: dict[str, Path] = field(default_factory=dict)
    origins: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)  # 독자가 고칠 수 있는 문제
    misses: list[str] = field(default_factory=list)  # 받지 못한 까닭
    tried: bool = False  # 이번에 서버에 물어보았는지

    def add(self, file: RemoteFile, path: Path, origin: str) -> None:
        self.paths[file.filename] = path
        self.origins.add(origin)

    def covers(self, dataset: DataSet) -> bool:
        return all(file.filename in self.paths for file in dataset.files)

    @property
    def origin(self) -> str:
        """출처를 알릴 때 쓰는 한 낱말. 여러 곳에서 왔으면 가장 나중에 찾아본 곳입니다."""
        return next(name for name in ("download", "system", "cache", "folder") if name in self.origins)


def local_files(dataset: DataSet, check: Callable[[Path, RemoteFile], bool] = is_intact) -> Found:
    """이 컴퓨터에 있는 공식 파일을 찾아 해시를 확인합니다. 네트워크는 쓰지 않습니다."""
    found = Found()
    for file in dataset.files:
        for origin, folder in folders(dataset):
            path = folder / file.filename
            with contextlib.suppress(OSError):
                if not path.is_file():
                    continue
                if check(path, file):
                    found.add(file, path, origin)
                    break
                found.problems.append(f"공식 파일과 내용이 달라 쓰지 않습니다(해시가 다름): {path}")
    return found


class CheckedBefore:
    """해시를 확인한 파일을 크기와 고친 시각으로 기억해, 빌드를 시작할 때마다 다시 읽지 않게 합니다."""

    NAME = "verified.json"

    def __init__(self) -> None:
        self._known = _read_json(cache_folder() / self.NAME)
        self._seen: dict[str, object] = {}

    def __call__(self, path: Path, file: RemoteFile) -> bool:
        status = path.stat()
        stamp = f"{status.st_size} {status.st_mtime_ns} {file.digest}"
        if self._known.get(str(path)) != stamp and not is_intact(path, file):
            return False
        self._seen[str(path)] = stamp
        return True

    def save(self) -> None:
        if any(self._known.get(path) != stamp for path, stamp in self._seen.items()):
            _write_json(cache_folder() / self.NAME, self._known | self._seen)


# --- 닿지 않은 서버를 기억하기 ------------------------------------------------------------------------------------


class Memory:
    """닿지 않은 서버를 한 시간 동안 기억합니다. 인터넷이 없는 교실에서 노트북마다 다시 기다리지 않게 합니다."""

    NAME = "unreachable.json"

    def __init__(self) -> None:
        self._path = next((folder / self.NAME for folder in writable_folders()), None)

    def has(self, key: str) -> bool:
        until = self._read().get(key)
        # 시계를 뒤로 돌렸을 때 영영 막히지 않도록, 한 시간보다 먼 때는 믿지 않습니다.
        return isinstance(until, (int, float)) and 0 < until - time.time() <= MEMORY_SECONDS

    def add(self, key: str) -> None:
        self._write(self._read() | {key: time.time() + MEMORY_SECONDS})

    def forget(self, key: str) -> None:
        entries = self._read()
        if entries.pop(key, None) is not None:
            self._write(entries)

    def _read(self) -> dict[str, object]:
        return _read_json(self._path) if self._path else {}

    def _write(self, entries: dict[str, object]) -> None:
        if self._path:
            _write_json(self._path, entries)


def _read_json(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write_json(path: Path, content: dict[str, object]) -> None:
    """한 번에 바꿔 씁니다. 쓰지 못해도 느려질 뿐이므로 조용히 넘어갑니다."""
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)


# --- 내려받기 ----------------------------------------------------------------------------------------------------


class _Stop(Exception):
    """받기를 그만두라는 신호."""


class _Transfer:
    """받은 양을 세고, 그만두라고 하면 받는 쪽에서 예외를 일으킵니다. pooch의 진행 막대 자리에 들어갑니다."""

    def __init__(self, file: RemoteFile) -> None:
        self._sizes = {file.size, file.content_size} - {0}
        self._total = 0
        self.received = 0
        self.started = self.last = time.monotonic()
        self.stopped = threading.Event()
        self.wrong_size = False

    @property
    def total(self) -> int:
        return self._total

    @total.setter
    def total(self, total: int) -> None:
        self._total = total
        self.last = time.monotonic()
        self._check(bool(total) and total not in self._sizes)

    def update(self, amount: int) -> None:
        self.received += amount
        self.last = time.monotonic()
        self._check(self.received - CHUNK > max(self._sizes))

    def reset(self) -> None:
        self.received = 0

    def close(self) -> None:
        """pooch가 끝났을 때 부릅니다. 할 일이 없습니다."""

    def _check(self, wrong_size: bool) -> None:
        if wrong_size:
            self.wrong_size = True
            raise _Stop
        if self.stopped.is_set():
            raise _Stop


def _transfer(
    url: str, file: RemoteFile, partial: Path, patience: Patience, budget: float, tell: Say
) -> None:
    """주소 하나에서 `partial`로 받습니다.

    이름 찾기(DNS)와 여러 주소로의 연결에는 시간제한이 듣지 않으므로, 다른 스레드에서 받고 여기서는 시계를 봅니다.
    """
    transfer = _Transfer(file)
    failure: list[BaseException] = []

    def work() -> None:
        try:
            download = pooch.HTTPDownloader(
                progressbar=transfer,
                chunk_size=CHUNK,
                timeout=(patience.stall, patience.stall),
                headers={"Accept-Encoding": "identity"},  # 이미 압축된 파일입니다.
            )
            with partial.open("wb") as output:
                download(url, output, None)
        except BaseException as error:
            failure.append(error)
        finally:
            if failure or transfer.stopped.is_set():
                with contextlib.suppress(OSError):
                    partial.unlink(missing_ok=True)

    host = urlsplit(url).netloc
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    told = time.monotonic()
    stall = min(patience.stall, budget)
    try:
        while True:
            thread.join(0.05)
            if not thread.is_alive():
                break
            now = time.monotonic()
            elapsed = now - transfer.started
            if now - transfer.last > stall:
                raise DownloadError(f"{host}: {stall:.0f}초 동안 응답이 없습니다.", host)
            rate = transfer.received / elapsed if elapsed else 0.0
            if elapsed > min(JUDGE_AFTER, budget) and file.size > rate * patience.deadline:
                raise DownloadError(f"{host}: 너무 느립니다({rate / 1000:.0f} KB/s).", host)
            if elapsed > patience.deadline:
                raise DownloadError(f"{host}: {patience.deadline:.0f}초가 지나도 다 받지 못했습니다.", host)
            if now - told > PROGRESS_SECONDS:
                told = now
                share = min(transfer.received / file.size, 1.0)
                tell(f"  {file.filename} {share:4.0%} ({_mb(transfer.received)} / {_mb(file.size)})")
    finally:
        transfer.stopped.set()
    if transfer.wrong_size:
        raise DownloadError(f"{host}: 파일 크기가 공식 파일과 다릅니다.", url)
    if failure:
        raise _explain(failure[0], url, started=transfer.received > 0)


def _explain(error: BaseException, url: str, started: bool) -> Exception:
    """받다가 난 오류를 독자의 말로 옮깁니다. 디스크 오류는 그대로 돌려줍니다. `started`는 받기 시작한 뒤인지입니다."""
    import requests

    host = urlsplit(url).netloc
    if isinstance(error, requests.HTTPError):
        status = error.response.status_code if error.response is not None else "?"
        return DownloadError(f"{host}: 서버가 파일을 주지 않습니다(HTTP {status}).", url)
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return DownloadError(f"{host}: 받는 중에 연결이 끊겼습니다.")
    if isinstance(error, requests.Timeout):
        return DownloadError(f"{host}: 제때 응답하지 않습니다.", host)
    if isinstance(error, requests.ConnectionError) and started:
        # requests는 받는 중의 시간 초과도 연결 오류로 알립니다.
        return DownloadError(f"{host}: 받는 중에 응답이 끊겼습니다.", host)
    if isinstance(error, requests.ConnectionError):
        return DownloadError(f"{host}: 연결하지 못했습니다.", host)
    if isinstance(error, requests.RequestException):
        return DownloadError(f"{host}: 받지 못했습니다({type(error).__name__}).", url)
    if isinstance(error, OSError):
        return error
    return DownloadError(f"{host}: 받지 못했습니다({type(error).__name__}: {error}).", url)


def _mb(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


class Downloader:
    """한 데이터의 파일을 받습니다. 허탕 친 시간을 모두 더해 한계를 넘지 않게 합니다."""

    def __init__(self, patience: Patience, tell: Say = say) -> None:
        self.patience = patience
        self.tell = tell
        self.tried = False
        self._memory = Memory()
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
        for number in range(self.patience.rounds):
            if number:
                time.sleep(1)
            for url in file.urls:
                try:
                    return self._get_from(url, file, folder)
                except DownloadError as error:
                    reasons[str(error)] = None
        raise DataError("\n".join(reasons))

    def _get_from(self, url: str, file: RemoteFile, folder: Path) -> Path:
        host = urlsplit(url).netloc
        if self.patience.use_memory and (self._memory.has(host) or self._memory.has(url)):
            raise DownloadError(f"{host}: 조금 전에 받지 못해서 한 시간 동안 다시 묻지 않습니다.")
        budget = self.patience.budget - self._wasted
        if budget <= 0.5:
            raise DownloadError(f"{host}: 기다리는 시간이 다 되어 묻지 않았습니다.")
        partial, started = _new_partial(file, folder), time.monotonic()
        self.tried = True
        try:
            _transfer(url, file, partial, self.patience, budget, self.tell)
            if not is_intact(partial, file):
                raise DownloadError(f"{host}: 받은 파일의 해시가 공식 파일과 다릅니다.", url)
            target = folder / file.filename
            try:
                partial.replace(target)
            except PermissionError:
                # 윈도우에서는 다른 프로그램이 열어 둔 파일을 바꿀 수 없습니다. 그 파일이 온전하면 그것을 씁니다.
                if not is_intact(target, file):
                    raise
            self._memory.forget(host)
            return target
        except DownloadError as error:
            self._wasted += time.monotonic() - started
            if error.blame:
                self._memory.add(error.blame)
            raise
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)


def _new_partial(file: RemoteFile, folder: Path) -> Path:
    """받는 동안 쓸, 아무와도 겹치지 않는 빈 파일. 교실에서 함께 쓰는 폴더에서 다른 사람도 읽을 수 있게 만듭니다."""
    partial = folder / f"{PARTIAL}{os.getpid()}-{secrets.token_hex(4)}-{file.filename}"
    partial.touch(exist_ok=False)
    return partial


def _sweep(folder: Path) -> None:
    """예전에 받다 만 파일을 지웁니다. 지금 다른 프로그램이 받고 있을 수 있는 새 파일은 둡니다."""
    with contextlib.suppress(OSError):
        for partial in folder.glob(PARTIAL + "*"):
            with contextlib.suppress(OSError):
                if time.time() - partial.stat().st_mtime > STALE_SECONDS:
                    partial.unlink()


def network_allowed() -> bool:
    """환경 변수 DLKO_NETWORK=off이면 내려받지 않습니다. 책을 만들 때는 처음에 한 번만 받습니다."""
    return os.environ.get("DLKO_NETWORK", "").strip().lower() != "off"


def download_missing(dataset: DataSet, found: Found, patience: Patience, tell: Say = say) -> None:
    """`found`에 없는 파일을 캐시에 받아 `found`에 더합니다. 받지 못한 까닭도 `found`에 남깁니다."""
    missing = [file for file in dataset.files if file.filename not in found.paths]
    if not missing:
        return
    if not network_allowed():
        found.misses.append("DLKO_NETWORK=off라서 내려받지 않았습니다.")
        return
    downloader = Downloader(patience, tell)
    cache_works = False
    for root in writable_folders():
        cache_works = True
        try:
            for file in list(missing):
                found.add(file, downloader.get(file, root / dataset.name), "download")
                missing.remove(file)
            if root != cache_folder():
                tell(f"캐시 폴더에 쓸 수 없어 임시 폴더에 받았습니다: {root}")
            return
        except DataError as error:
            found.misses += str(error).split("\n")
            return
        except OSError as error:
            found.problems.append(disk_problem(error, root))
        finally:
            found.tried = found.tried or downloader.tried
    if not cache_works:
        found.problems.append(f"받은 파일을 둘 폴더에 쓸 수 없습니다: {cache_folder()}")


def disk_problem(error: OSError, folder: Path) -> str:
    """쓰기 오류를 독자의 말로 옮깁니다."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"디스크가 가득 차서 파일을 쓸 수 없습니다: {folder}"
    return f"파일을 쓸 수 없습니다({error.strerror or error}): {folder}"


def unpack_to_cache(archive: Path, place: str, *, max_bytes: int = MAX_ARCHIVE_BYTES) -> Path:
    """꾸러미를 캐시의 `place-해시` 폴더에 한 번만 풉니다. 캐시에 쓸 수 없으면 임시 폴더에 풉니다.

    Args:
        archive: zip이나 tar 꾸러미. 내용이 바뀌면 해시가 달라져 새 폴더에 풉니다.
        place: 캐시 안의 자리. 예: `"models/cifar10_extractor"`.
        max_bytes: 푼 파일의 크기를 모두 더한 한계.

    Raises:
        DataError: 꾸러미가 상했거나, 풀어 둘 폴더가 없을 때.
    """
    with archive.open("rb") as stream:
        version = sha256_of(stream)[:12]
    problems = []
    for root in writable_folders():
        folder = root / f"{place}-{version}"
        try:
            return unpack(archive, folder, max_bytes=max_bytes)
        except OSError as error:
            problems.append(disk_problem(error, root))
    raise DataError(
        "\n".join(problems)
        or f"풀어 둘 폴더에 쓸 수 없습니다. 환경 변수 DLKO_CACHE_DIR에 쓸 수 있는 폴더를 적어 주세요: {cache_folder()}"
    )


def copy_verified(source: Path, file: RemoteFile, folder: Path) -> Path:
    """확인한 파일을 다른 폴더로 복사합니다. 내려받을 때와 같이 한 번에 나타납니다."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = _new_partial(file, folder)
    try:
        shutil.copyfile(source, partial)
        if not is_intact(partial, file):
            raise OSError(errno.EIO, "복사한 파일의 해시가 다릅니다")
        return partial.replace(folder / file.filename)
    finally:
        partial.unlink(missing_ok=True)
