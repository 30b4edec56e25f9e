"""MNIST와 같은 꼴의 데이터: 공식 파일 넷과, 거기서 고른 부분집합을 담은 바둑판 그림."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dlko.data.formats import read_idx, read_mosaic
from dlko.data.spec import EMBEDDED_FOLDER, Data, RemoteFile

IDX_NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
CONTENT_SIZES = (47_040_016, 60_008, 7_840_016, 10_008)


def idx_files(addresses: tuple[str, ...], *details: tuple[int | str, ...]) -> tuple[RemoteFile, ...]:
    """공식 파일 넷. `details`는 파일 넷의 크기, SHA-256, 압축을 푼 내용의 SHA-256입니다."""
    return tuple(
        RemoteFile(
            name, tuple(address + name for address in addresses), *numbers, other_names=other_names(name)
        )  # type: ignore[arg-type, misc]
        for name, *numbers in zip(IDX_NAMES, *details, CONTENT_SIZES, strict=True)
    )


def other_names(name: str) -> tuple[str, ...]:
    """압축을 푼 파일의 이름, Kaggle에서 받은 파일의 이름."""
    plain = name.removesuffix(".gz")
    dotted = plain.replace("-idx", ".idx")
    return plain, dotted, f"{dotted}.gz"


def read_idx_files(paths: Mapping[str, Path]) -> Data:
    """공식 파일 넷을 읽습니다. 사진은 `(장수, 28, 28)`, 정답은 `(장수,)`이고 모두 uint8입니다."""
    x_train, y_train, x_test, y_test = (read_idx(paths[name]) for name in IDX_NAMES)
    return (x_train, y_train), (x_test, y_test)


def read_subset(name: str) -> Data:
    """scripts/make_mosaics.py가 만든 부분집합. 클래스마다 훈련 세트 1,200장, 테스트 세트 200장입니다."""
    with np.load(EMBEDDED_FOLDER / f"{name}_labels.npz", allow_pickle=False) as labels:
        y_train, y_test = labels["train"], labels["test"]
    images = read_mosaic(EMBEDDED_FOLDER / f"{name}_images.webp", len(y_train) + len(y_test))
    return (images[: len(y_train)].copy(), y_train), (images[len(y_train) :].copy(), y_test)
