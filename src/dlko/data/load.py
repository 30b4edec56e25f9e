"""데이터를 불러오는 하나뿐인 문, 그리고 빌드가 미리 받고 살펴보는 함수.

찾는 차례: `DLKO_DATA_DIR` 폴더 → 사용자 캐시 → 운영체제 패키지 → 내려받기 → dlko에 들어 있는 데이터.
"""

import hashlib
import os
import shutil
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dlko.checks import record
from dlko.data import fetch
from dlko.data.fetch import Found, data_folder, say
from dlko.data.own import read_own
from dlko.data.photos import SIDE
from dlko.data.sets import CATALOGUE
from dlko.data.spec import Data, DataError, DataSet
from dlko.provenance import content_hash

MODES = ("auto", "official", "embedded")
ORIGINS = {
    "folder": "DLKO_DATA_DIR 폴더",
    "cache": "받아 둔 파일",
    "system": "운영체제 패키지",
    "download": "방금 받은 파일",
}

CLASS_NAMES: dict[Hashable, list[str]] = {
    name: list(entry.class_names) for name, entry in CATALOGUE.items() if entry.class_names
}

_last_source: dict[Hashable, str] = {}


@dataclass(frozen=True)
class SourceInfo:
    """지금 불러오면 쓰일 데이터. `digest`는 내용이 바뀌면 바뀝니다."""

    name: str
    title: str
    # official(공식 데이터), embedded(dlko에 든 데이터), user(독자가 가져온 파일), missing(받아야 함)
    source: str
    origin: str  # folder, cache, system, download(아직 없어서 받아야 함), package(dlko에 들어 있음)
    digest: str


# --- 노트북이 쓰는 것 ----------------------------------------------------------------------------------------------


def load_data(data: str | Path | Sequence[str | Path], *, side: int = SIDE) -> Data:
    """데이터를 불러오고 어디서 왔는지 한 줄로 알립니다.

    Args:
        data: 목록에 있는 이름이거나 내 파일의 위치.

            - `"digits"`(손글씨 숫자), `"fashion"`(옷 사진): 사진은 `(장수, 28, 28)` uint8이고 0(바탕)에서 255까지,
              정답은 `(장수,)` uint8이고 0에서 9까지. 공식 데이터는 훈련 세트 60,000장과 테스트 세트 10,000장이고,
              dlko에 든 것은 거기서 클래스마다 1,200장과 200장씩 고른 부분집합입니다.
            - `"reviews"`(한국어 영화평), `"imdb"`(영어 영화평): 글은 `(개수,)` object, 정답은 `(개수,)` int64이고
              0(부정)이나 1(긍정). dlko에 든 `"reviews"`는 지어낸 글입니다.
            - `"flowers"`(꽃 사진): 사진은 `(장수, side, side, 3)` uint8(내려받은 것은 언제나 128), 정답은 `(장수,)` int64. 클래스마다 다섯에 하나가
              테스트 세트입니다.
            - `"signs"`(미국 수어의 지문자 24개): 사진은 `(장수, 28, 28)` uint8, 정답은 `(장수,)` uint8이고 0(A)에서 23(Y)까지.
              dlko에 든 것은 프로그램이 그린 손입니다.
            - 내 사진 폴더나 그것을 묶은 zip의 위치: 클래스마다 폴더를 하나씩 둡니다. 꼴은 `"flowers"`와 같고, 클래스
              이름은 불러온 다음 `CLASS_NAMES[data]`에 있습니다.
            - 내 표 두 개의 위치 `("훈련.tsv", "테스트.tsv")`: 열이 id, document, label이면 꼴은 `"reviews"`와 같고, 열이
              label, pixel1, …, pixel784이면 `"signs"`와 같습니다.

        side: 가져온 사진을 읽을 때의 한 변(픽셀). 가운데를 정사각형으로 잘라 줄입니다.

    이름으로 부를 때는 환경 변수가 정합니다. DLKO_DATA가 `auto`이면 DLKO_DATA_DIR에 가져다 둔 파일
    (`…reviews_train.tsv`와 `…reviews_test.tsv`, `sign_mnist_train.csv`와 `sign_mnist_test.csv`, `flowers` 폴더나
    `flowers….zip`), 공식 데이터, dlko에 든 데이터의
    차례로 씁니다. `official`이면 공식 데이터만, `embedded`이면 dlko에 든 데이터만 씁니다. 위치를 직접 적은 파일은
    DLKO_DATA와 상관없이 그것을 씁니다.

    Returns:
        `keras.datasets.*.load_data()`와 같은 `((x_train, y_train), (x_test, y_test))`.

    Raises:
        DataError: 모르는 이름이거나, DLKO_DATA의 값이 잘못되었거나, 파일의 꼴이 다르거나, DLKO_DATA=official인데
            공식 데이터를 준비하지 못했을 때.
    """
    mode = _mode()
    if not isinstance(data, str) or data not in CATALOGUE:
        return _load_own(data, _given(data), side)
    dataset = CATALOGUE[data]
    if mode == "auto" and (brought := _brought(dataset)):
        for problem in _left_out(dataset, brought):
            say(f"데이터 알림: {problem}")
        return _load_own(data, brought, side)
    if mode != "embedded":
        found = _obtain(dataset, mode)
        if found.covers(dataset):
            return _announce(dataset, "official", found.origin, dataset.read(found.paths))
    if dataset.embedded is None:
        raise DataError(
            f"{dataset.title} 데이터는 dlko에 들어 있지 않습니다. 인터넷에 연결해 다시 실행하거나, `make data DIR=폴더`로 "
            "받은 폴더를 DLKO_DATA_DIR로 알려 주세요. DLKO_DATA=embedded로 두었다면 auto로 바꾸세요."
        )
    return _announce(dataset, "embedded", "package", dataset.embedded.load())


