"""품질을 재는 함수들. 두 쪽을 같은 함수로 잽니다."""

from typing import Any

import numpy as np


def accuracy(model: Any, x: np.ndarray, y: np.ndarray) -> float:
    """여러 클래스의 정확도. 모델은 클래스마다 숫자 하나를 냅니다."""
    return float(np.mean(model.predict(x, batch_size=1000, verbose=0).argmax(axis=1) == y))


def binary_accuracy(model: Any, x: np.ndarray, y: np.ndarray) -> float:
    """긍정일 확률 하나를 내는 모델의 정확도."""
    return float(np.mean((model.predict(x, batch_size=256, verbose=0)[:, 0] > 0.5) == y))


def rmse(predicted: np.ndarray, actual: np.ndarray) -> float:
    return float(np.sqrt(np.mean((np.asarray(predicted, "float64") - actual) ** 2)))


def mean_squared_error(predicted: np.ndarray, actual: np.ndarray) -> float:
    return float(np.mean((np.asarray(predicted, "float64") - actual) ** 2))


def angle_to_pca(points: np.ndarray, decoder: np.ndarray) -> float:
    """오토인코더가 되돌린 점들이 놓이는 평면과 PCA 평면의 각도(도)."""
    _, _, directions = np.linalg.svd(points.astype("float64"), full_matrices=False)
    normal = np.cross(*decoder.astype("float64"))
    cosine = abs(normal @ directions[2]) / np.linalg.norm(normal)
    return float(np.degrees(np.arccos(min(1.0, cosine))))


def frechet_to_test(images: np.ndarray, x_test: np.ndarray) -> float:
    """만든 사진과 테스트 사진의 앞 5,000장이 판정용 분류기의 특성 공간에서 얼마나 다른지."""
    import dlko

    made = images[:5000].reshape(-1, 28, 28).astype("float32")
    real = x_test[:5000].reshape(-1, 28, 28).astype("float32") / 255
    return dlko.frechet_distance(dlko.judge_features(made), dlko.judge_features(real))
