"""Fashion-MNIST 공식 파일에서 dlko에 넣을 부분집합을 만듭니다.

    python scripts/make_fashion_subset.py [공식 파일 넷이 든 폴더]

폴더를 적지 않으면 `dlko.load_data("fashion")`이 찾는 곳에서 공식 파일을 찾습니다. 클래스마다 공식 차례로 앞에서
훈련 세트 1,200장, 테스트 세트 200장을 고르고, 고른 사진은 공식 차례 그대로 둡니다. 사진은 100장씩 한 줄로 붙인
그림 한 장에 손실 없이(webp) 담습니다. 마지막에 다시 읽어 픽셀 하나까지 같은지 확인하고 해시를 알립니다.
webp 압축기의 판이 다르면 파일의 해시는 다를 수 있지만 "픽셀과 정답"의 해시는 같아야 합니다.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from dlko.data import fetch
from dlko.data.catalogue import (
    FASHION,
    FASHION_IMAGES,
    FASHION_LABELS,
    file_digest,
    load_embedded_fashion,
    read_idx_pairs,
)

TRAIN_PER_CLASS, TEST_PER_CLASS = 1_200, 200
COLUMNS = 100


def first_of_each_class(labels: np.ndarray, count: int) -> np.ndarray:
    """클래스마다 앞에서 `count`장씩 고른 자리를 원래 차례로."""
    return np.sort(np.concatenate([np.flatnonzero(labels == label)[:count] for label in range(10)]))


def mosaic(images: np.ndarray) -> np.ndarray:
    rows = len(images) // COLUMNS
    return images.reshape(rows, COLUMNS, 28, 28).swapaxes(1, 2).reshape(rows * 28, COLUMNS * 28)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fashion-MNIST 부분집합 만들기")
    parser.add_argument("folder", nargs="?", type=Path, help="공식 파일 넷이 든 폴더")
    folder = parser.parse_args().folder
    if folder is None:
        paths = fetch.local_files(FASHION).paths
    else:
        paths = {file.filename: folder / file.filename for file in FASHION.files}
    for file in FASHION.files:
        if file.filename not in paths or not fetch.is_intact(paths[file.filename], file):
            raise SystemExit(f"공식 파일이 없거나 해시가 다릅니다: {file.filename}")

    (x_train, y_train), (x_test, y_test) = read_idx_pairs(paths)
    train, test = first_of_each_class(y_train, TRAIN_PER_CLASS), first_of_each_class(y_test, TEST_PER_CLASS)
    images = np.concatenate([x_train[train], x_test[test]])
    FASHION_IMAGES.parent.mkdir(parents=True, exist_ok=True)
    # webp에는 회색이 없어서 세 색에 같은 값을 넣습니다. 손실 없는 방식이라 값이 그대로 돌아옵니다.
    Image.fromarray(mosaic(images)).convert("RGB").save(FASHION_IMAGES, lossless=True, quality=100, method=6)
    np.savez_compressed(FASHION_LABELS, train=y_train[train], test=y_test[test])

    (a, b), (c, d) = load_embedded_fashion()
    assert np.array_equal(np.concatenate([a, c]), images), "다시 읽은 픽셀이 다릅니다."
    assert np.array_equal(b, y_train[train]) and np.array_equal(d, y_test[test]), "다시 읽은 정답이 다릅니다."
    content = hashlib.sha256(b"".join(part.tobytes() for part in (a, b, c, d))).hexdigest()
    for path in (FASHION_IMAGES, FASHION_LABELS):
        print(f"{path.name}  {path.stat().st_size:,}바이트  SHA-256 {file_digest(path)}")
    print(f"픽셀과 정답  훈련 세트 {len(a):,}장, 테스트 세트 {len(c):,}장  SHA-256 {content}")


if __name__ == "__main__":
    main()