def data_source(data: str | Path | Sequence[str | Path]) -> str:
    """마지막으로 불러온 데이터가 어떤 것인지 알려 줍니다. `data`는 `load_data`에 준 것입니다.

    Returns:
        `"official"`(공식 데이터), `"embedded"`(dlko에 들어 있는 데이터), `"user"`(직접 가져온 파일) 가운데 하나.

    Raises:
        DataError: 아직 불러오지 않았을 때.
    """
    if _key(data) not in _last_source:
        raise DataError(f"먼저 dlko.load_data({data!r})로 불러오세요.")
    return _last_source[_key(data)]


def _key(data: str | Path | Sequence[str | Path]) -> Hashable:
    return data if isinstance(data, str | Path) else tuple(data)


def _given(data: str | Path | Sequence[str | Path]) -> tuple[Path, ...]:
    """호출에 적은 내 파일의 위치."""
    paths = tuple(fetch.as_path(p) for p in ([data] if isinstance(data, str | Path) else data))
    missing = [str(path) for path in paths if not path.exists()]
    if missing or len(paths) not in (1, 2):
        raise DataError(
            f"모르는 데이터입니다: {data!r}. 쓸 수 있는 이름: {', '.join(CATALOGUE)}. 내 파일을 쓰려면 사진 폴더나 zip의 "
            f"위치, 또는 (훈련 표, 테스트 표)의 위치를 적으세요. 없는 파일: {', '.join(missing) or '없음'}"
        )
    return paths


def _matches(dataset: DataSet) -> Iterator[list[list[Path]]]:
    """묶음마다, DLKO_DATA_DIR에서 이름이 맞는 파일들."""
    folder = data_folder()
    for patterns in dataset.brought if folder else ():
        yield [sorted(folder.glob(pattern)) for pattern in patterns]  # type: ignore[union-attr]


def _brought(dataset: DataSet) -> tuple[Path, ...]:
    """독자가 DLKO_DATA_DIR에 가져다 둔, 이 데이터의 파일. 없으면 비어 있습니다."""
    for found in _matches(dataset):
        if all(found):
            paths = tuple(matches[0] for matches in found)
            # `make data`가 공식 파일을 넣어 둔 폴더는 가져온 것이 아닙니다.
            if not any((path / file.filename).exists() for path in paths for file in dataset.files):
                return paths
    return ()


def _left_out(dataset: DataSet, used: tuple[Path, ...]) -> list[str]:
    """가져다 두었지만 짝이 없거나 이름이 겹쳐 쓰지 않는 파일."""
    others = {path for found in _matches(dataset) if any(found) for paths in found for path in paths}
    official = {file.filename for file in dataset.files}
    names = sorted(
        path.name for path in others - set(used) if not any((path / name).exists() for name in official)
    )
    if not names:
        return []
    why = "이름이 맞는 파일이 여럿이라" if used else "훈련과 테스트의 짝이 맞지 않아"
    return [f"{why} 쓰지 않은 파일이 있습니다: {', '.join(names)}"]


