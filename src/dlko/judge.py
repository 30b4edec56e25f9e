"""만들어 낸 옷 사진을 평가하는 심판: Fashion-MNIST로 미리 훈련해 둔 작은 분류기와 프레셰 거리.

심판은 `scripts/train_fashion_judge.py`가 공식 Fashion-MNIST의 훈련 세트로 훈련합니다. 가중치는
`models/fashion_judge.npz`에 있고, 모델은 여기 코드로 다시 만들어 Keras의 어느 버전에서도 같은 값을 냅니다.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

WEIGHTS_FILE = Path(__file__).parent / "models" / "fashion_judge.npz"
FEATURES = 64
BATCH = 500


def build_judge(dropout: float = 0.0, initializer: Any = "zeros") -> "keras.Model":
    """심판의 신경망. 입력 `(N, 28, 28, 1)`, 출력은 특성 `(N, 64)`와 클래스 점수 `(N, 10)`입니다.

    Args:
        dropout: 특성 앞뒤의 드롭아웃 비율. 훈련할 때만 씁니다.
        initializer: 가중치의 처음 값. 저장해 둔 값을 넣을 때는 0으로 두어 난수를 쓰지 않습니다.
    """
    import keras

    layers = keras.layers
    options: dict[str, Any] = {"activation": "relu", "kernel_initializer": initializer}
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(32, 5, strides=2, padding="same", **options)(inputs)
    x = layers.Conv2D(64, 3, padding="same", **options)(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(64, 3, padding="same", **options)(x)
    x = layers.MaxPooling2D(padding="same")(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    features = layers.Dense(FEATURES, name="features", **options)(x)
    x = layers.Dropout(dropout)(features)
    scores = layers.Dense(10, name="scores", kernel_initializer=initializer)(x)
    return keras.Model(inputs, [features, scores], name="fashion_judge")


def judge_features(images: Any) -> np.ndarray:
    """심판이 사진에서 뽑은 특성. 마지막 층 바로 앞 64개의 값입니다.

    Args:
        images: 0에서 1까지의 실수 사진. 모양 `(N, 28, 28)` 또는 `(N, 28, 28, 1)`.

    Returns:
        모양 `(N, 64)`, float32.

    Raises:
        ValueError: 모양이 다르거나 값이 0과 1을 벗어날 때.
    """
    return _judge(images)[0]


def judge_probabilities(images: Any) -> np.ndarray:
    """심판이 매긴 클래스의 확률. 클래스의 차례는 `dlko.CLASS_NAMES["fashion"]`과 같습니다.

    Args:
        images: `judge_features`와 같습니다.

    Returns:
        모양 `(N, 10)`, float32. 한 줄의 합은 1입니다.

    Raises:
        ValueError: 모양이 다르거나 값이 0과 1을 벗어날 때.
    """
    scores = _judge(images)[1]
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def frechet_distance(features_a: Any, features_b: Any) -> float:
    r"""두 무리의 특성 사이의 프레셰 거리 (Heusel 외, 2017, "GANs Trained by a Two Time-Scale Update Rule …").

    두 무리를 각각 정규 분포로 보고 평균 `m`과 공분산 `C`로 계산합니다. 0이면 평균과 공분산이 같습니다.

        |m_a - m_b|² + tr(C_a + C_b - 2 (C_a C_b)^(1/2))

    사진의 수가 적을수록 값이 커지므로, 비교할 때는 같은 장수로 잽니다.

    Args:
        features_a: 모양 `(N, D)`인 특성. N은 2 이상.
        features_b: 모양 `(M, D)`인 특성. M은 2 이상.

    Returns:
        거리의 제곱꼴인 값 하나(관례대로 제곱근을 씌우지 않습니다). float64로 계산합니다.

    Raises:
        ValueError: 모양이 맞지 않을 때.
    """
    a, b = (np.asarray(features, dtype=np.float64) for features in (features_a, features_b))
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(len(a), len(b)) < 2:
        raise ValueError(f"특성은 (N, D)와 (M, D) 모양이어야 합니다. 받은 모양: {a.shape}, {b.shape}")
    covariance_a, covariance_b = (np.atleast_2d(np.cov(features, rowvar=False)) for features in (a, b))
    # C_a C_b의 고윳값은 대칭 행렬 R C_b R (R은 C_a의 제곱근)의 고윳값과 같습니다. 대칭이면 계산이 안정됩니다.
    values, vectors = np.linalg.eigh(covariance_a)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    eigenvalues = np.linalg.eigvalsh(root @ covariance_b @ root)
    trace_of_root = np.sqrt(np.clip(eigenvalues, 0, None)).sum()
    difference = a.mean(axis=0) - b.mean(axis=0)
    distance = difference @ difference + np.trace(covariance_a) + np.trace(covariance_b) - 2 * trace_of_root
    return float(max(distance, 0.0))


@cache
def _load_judge() -> "keras.Model":
    """저장해 둔 가중치를 넣은 심판. 한 번만 만듭니다."""
    import keras

    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")  # 어떤 정밀도로 훈련하는 장에서도 심판은 같습니다.
    try:
        model = build_judge()
    finally:
        keras.config.set_dtype_policy(policy)
    with np.load(WEIGHTS_FILE, allow_pickle=False) as saved:
        model.set_weights([saved[f"w{i}"].astype(np.float32) for i in range(len(saved.files))])
    return model


def _judge(images: Any) -> tuple[np.ndarray, np.ndarray]:
    images = np.asarray(images, dtype=np.float32)
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.shape[1:] != (28, 28):
        raise ValueError(
            f"사진은 (N, 28, 28) 또는 (N, 28, 28, 1) 모양이어야 합니다. 받은 모양: {images.shape}"
        )
    if not len(images):
        return np.empty((0, FEATURES), np.float32), np.empty((0, 10), np.float32)
    low, high = float(images.min()), float(images.max())
    if not (low >= -1e-3 and high <= 1 + 1e-3):
        raise ValueError(f"사진의 값은 0에서 1까지여야 합니다. 받은 값: {low:.3f}에서 {high:.3f}")
    features, scores = _load_judge().predict(images[..., np.newaxis], batch_size=BATCH, verbose=0)
    return np.asarray(features), np.asarray(scores)
