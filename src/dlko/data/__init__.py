"""데이터 불러오기.

    (x_train, y_train), (x_test, y_test) = load_data("fashion")

찾는 차례: `DLKO_DATA_DIR` 폴더 → 사용자 캐시 → 운영체제 패키지 → 내려받기 → dlko에 들어 있는 데이터.

환경 변수:
    DLKO_DATA: `auto`(처음 값), `official`(공식 데이터가 아니면 오류), `embedded`(dlko에 들어 있는 데이터만).
    DLKO_DATA_DIR: `make data DIR=폴더`로 받아 둔 공식 파일이나, 직접 가져온 파일이 있는 폴더.
    DLKO_CACHE_DIR: 내려받은 파일을 두는 폴더.
    DLKO_NETWORK: `off`이면 내려받지 않습니다.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dlko.checks import record
from dlko.data import fetch
from dlko.data.catalogue import CATALOGUE, Data, DataSet
from dlko.data.errors import DataError
from dlko.data.fetch import Found, say
from dlko.data.formats import read_image_folder, read_table, user_path

__all__ = [
    "CLASS_NAMES",
    "DataError",
    "SourceInfo",
    "announce_own",
    "data_source",
    "download_all",
    "load_data",
    "prefetch",
    "read_image_folder",
    "read_table",
    "resolve_all",
    "user_path",
]

MODES = ("auto", "official", "embedded")
ORIGINS = {
    "folder": "DLKO_DATA_DIR 폴더",
    "cache": "받아 둔 파일",
    "system": "운영체제 패키지",
    "download": "방금 받은 파일",
}

CLASS_NAMES: dict[str, list[str]] = {
    name: list(entry.class_names) for name, entry in CATALOGUE.items() if entry.class_names
}

MAX_LISTED = 100_000

_last_source: dict[str, str] = {}


@dataclass(frozen=True)
class SourceInfo:
    """지금 불러오면 쓰일 데이터. `digest`는 내용이 바뀌면 바뀝니다."""

    name: str
    title: str
    # official(공식 데이터), embedded(dlko에 든 데이터), user(독자가 가져온 파일), missing(받아야 함)
    source: str
    origin: str  # folder, cache, system, download(아직 없어서 받아야 함), package(dlko에 들어 있음)
    digest: str


def load_data(name: str) -> Data:
    """데이터를 불러오고 어디서 왔는지 한 줄로 알립니다.

    Args:
        name: `"digits"`(손글씨 숫자) 또는 `"fashion"`(옷 사진).

    Returns:
        `keras.datasets.*.load_data()`와 같은 `((x_train, y_train), (x_test, y_test))`.
        두 데이터 모두 사진은 `(장수, 28, 28)` uint8이고 0(바탕)에서 255까지, 정답은 `(장수,)` uint8이고 0에서 9까지입니다.
        공식 데이터는 훈련 세트 60,000장과 테스트 세트 10,000장입니다. 공식 데이터가 없을 때 쓰는 것은 다음과 같습니다.

        - digits: scikit-learn에 들어 있는 UCI 손글씨 숫자 1,797장(8×8을 28×28로 키움). MNIST가 아닙니다.
          클래스마다 다섯에 하나를 고정된 규칙으로 떼어 테스트 세트로 둡니다. 쓴 사람은 두 쪽에 섞여 있습니다.
        - fashion: Fashion-MNIST 공식 파일에서 클래스마다 앞의 1,200장과 200장씩 고른 부분집합.

    Raises:
        DataError: 모르는 이름이거나, DLKO_DATA의 값이 잘못되었거나, DLKO_DATA=official인데 공식 데이터를 준비하지
            못했을 때.
    """
    dataset, mode = _find(name), _mode()
    if mode != "embedded":
        found = _obtain(dataset, mode)
        if found.covers(dataset):
            data = dataset.read(found.paths)
            return _announce(dataset, "official", found.origin, data)
    if dataset.embedded is None:
        raise DataError(
            f"{dataset.title} 데이터는 dlko에 들어 있지 않습니다. 인터넷에 연결해 다시 실행하거나, `make data DIR=폴더`로 "
            "받은 폴더를 DLKO_DATA_DIR로 알려 주세요. DLKO_DATA=embedded로 두었다면 auto로 바꾸세요."
        )
    return _announce(dataset, "embedded", "package", dataset.embedded.load())


def announce_own(name: str, title: str, digest: str, data: Data) -> Data:
    """독자가 가져온 파일을 읽은 함수가, 무엇을 읽었는지 `load_data`와 같은 꼴로 알리게 합니다.

    Args:
        name: 데이터 이름. 그 뒤로 `data_source(name)`은 `"user"`입니다.
        title: 읽은 파일의 이름.
        digest: 읽은 내용의 해시.
        data: 읽은 `((x_train, y_train), (x_test, y_test))`. 그대로 돌려줍니다.
    """
    line = f"데이터: 직접 가져온 파일 {title}({_counts(_find(name), data)})."
    _remember(SourceInfo(name, title, "user", "folder", digest), line)
    return data


def data_source(name: str) -> str:
    """마지막으로 불러온 데이터가 어떤 것인지 알려 줍니다.

    Returns:
        `"official"`(공식 데이터), `"embedded"`(dlko에 들어 있는 데이터), `"user"`(직접 가져온 파일) 가운데 하나.

    Raises:
        DataError: 아직 불러오지 않았을 때.
    """
    _find(name)
    if name not in _last_source:
        raise DataError(f'먼저 dlko.load_data("{name}")로 불러오세요.')
    return _last_source[name]


def resolve_all() -> dict[str, SourceInfo]:
    """데이터마다, 지금 불러오면 어느 데이터가 쓰일지 알려 줍니다. 내려받지도, TensorFlow를 불러오지도 않습니다.

    확인한 파일은 크기와 고친 시각으로 기억하므로 두 번째부터는 금방 끝납니다.
    """
    mode, check = _mode(), fetch.CheckedBefore()
    resolved = {}
    for name, dataset in CATALOGUE.items():
        source, origin = "embedded", "package"
        if mode != "embedded":
            found = fetch.local_files(dataset, check)
            if found.covers(dataset):
                source, origin = "official", found.origin
            elif mode == "official":
                source, origin = "official", "download"
        resolved[name] = _describe(dataset, source, origin)
    check.save()
    given = os.environ.get("DLKO_DATA_DIR")
    if given and mode != "embedded":
        listing = _listing_digest(Path(given).expanduser())
        resolved["DLKO_DATA_DIR"] = SourceInfo("DLKO_DATA_DIR", "가져온 파일", "user", "folder", listing)
    return resolved


def _listing_digest(folder: Path) -> str:
    """폴더에 든 파일의 이름, 크기, 고친 시각. 독자가 가져온 파일이 바뀐 것을 내용을 다 읽지 않고 알아챕니다."""
    digest = hashlib.sha256()
    for path in islice(sorted(folder.rglob("*")), MAX_LISTED):
        status = path.stat()
        digest.update(f"{path.relative_to(folder)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def prefetch(names: Iterable[str] | None = None) -> dict[str, SourceInfo]:
    """노트북을 실행하기 전에 공식 데이터를 한 번 받아 봅니다. 이미 있는 것은 받지 않습니다.

    Args:
        names: 받을 데이터. 없으면 모두.

    Returns:
        `resolve_all()`과 같습니다.

    Raises:
        DataError: DLKO_DATA=official인데 받지 못한 것이 있을 때. 다른 것을 모두 받아 본 다음에 알립니다.
    """
    mode, failures = _mode(), []
    for dataset in _chosen(names):
        if mode == "embedded":
            continue
        try:
            _obtain(dataset, mode)
        except DataError as error:
            failures.append(str(error))
    if failures:
        raise DataError("\n".join(failures))
    return resolve_all()


def download_all(folder: str | Path, names: Iterable[str] | None = None) -> bool:
    """공식 파일을 모두 `folder`에 받아 해시를 확인합니다. 이미 온전한 것은 건너뛰므로 이어서 받을 수 있습니다.

    Args:
        folder: 받을 폴더. 나중에 이 폴더를 DLKO_DATA_DIR로 알려 주면 인터넷 없이 공식 데이터를 씁니다.
        names: 받을 데이터. 없으면 모두.

    Returns:
        빠짐없이 받았으면 True. 하나가 안 되어도 나머지는 모두 받아 봅니다.
    """
    folder = Path(folder)
    ready, failed, size = 0, [], 0
    for dataset in _chosen(names):
        say(f"[{dataset.title}] 출처: {dataset.source}. 사용 허가: {dataset.licence}")
        elsewhere = fetch.local_files(dataset).paths
        for file in dataset.files:
            target = folder / dataset.name / file.filename
            try:
                how = _put(file, target, elsewhere.get(file.filename))
            except (DataError, OSError) as error:
                reason = (
                    fetch.disk_problem(error, target.parent) if isinstance(error, OSError) else str(error)
                )
                failed.append(f"{dataset.name}/{file.filename}")
                say(f"  실패: {file.filename}")
                for line in reason.split("\n"):
                    say(f"    {line}")
                continue
            ready, size = ready + 1, size + target.stat().st_size
            say(f"  {how}: {file.filename} ({target.stat().st_size / 1e6:.1f} MB)")
    say(f"파일 {ready + len(failed)}개 가운데 {ready}개({size / 1e6:.1f} MB)가 준비되었습니다: {folder}")
    if failed:
        say(f"받지 못한 파일: {', '.join(failed)}. 같은 명령을 다시 실행하면 이어서 받습니다.")
    else:
        say(f"쓰는 법: 환경 변수 DLKO_DATA_DIR을 {folder.absolute()}(으)로 두세요.")
    return not failed


def _put(file: fetch.RemoteFile, target: Path, local: Path | None) -> str:
    """파일 하나를 제자리에 두고, 어떻게 했는지 돌려줍니다."""
    if fetch.is_intact(target, file):
        return "이미 있음"
    if local is not None:
        fetch.copy_verified(local, file, target.parent)
        return "이 컴퓨터에서 복사"
    fetch.Downloader(fetch.STUBBORN).get(file, target.parent)
    return "받음"


def _obtain(dataset: DataSet, mode: str) -> Found:
    """공식 파일을 찾거나 받습니다. 문제는 한 줄씩 알리고, official이면 오류를 일으킵니다."""
    found = fetch.local_files(dataset)
    given = os.environ.get("DLKO_DATA_DIR")
    if given and not Path(given).expanduser().is_dir():
        found.problems.insert(0, f"DLKO_DATA_DIR 폴더가 없습니다: {given}")
    fetch.download_missing(dataset, found, fetch.STUBBORN if mode == "official" else fetch.HASTY)
    if mode == "official" and not found.covers(dataset):
        reasons = "\n".join(f"- {reason}" for reason in found.problems + found.misses)
        raise DataError(
            f"{dataset.title} 공식 데이터를 준비하지 못했습니다(DLKO_DATA=official).\n{reasons}\n"
            "할 일: 인터넷에 연결해 다시 실행하세요. 인터넷이 되는 곳에서 `make data DIR=폴더`로 받은 폴더를 "
            "DLKO_DATA_DIR로 알려 주어도 됩니다. DLKO_DATA=auto로 두면 dlko에 들어 있는 데이터를 씁니다."
        )
    for problem in found.problems:
        say(f"데이터 알림: {problem}")
    if found.misses and found.tried:
        say(f"데이터 알림: {dataset.title} 공식 데이터를 받지 못했습니다. {' '.join(found.misses)}")
    return found


def _announce(dataset: DataSet, source: str, origin: str, data: Data) -> Data:
    """출처를 알리는 한 줄을 만듭니다."""
    counts = _counts(dataset, data)
    if source == "official":
        what = f"{dataset.title} 전체({counts}). 공식 데이터입니다({ORIGINS[origin]})."
        credit = f"출처: {dataset.source}. 사용 허가: {dataset.licence}"
    else:
        assert dataset.embedded is not None
        what = f"{dataset.embedded.title}({counts}). {dataset.embedded.note}"
        credit = f"출처: {dataset.embedded.source}. 사용 허가: {dataset.embedded.licence}"
    _remember(_describe(dataset, source, origin), f"데이터: {what} {credit}")
    return data


def _counts(dataset: DataSet, data: Data) -> str:
    (x_train, _), (x_test, _) = data
    return f"훈련 {len(x_train):,}{dataset.counter}, 테스트 {len(x_test):,}{dataset.counter}"


def _describe(dataset: DataSet, source: str, origin: str) -> SourceInfo:
    if source == "embedded":
        if dataset.embedded is None:
            return SourceInfo(dataset.name, dataset.title, "missing", "download", "")
        return SourceInfo(dataset.name, dataset.embedded.title, source, origin, dataset.embedded.digest())
    digest = hashlib.sha256(" ".join(file.digest for file in dataset.files).encode()).hexdigest()
    return SourceInfo(dataset.name, dataset.title, source, origin, digest)


def _remember(info: SourceInfo, line: str) -> None:
    """출처를 알리고 기억합니다. 책을 만드는 중이면 실행 보고서에도 남깁니다."""
    say(line)
    _last_source[info.name] = info.source
    record("data", {"name": info.name, "source": info.source, "line": line, "sha256": info.digest})


def _find(name: str) -> DataSet:
    if name not in CATALOGUE:
        raise DataError(f"모르는 데이터입니다: {name!r}. 쓸 수 있는 이름: {', '.join(CATALOGUE)}")
    return CATALOGUE[name]


def _chosen(names: Iterable[str] | None) -> list[DataSet]:
    return [_find(name) for name in (CATALOGUE if names is None else names)]


def _mode() -> str:
    mode = os.environ.get("DLKO_DATA", "").strip().lower() or "auto"
    if mode not in MODES:
        raise DataError(
            f"환경 변수 DLKO_DATA의 값이 잘못되었습니다: {mode!r}. 쓸 수 있는 값: {', '.join(MODES)}"
        )
    return mode