def _load_own(data: str | Path | Sequence[str | Path], paths: tuple[Path, ...], side: int) -> Data:
    own, title = read_own(paths, side), ", ".join(path.name for path in paths)
    if own.class_names:
        CLASS_NAMES[_key(data)] = list(own.class_names)
    name = data if isinstance(data, str) and data in CATALOGUE else title
    info = SourceInfo(name, title, "user", "folder", _hash(own.data))
    line = f"데이터: 직접 가져온 파일 {title}({_counts(own.data, own.counter)})."
    return _remember(_key(data), info, line, own.data)


def _announce(dataset: DataSet, source: str, origin: str, data: Data) -> Data:
    """출처를 알리는 한 줄을 만듭니다."""
    CLASS_NAMES[dataset.name] = list(dataset.class_names)  # 가져온 사진의 이름이 남아 있을 수 있습니다.
    counts, shown = _counts(data, dataset.counter), dataset.embedded
    if source == "official" or shown is None:
        digest = dataset.content_hash or _hash(data)
        what = f"{dataset.title} 전체({counts}). 공식 데이터입니다({ORIGINS[origin]})."
        credit = f"출처: {dataset.source}. 사용 허가: {dataset.licence}"
    else:
        digest, what = shown.content_hash, f"{shown.title}({counts}). {shown.note}"
        credit = f"출처: {shown.source}. 사용 허가: {shown.licence}"
    info = SourceInfo(dataset.name, dataset.title, source, origin, digest)
    return _remember(dataset.name, info, f"데이터: {what} {credit}", data)


def _remember(key: Hashable, info: SourceInfo, line: str, data: Data) -> Data:
    """출처를 알리고 기억합니다. 책을 만드는 중이면 실행 보고서에도 남깁니다."""
    say(line)
    _last_source[key] = info.source
    record("data", {"name": info.name, "source": info.source, "line": line, "sha256": info.digest})
    return data


def _hash(data: Data) -> str:
    return content_hash(*(array for part in data for array in part))


def _counts(data: Data, counter: str) -> str:
    (x_train, _), (x_test, _) = data
    return f"훈련 {len(x_train):,}{counter}, 테스트 {len(x_test):,}{counter}"


def _obtain(dataset: DataSet, mode: str) -> Found:
    """공식 파일을 찾거나 받습니다. 문제는 한 줄씩 알리고, official이면 오류를 일으킵니다."""
    found, folder = fetch.local_files(dataset), data_folder()
    if folder and not folder.is_dir():
        found.problems.insert(0, f"DLKO_DATA_DIR 폴더가 없습니다: {folder}")
    if mode == "auto":
        found.problems += _left_out(dataset, ())
    if mode == "official" and (brought := _brought(dataset)):
        names = ", ".join(path.name for path in brought)
        refusal = f"DLKO_DATA=official이라 가져온 파일({names})을 쓰지 않습니다. 쓰려면 auto로 두세요."
        found.problems.insert(0, refusal)
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
    if found.misses and found.asked:
        say(f"데이터 알림: {dataset.title} 공식 데이터를 받지 못했습니다. {' '.join(found.misses)}")
    return found


def _mode() -> str:
    mode = os.environ.get("DLKO_DATA", "").strip().lower() or "auto"
    if mode not in MODES:
        raise DataError(
            f"환경 변수 DLKO_DATA의 값이 잘못되었습니다: {mode!r}. 쓸 수 있는 값: {', '.join(MODES)}"
        )
    return mode


# --- 빌드가 쓰는 것 ------------------------------------------------------------------------------------------------


