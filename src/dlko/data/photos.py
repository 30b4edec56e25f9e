"""사진 폴더 불러오기: 다섯 가지 꽃, 또는 독자가 가져온 사진."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlko.data.errors import DataError
from dlko.data.formats import read_image_folder, user_path

SIDE = 128  # 불러올 때의 한 변. 더 작게 쓰려면 노트북에서 줄입니다.
FLOWERS = {
    "daisy": "데이지",
    "dandelion": "민들레",
    "roses": "장미",
    "sunflowers": "해바라기",
    "tulips": "튤립",
}
# 폴더 이름이 단수인 것도 알아봅니다.
KOREAN = FLOWERS | {name.removesuffix("s"): korean for name, korean in FLOWERS.items()}

Part = tuple[np.ndarray, np.ndarray]
Photos = tuple[Part, Part]


def open_folder(path: Path) -> Path:
    """클래스 폴더들이 든 폴더를 찾습니다. zip이나 tar이면 캐시에 풉니다. 한 겹 싸인 폴더는 벗깁니다."""
    from dlko.data import fetch  # 목록(catalogue)이 이 파일을, fetch가 목록을 쓰므로 여기서 불러옵니다.

    if path.is_file():
        path = fetch.unpack_to_cache(path, f"photos/{path.name.split('.')[0]}")
    if not path.is_dir():
        raise DataError(f"사진 폴더도, 사진을 묶은 zip 파일도 아닙니다: {path}")
    inside = [entry for entry in path.iterdir() if not entry.name.startswith((".", "__MACOSX"))]
    folders = [entry for entry in inside if entry.is_dir()]
    if len(folders) == 1 and any(entry.is_dir() for entry in folders[0].iterdir()):
        return folders[0]
    return path


def split_fifth(images: np.ndarray, labels: np.ndarray) -> Photos:
    """클래스마다 다섯에 하나를 테스트 세트로 떼어 냅니다. 사진 내용의 해시로 정하므로 늘 같은 사진입니다."""
    keys = np.array([hashlib.sha256(image.tobytes()).hexdigest() for image in images])
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        test[members[np.argsort(keys[members], kind="stable")[: max(1, round(len(members) / 5))]]] = True
    return (images[~test], labels[~test]), (images[test], labels[test])


def read_folder(path: Path) -> tuple[Photos, list[str]]:
    """사진 폴더나 묶음을 읽어 나눕니다. 사진은 `(장수, 128, 128, 3)` uint8입니다."""
    images, labels, names = read_image_folder(open_folder(path), (SIDE, SIDE))
    return split_fifth(images, labels), [KOREAN.get(name, name) for name in names]


def read_flowers(paths: Mapping[str, Path]) -> Photos:
    """공식 flower_photos.tgz를 읽습니다."""
    return read_folder(paths["flower_photos.tgz"])[0]


def load_photos(data: str | Path = "flowers") -> tuple[Any, Any, list[str]]:
    """사진을 불러오고 어디서 왔는지 한 줄로 알립니다.

    Args:
        data: `"flowers"`(다섯 가지 꽃, 약 230 MB를 내려받습니다), 또는 내 사진 폴더나 zip 파일의 위치.
            폴더 안에는 클래스마다 폴더를 하나씩 둡니다. 환경 변수 DLKO_DATA_DIR 폴더의 `flowers`나
            `flowers_128.zip`이 있으면 `"flowers"`가 그것을 씁니다.

    Returns:
        `(x_train, y_train), (x_test, y_test), 클래스 이름`. 사진은 `(장수, 128, 128, 3)` uint8이고, 클래스마다
        다섯에 하나가 테스트 세트입니다.

    Raises:
        DataError: 폴더가 없거나 꼴이 다를 때, 공식 데이터를 준비하지 못했을 때.
    """
    from dlko import data as registry  # 목록(catalogue)이 이 파일의 읽는 함수를 쓰므로 여기서 불러옵니다.

    path: Path | None = Path(data).expanduser()
    if data == "flowers":
        found = (user_path(name) for name in ("flowers", "flowers.zip", "flowers_128.zip"))
        # 공식 꾸러미가 든 폴더는 load_data가 해시를 확인하고 읽습니다.
        path = next((p for p in found if p and not (p / "flower_photos.tgz").exists()), None)
    if path is None:
        train, test = registry.load_data("flowers")
        return train, test, list(FLOWERS.values())
    if not path.exists():
        raise DataError(f"사진 폴더나 zip 파일이 없습니다: {path}")
    (train, test), names = read_folder(path)
    digest = hashlib.sha256(b"".join(part.tobytes() for part in (*train, *test))).hexdigest()
    registry.announce_own("flowers", path.name, digest, (train, test))
    return train, test, names
