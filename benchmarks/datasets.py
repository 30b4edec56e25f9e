"""두 쪽이 함께 쓰는 데이터. 훈련하는 쪽이 고르는 것은 없습니다."""

from dataclasses import dataclass
from typing import Any

import numpy as np

import dlko
from dlko.provenance import content_hash


@dataclass(frozen=True)
class Shared:
    """데이터와 출처.

    Attributes:
        title: 무엇이 몇 개인지.
        source: `dlko.data_source`가 돌려주는 것.
        sha256: 내용의 해시.
        arrays: 흔한 방법이 받는 데이터.
        loaded: 노트북의 `dlko.load_data`가 돌려줄 것. None이면 `arrays`입니다.
    """

    title: str
    source: str
    sha256: str
    arrays: Any
    loaded: Any = None


def _images(name: str, title: str) -> Shared:
    (x_train, y_train), (x_test, y_test) = dlko.load_data(name)
    source = dlko.data_source(name)
    part = "전체" if source == "official" else "부분집합"
    text = f"{title} {part}: 훈련 {len(x_train):,}장, 테스트 {len(x_test):,}장"
    digest = content_hash(x_train, y_train, x_test, y_test)
    return Shared(text, source, digest, ((x_train, y_train), (x_test, y_test)))


def fashion() -> Shared:
    """Fashion-MNIST. 공식 파일이 있으면 60,000장과 10,000장, 없으면 dlko에 든 부분집합."""
    return _images("fashion", "Fashion-MNIST")


def few_fashion() -> Shared:
    """전이 학습의 작은 데이터: 훈련 세트는 클래스마다 50장, 테스트 세트는 클래스마다 100장. RGB로 바꾼 0…1 사진입니다.

    클래스마다 앞의 100장에서 50장을 고정된 씨앗으로 뽑습니다.
    """
    whole = fashion()
    (x_train, y_train), (x_test, y_test) = whole.arrays
    rng = np.random.default_rng(0)
    rows = [rng.choice(np.arange(100) + 100 * k, 50, replace=False) for k in range(10)]
    pool = np.concatenate([np.flatnonzero(y_train == k)[:100] for k in range(10)])[np.concatenate(rows)]
    held_out = np.concatenate([np.flatnonzero(y_test == k)[:100] for k in range(10)])

    def rgb(images: np.ndarray) -> np.ndarray:
        return np.repeat(images[..., np.newaxis], 3, axis=-1).astype("float32") / 255

    arrays = (
        (rgb(x_train[pool]), y_train[pool].astype("int64")),
        (rgb(x_test[held_out]), y_test[held_out].astype("int64")),
    )
    digest = content_hash(*arrays[0], *arrays[1])
    return Shared("Fashion-MNIST에서 훈련 500장, 테스트 1,000장", whole.source, digest, arrays, whole.arrays)


def reviews() -> Shared:
    """영화평. DLKO_DATA_DIR에 가져온 표가 있으면 그것을, 없으면 `dlko.load_data`가 고른 것을 씁니다."""
    (train, y_train), (test, y_test) = dlko.load_data("reviews")
    source = dlko.data_source("reviews")
    kind = {"embedded": "지어낸 한국어 영화평", "official": "NSMC 전체", "user": "NSMC에서 고른 영화평"}[
        source
    ]
    text = f"{kind}: 훈련 {len(train):,}개, 테스트 {len(test):,}개"
    digest = content_hash(train, y_train, test, y_test)
    return Shared(text, source, digest, ((train, y_train), (test, y_test)))


def sequence() -> Shared:
    """i = 5…104에 대해 다섯 수 (i−5, …, i−1)과 정답 2i."""
    i = np.arange(5, 105)
    x = np.stack([i - 5, i - 4, i - 3, i - 2, i - 1], axis=1).astype("float32")[..., np.newaxis]
    y = (2 * i).astype("float32")
    return Shared("수열 100줄", "embedded", content_hash(x, y), (x, y))


def prices() -> Shared:
    """구글의 일별 종가(Matplotlib의 예제 goog.npz)."""
    from matplotlib.cbook import get_sample_data

    with np.load(get_sample_data("goog.npz", asfileobj=False)) as file:
        close = file["price_data"]["close"].astype("float64")
    return Shared(f"GOOG 일별 종가 {len(close):,}일", "embedded", content_hash(close), close)


def points() -> Shared:
    """비스듬한 평면 가까이에 흩어진 3차원 점 100개."""
    rng = np.random.default_rng(42)
    angles = rng.random(100) * 3 * np.pi / 2 - 0.5
    x = np.cos(angles) + np.sin(angles) / 2 + 0.1 * rng.standard_normal(100) / 2
    y = np.sin(angles) * 0.7 + 0.1 * rng.standard_normal(100) / 2
    z = 0.1 * x + 0.3 * y + 0.1 * rng.standard_normal(100)
    cloud = np.stack([x, y, z], axis=1)
    cloud = (cloud - cloud.mean(axis=0)).astype("float32")
    return Shared("3차원 점 100개", "embedded", content_hash(cloud), cloud)
