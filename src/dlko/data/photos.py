"""독자가 가져온 사진: 클래스마다 폴더를 하나씩 둔 폴더나 꾸러미. 뺀 것과 수상한 것은 몇 개인지 한 줄로 알립니다."""

import hashlib
import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

from dlko.data.fetch import as_path, say, unpack_to_cache
from dlko.data.spec import Data, DataError

SIDE = 128  # 사진을 불러올 때의 한 변. 더 작게 쓰려면 노트북에서 줄입니다.
FLOWER_NAMES = dict(daisy="데이지", dandelion="민들레", roses="장미", sunflowers="해바라기", tulips="튤립")
# 폴더 이름이 단수인 것도 알아봅니다.
KOREAN = FLOWER_NAMES | {name.removesuffix("s"): korean for name, korean in FLOWER_NAMES.items()}

# 운영체제가 남기는 파일과 폴더. 점으로 시작하는 것(`.DS_Store`, `._1.jpg`)은 이름과 상관없이 뺍니다.
JUNK = {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "@eadir", "$recycle.bin"}
# 폴더를 나누는 말. `seg_train`, `Test2`처럼 다른 말과 붙어 있어도 알아봅니다.
TRAIN_WORDS = ("train", "training", "훈련", "학습")
TEST_WORDS = ("test", "testing", "테스트", "시험")
CHECK_WORDS = ("validation", "valid", "val", "dev", "검증")

HUGE = 50_000_000  # 이보다 픽셀이 많은 JPEG은 줄여 가며 풉니다.
MAX_PIXELS = 400_000_000
NOT_PHOTOS = {".heic", ".heif"}
ADVICE = "HEIC 사진은 휴대전화나 컴퓨터에서 JPG로 바꾸어 넣어 주세요."


@dataclass(frozen=True)
class Own:
    """가져온 파일을 읽은 것. 표에는 클래스 이름이 없습니다."""

    data: Data
    class_names: tuple[str, ...] = ()
    counter: str = "장"


@dataclass
class Photos:
    """폴더 하나에서 읽은 사진들."""

    images: np.ndarray
    labels: np.ndarray
    names: list[str]
    files: list[Path]

    @property
    def hashes(self) -> list[str]:
        return [hashlib.sha256(file.read_bytes()).hexdigest() for file in self.files]


def read_photos(path: Path, side: int = SIDE) -> Own:
    """클래스마다 폴더를 하나씩 둔 사진 폴더나, 그것을 묶은 zip이나 tar를 읽습니다.

    클래스마다 다섯에 하나를 테스트 세트로 뗍니다. 폴더가 `train`과 `test`(나 `validation`)로 나뉘어 있으면 그대로 씁니다.

    Returns:
        사진은 `(장수, side, side, 3)` uint8, 정답은 `(장수,)` int64. 클래스의 차례는 폴더 이름의 가나다 차례입니다.

    Raises:
        DataError: 사진 폴더가 아니거나, 클래스가 하나뿐이거나, 사진이 두 장이 안 되는 클래스가 있을 때.
    """
    folder = path
    if path.is_file():
        folder = unpack_to_cache(path, f"photos/{path.name.split('.')[0]}")
    if not folder.is_dir():
        raise DataError(f"사진 폴더도, 사진을 묶은 zip 파일도 아닙니다: {path}")
    folder = _unwrapped(folder)
    skipped: list[Path] = []
    if split := _split_folders(folder):
        train, held = (_read_classes(part, side, skipped) for part in split)
        if train.names != held.names:
            only = ", ".join(sorted(set(train.names) ^ set(held.names)))
            raise DataError(
                f"{path}: {split[0].name}과 {split[1].name}의 클래스 폴더가 서로 다릅니다. 한쪽에만 있는 것: {only}."
            )
        hashes, test = (
            train.hashes + held.hashes,
            np.repeat([False, True], [len(train.files), len(held.files)]),
        )
        labels, files = np.concatenate([train.labels, held.labels]), train.files + held.files
        data = (train.images, train.labels), (held.images, held.labels)
    else:
        _require_classes_on_top(folder)
        train = _read_classes(folder, side, skipped)
        hashes, labels, files = train.hashes, train.labels, train.files
        test = held_out_fifth(hashes, labels)
        data = (train.images[~test], labels[~test]), (train.images[test], labels[test])
    counts = np.bincount(train.labels, minlength=len(train.names))
    few = [f"{name}({count}장)" for name, count in zip(train.names, counts, strict=True) if count < 2]
    if few or len(train.names) < 2:
        raise DataError(
            f"{path}: 클래스가 둘 이상이고 클래스마다 읽을 수 있는 사진이 두 장 이상이어야 합니다. "
            f"클래스: {', '.join(train.names)}. 사진이 모자란 클래스: {', '.join(few) or '없음'}."
        )
    _tell_skipped(skipped)
    _tell_copies(hashes, labels, test, files)
    return Own(data, tuple(KOREAN.get(name, name) for name in train.names))