def resolve_all() -> dict[str, SourceInfo]:
    """데이터마다, 지금 불러오면 어느 데이터가 쓰일지 알려 줍니다. 내려받지도, TensorFlow를 불러오지도 않습니다.

    DLKO_DATA_DIR에 목록의 데이터가 아닌 파일이 있으면 `"DLKO_DATA_DIR"`라는 항목이 그것을 모두 가리킵니다.
    """
    mode, folder = _mode(), data_folder()
    resolved = {name: _resolve(dataset, mode) for name, dataset in CATALOGUE.items()}
    if folder and mode != "embedded":
        known = {path for dataset in CATALOGUE.values() for path in _brought(dataset)}
        known |= {folder / name for name in CATALOGUE}
        others = [path for path in folder.glob("*") if path not in known]
        digest = _listing_digest(folder, others)
        resolved["DLKO_DATA_DIR"] = SourceInfo("DLKO_DATA_DIR", "가져온 파일", "user", "folder", digest)
    return resolved


def _resolve(dataset: DataSet, mode: str) -> SourceInfo:
    name, title, shown = dataset.name, dataset.title, dataset.embedded
    if mode == "auto" and (brought := _brought(dataset)):
        names = ", ".join(path.name for path in brought)
        return SourceInfo(name, names, "user", "folder", _listing_digest(brought[0].parent, brought))
    found = fetch.local_files(dataset) if mode != "embedded" else Found()
    if mode == "official" or found.covers(dataset):
        files = " ".join(file.content_sha256 or file.known_hash for file in dataset.files)
        digest = dataset.content_hash or hashlib.sha256(files.encode()).hexdigest()
        return SourceInfo(
            name, title, "official", found.origin if found.covers(dataset) else "download", digest
        )
    if shown is None:
        return SourceInfo(name, title, "missing", "download", "")
    return SourceInfo(name, shown.title, "embedded", "package", shown.content_hash)


def _listing_digest(root: Path, paths: Iterable[Path]) -> str:
    """파일들의 이름, 크기, 고친 시각. 독자가 가져온 파일이 바뀐 것을 내용을 다 읽지 않고 알아챕니다."""
    digest = hashlib.sha256()
    for top in sorted(paths):
        for path in sorted([top, *top.rglob("*")]):
            status = path.lstat()  # 가리키는 것이 없는 링크여도 됩니다.
            digest.update(f"{path.relative_to(root)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def prefetch(names: Iterable[str] | None = None) -> None:
    """노트북을 실행하기 전에 공식 데이터를 한 번 받아 봅니다. 이미 있는 것은 받지 않습니다.

    Args:
        names: 받을 데이터. 없으면 모두.

    Raises:
        DataError: DLKO_DATA=official인데 받지 못한 것이 있을 때. 다른 것을 모두 받아 본 다음에 알립니다.
    """
    mode, failures = _mode(), []
    for dataset in (CATALOGUE[name] for name in (CATALOGUE if names is None else names)):
        if mode == "embedded" or (mode == "auto" and _brought(dataset)):
            continue
        try:
            _obtain(dataset, mode)
        except DataError as error:
            failures.append(str(error))
    if failures:
        raise DataError("\n".join(failures))


def download_all(folder: str | Path) -> bool:
    """공식 파일을 모두 `folder`에 받아 해시를 확인합니다. 이미 온전한 것은 건너뛰므로 이어서 받을 수 있습니다.

    Args:
        folder: 받을 폴더. 나중에 이 폴더를 DLKO_DATA_DIR로 알려 주면 인터넷 없이 공식 데이터를 씁니다.

    Returns:
        빠짐없이 받았으면 True. 하나가 안 되어도 나머지는 모두 받아 봅니다.
    """
    folder = Path(folder)
    ready, failed, size = 0, [], 0
    for dataset in CATALOGUE.values():
        say(f"[{dataset.title}] 출처: {dataset.source}. 사용 허가: {dataset.licence}")
        elsewhere = fetch.local_files(dataset).paths
        for file in dataset.files:
            target = folder / dataset.name / file.filename
            try:
                how = _put(file, target, elsewhere.get(file.filename))
            except (DataError, OSError) as error:
                reason = fetch.disk_problem(error, target) if isinstance(error, OSError) else str(error)
                failed.append(f"{dataset.name}/{file.filename}")
                say("\n    ".join([f"  실패: {file.filename}", *reason.split("\n")]))
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
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = target.with_name(f"tmp{os.getpid()}")
        shutil.copyfile(local, copy)
        copy.replace(target)
        return "이 컴퓨터에서 복사"
    fetch.Downloader(fetch.STUBBORN).get(file, target.parent)
    return "받음"