def my_photos(place: str | Path, side: int = SIDE, most: int = 6) -> dict[str, np.ndarray]:
    """사진 파일 하나나, 폴더에 든 사진을 이름의 차례로 `most`장까지 읽습니다. `read_photos`와 같은 방법으로 읽습니다.

    Returns:
        파일 이름마다 `(side, side, 3)` uint8.

    Raises:
        DataError: 그런 파일이 없거나, 읽을 수 있는 사진이 한 장도 없을 때.
    """
    place = as_path(place)
    if not place.exists():
        raise DataError(f"사진 파일도 폴더도 없습니다: {place}")
    if place.is_file():
        return {unicodedata.normalize("NFC", place.name): read_photo(place, side)}
    files = sorted(entry for entry in _visible(place) if entry.is_file())
    photos: dict[str, np.ndarray] = {}
    skipped: list[Path] = []
    left = 0
    for file in files:
        if len(photos) == most:
            left += _looks_like_photo(file)
            continue
        try:
            photos[unicodedata.normalize("NFC", file.name)] = read_photo(file, side)
        except DataError:
            skipped.append(file)
    if not photos:
        raise DataError(f"{place}: 읽을 수 있는 사진이 한 장도 없습니다. {_advice(skipped)}".rstrip())
    _tell_skipped(skipped)
    if left:
        say(f"데이터 알림: {place}의 사진 가운데 앞의 {most}장만 씁니다. 쓰지 않은 사진: {left:,}장")
    return photos


# --- 폴더 --------------------------------------------------------------------------------------------------------


def _visible(folder: Path) -> list[Path]:
    """운영체제가 남긴 파일을 뺀 것."""
    return [
        entry
        for entry in folder.iterdir()
        if not entry.name.startswith(".") and entry.name.lower() not in JUNK
    ]


def _folders(folder: Path) -> dict[str, list[Path]]:
    """아래 폴더를 이름의 차례로. macOS는 한글을 자모로 풀어 적으므로 모아 적은 이름으로 합칩니다."""
    found: dict[str, list[Path]] = {}
    for entry in _visible(folder):
        if entry.is_dir():
            found.setdefault(unicodedata.normalize("NFC", entry.name), []).append(entry)
    return dict(sorted(found.items()))


def _files(folder: Path) -> list[Path]:
    return [p for e in _visible(folder) for p in (_files(e) if e.is_dir() else [e])]


def _looks_like_photo(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in Image.registered_extensions().keys() | NOT_PHOTOS


def _unwrapped(folder: Path) -> Path:
    """한 겹 더 싸인 꾸러미의 안쪽. 사진이 곁에 있으면 싼 것이 아니라 클래스입니다."""
    while len(inside := _folders(folder)) == 1:
        only = next(iter(inside.values()))[0]
        if not _folders(only) or any(map(_looks_like_photo, [*_visible(folder), *_visible(only)])):
            break
        folder = only
    return folder


def _split_folders(folder: Path) -> tuple[Path, Path] | None:
    """훈련과 테스트로 나뉜 폴더. 나뉘어 있지 않으면 None입니다."""
    inside = [path for paths in _folders(folder).values() for path in paths]
    words = {path: set(re.split(r"[\W_\d]+", path.name.lower())) for path in inside}
    train, test, check = (
        [path for path in inside if words[path] & set(part)]
        for part in (TRAIN_WORDS, TEST_WORDS, CHECK_WORDS)
    )
    held = [path for path in test + check if _folders(path)]  # 정답이 없는 test 폴더는 뺍니다.
    if len(train) != 1 or not held:
        return None
    unused = [path for path in inside if path not in (train[0], held[0])]
    if unused:
        names = ", ".join(f"{path.name}({len(_files(path)):,}개)" for path in unused)
        say(f"데이터 알림: {train[0].name}과 {held[0].name} 폴더만 씁니다. 쓰지 않은 폴더: {names}.")
    return _unwrapped(train[0]), _unwrapped(held[0])


def _require_classes_on_top(folder: Path) -> None:
    """클래스 폴더가 한 겹 더 안에 있으면(`2023년/개`, `2024년/개`) 바깥 폴더를 클래스로 잘못 읽지 않고 멈춥니다."""
    inside = {name: set().union(*map(_folders, paths)) for name, paths in _folders(folder).items()}
    same = set.intersection(*inside.values()) if len(inside) > 1 else set()
    if len(same) > 1:
        raise DataError(
            f"{folder}: {', '.join(inside)} 폴더마다 같은 이름의 폴더({', '.join(sorted(same))})가 들어 있습니다. "
            "클래스 폴더를 맨 위에 두거나, train과 test로 나누어 주세요."
        )
    loose = [path for path in _visible(folder) if _looks_like_photo(path)]
    if loose and inside:
        say(
            f"데이터 알림: 클래스 폴더 밖에 있는 사진 {len(loose):,}장을 쓰지 않았습니다. 예: {min(loose).name}"
        )


def _read_classes(folder: Path, side: int, skipped: list[Path]) -> Photos:
    """클래스 폴더들의 사진. 더 깊은 폴더의 사진도 읽고, 읽을 수 없는 파일은 `skipped`에 넣습니다."""
    images, labels, read, classes = [], [], [], _folders(folder)
    for label, (name, places) in enumerate(classes.items()):
        files = sorted(file for place in places for file in _files(place))
        for file in files:
            try:
                images.append(read_photo(file, side))
                labels.append(label)
                read.append(file)
            except DataError:
                skipped.append(file)
        if label not in labels:
            advice = _advice([file for file in skipped if file in files])
            raise DataError(f"{folder / name}: 읽을 수 있는 그림이 하나도 없습니다. {advice}".rstrip())
    if not images:
        raise DataError(f"{folder}: 클래스마다 폴더를 하나씩 두고 그 안에 그림을 넣으세요.")
    return Photos(np.stack(images), np.array(labels, np.int64), list(classes), read)


def _tell_skipped(skipped: list[Path]) -> None:
    if not skipped:
        return
    kinds = ", ".join(sorted({file.suffix.lower() or file.name for file in skipped}))
    places = ", ".join(f"{name} {n:,}개" for name, n in Counter(file.parent.name for file in skipped).items())
    line = f"그림으로 읽을 수 없는 파일 {len(skipped):,}개({kinds})를 뺐습니다. 폴더마다: {places}."
    say(f"데이터 알림: {line} 예: {skipped[0].name}. {_advice(skipped)}".rstrip())


def _advice(skipped: list[Path]) -> str:
    return f"{ADVICE} " if any(file.suffix.lower() in NOT_PHOTOS for file in skipped) else ""


def _tell_copies(hashes: list[str], labels: np.ndarray, test: np.ndarray, files: list[Path]) -> None:
    """내용이 똑같은 사진이 두 클래스에 있거나 훈련과 테스트에 함께 있으면 알립니다."""
    first: dict[str, int] = {}
    crossed, leaked = [], []
    for row, digest in enumerate(hashes):
        seen = first.setdefault(digest, row)
        if labels[seen] != labels[row]:
            crossed.append((files[seen], files[row]))
        elif test[seen] != test[row]:
            leaked.append((files[seen], files[row]))
    for pairs, what in (
        (crossed, "똑같은 사진이 서로 다른 클래스에 있습니다"),
        (leaked, "똑같은 사진이 훈련과 테스트에 함께 있어 점수가 실제보다 좋게 나옵니다"),
    ):
        if pairs:
            one, other = ("/".join(file.parts[-2:]) for file in pairs[0])
            say(f"데이터 알림: {what}({len(pairs):,}장). 예: {one}, {other}")


# --- 사진 한 장 --------------------------------------------------------------------------------------------------


def read_photo(path: Path, side: int) -> np.ndarray:
    """사진 한 장을 바로 세우고, 투명한 곳은 흰 바탕에 놓고, 가운데를 정사각형으로 잘라 줄입니다.

    Returns:
        `(side, side, 3)` uint8.

    Raises:
        DataError: 그림으로 읽을 수 없을 때.
    """
    image = open_photo(path, enough=4 * side)
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(ImageOps.fit(image.convert("RGB"), (side, side)))


def open_photo(path: str | Path, enough: int = 1024) -> Image.Image:
    """사진 한 장을 열어 찍은 방향대로 세웁니다. 어떤 색의 꼴이든 실제 범위에서 0…255로 옮깁니다.

    Args:
        path: 사진의 위치.
        enough: 아주 큰 JPEG은 두 변이 이보다 작아지지 않을 만큼 줄여서 엽니다.

    Returns:
        RGB 사진. 투명한 곳이 있으면 RGBA입니다.

    Raises:
        DataError: 파일이 없거나 그림으로 읽을 수 없을 때.
    """
    path = as_path(path)
    try:
        with _opened(path) as image:
            if image.size[0] * image.size[1] > HUGE:
                image.draft("RGB", (enough, enough))
            negative = image.format == "TIFF" and image.mode.startswith("I;16") and image.tag_v2.get(262) == 0  # type: ignore[attr-defined]
            rescaled = image.format == "PPM"  # Pillow가 0…65535로 늘려서 엽니다.
            with suppress(Exception):  # 상한 EXIF 때문에 멀쩡한 사진을 버리지 않습니다.
                ImageOps.exif_transpose(image, in_place=True)
            if image.mode.startswith(("I", "F")):
                image = Image.fromarray(_to_bytes(np.asarray(image, float), image.mode, rescaled, negative))
            if image.mode == "LAB":
                lab, rgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
                image = ImageCms.profileToProfile(image, lab, rgb, outputMode="RGB") or image
            return image.convert("RGBA" if image.has_transparency_data else "RGB")
    except Exception as error:  # Pillow는 상한 파일에 따라 갖가지 오류를 냅니다.
        raise DataError(f"{path}: 그림을 읽을 수 없습니다. {_advice([path])}({error})") from error


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """2억 픽셀인 휴대전화 사진도 엽니다. 큰 사진과 팔레트의 투명도를 두고 Pillow가 하는 말은 버립니다."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, MAX_PIXELS // 2
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                yield image
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _to_bytes(values: np.ndarray, mode: str, rescaled: bool, negative: bool) -> np.ndarray:
    """16비트나 실수인 회색을 그 꼴의 실제 범위에서 0…255로 옮깁니다."""
    if not np.isfinite(values).all() or values.min() < 0:
        raise ValueError("음수나 수가 아닌 값이 있어 밝기의 범위를 알 수 없습니다.")
    top = next(t for t in (1, 255, 65535, values.max()) if values.max() <= t)
    if mode.startswith("I;16") or rescaled:
        top = 65535
    gray = (values * (255 / top)).round().clip(0, 255).astype(np.uint8)
    return 255 - gray if negative else gray


def held_out_fifth(hashes: Sequence[str], labels: np.ndarray) -> np.ndarray:
    """클래스마다 다섯에 하나를 테스트 세트로 고릅니다. 사진 **파일**의 해시로 정하므로 크기를 바꾸어 읽어도 같은 사진입니다.

    Args:
        hashes: 사진 파일마다의 SHA-256(16진수).
        labels: 정답 `(장수,)`.

    Returns:
        테스트 세트면 True인 `(장수,)`.
    """
    keys, test = np.array(hashes), np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        test[members[np.argsort(keys[members], kind="stable")[: max(1, round(len(members) / 5))]]] = True
    return test
