"""만들어 낸 사진을 평가하는 심판과 프레셰 거리."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.linalg import sqrtm

import dlko
from dlko.data.sets.mnist_format import read_subset
from dlko.judge import WEIGHTS_FILE, build_judge


@pytest.fixture(scope="module")
def fashion_test() -> tuple[np.ndarray, np.ndarray]:
    _, (images, labels) = read_subset("fashion")
    return images.astype("float32") / 255, labels


def gaussian(mean: np.ndarray, covariance: np.ndarray, count: int = 400) -> np.ndarray:
    """평균과 공분산이 꼭 그 값인 표본."""
    sample = np.random.default_rng(0).standard_normal((count, len(mean)))
    sample -= sample.mean(axis=0)
    sample = sample @ np.linalg.inv(np.linalg.cholesky(np.cov(sample, rowvar=False))).T
    return sample @ np.linalg.cholesky(covariance).T + mean


def test_distance_of_two_gaussians_computed_by_hand() -> None:
    # 축마다 따로인 정규 분포는 |m_a - m_b|² + Σ(σ_a - σ_b)²: (3² + 4²) + (1 - 2)² + (3 - 1)² = 30
    a = gaussian(np.array([0.0, 0.0]), np.diag([1.0, 9.0]))
    b = gaussian(np.array([3.0, 4.0]), np.diag([4.0, 1.0]))
    assert dlko.frechet_distance(a, b) == pytest.approx(30.0, rel=1e-9)
    assert dlko.frechet_distance(b, a) == pytest.approx(30.0, rel=1e-9)


def test_distance_with_correlated_features_equals_the_matrix_formula() -> None:
    rng = np.random.default_rng(1)
    roots = [rng.standard_normal((6, 6)) for _ in range(2)]
    first, second = (root @ root.T + 0.1 * np.eye(6) for root in roots)
    means = rng.standard_normal((2, 6))
    expected = np.sum((means[0] - means[1]) ** 2) + np.trace(first + second - 2 * sqrtm(first @ second).real)
    measured = dlko.frechet_distance(gaussian(means[0], first), gaussian(means[1], second))
    assert measured == pytest.approx(expected, rel=1e-8)


def test_distance_of_one_feature_and_of_the_same_sample() -> None:
    # 한 개의 특성: (평균의 차)² + (표준편차의 차)². 표본 [0, 2]와 [5, 9]: (1 - 7)² + (√2 - √8)² = 36 + 2
    assert dlko.frechet_distance([[0], [2]], [[5], [9]]) == pytest.approx(38.0)
    sample = np.random.default_rng(2).standard_normal((50, 64)).astype("float32")  # 장수 < 특성 수
    assert dlko.frechet_distance(sample, sample) == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("shapes", [((5, 3), (5, 4)), ((5,), (5,)), ((1, 3), (5, 3))])
def test_distance_refuses_wrong_shapes(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="모양"):
        dlko.frechet_distance(np.zeros(shapes[0]), np.zeros(shapes[1]))


def test_judge_knows_clothes_it_has_not_seen(fashion_test: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = fashion_test
    probabilities = dlko.judge_probabilities(images)
    assert probabilities.shape == (len(images), 10) and probabilities.dtype == np.float32
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert (probabilities.argmax(axis=1) == labels).mean() > 0.89


def test_features_and_their_distances_are_in_order(fashion_test: tuple[np.ndarray, np.ndarray]) -> None:
    images, labels = fashion_test
    features = dlko.judge_features(images)
    assert features.shape == (len(images), 64) and features.dtype == np.float32
    assert np.allclose(features[:3], dlko.judge_features(images[:3, ..., np.newaxis]), atol=1e-4)
    real = dlko.frechet_distance(features[::2], features[1::2])
    # 클래스 하나가 통째로 없거나, 잡음이 섞이거나, 순 난수이면 차례로 멀어져야 합니다.
    missing = dlko.frechet_distance(features[::2], features[labels != 8])
    rng = np.random.default_rng(0)
    noisy_images = np.clip(images + rng.normal(0, 0.2, images.shape), 0, 1)
    noisy = dlko.frechet_distance(features, dlko.judge_features(noisy_images))
    noise = dlko.frechet_distance(features, dlko.judge_features(rng.random((1000, 28, 28))))
    assert real < missing < noisy < noise


def test_judge_refuses_images_of_the_wrong_kind() -> None:
    with pytest.raises(ValueError, match="0에서 1"):
        dlko.judge_features(np.full((2, 28, 28), 255, dtype="uint8"))
    with pytest.raises(ValueError, match="0에서 1"):
        dlko.judge_features(np.full((2, 28, 28), np.nan))
    with pytest.raises(ValueError, match="모양"):
        dlko.judge_features(np.zeros((2, 784)))
    assert dlko.judge_features(np.zeros((0, 28, 28))).shape == (0, 64)


def test_judging_uses_no_random_numbers_and_no_other_precision() -> None:
    # 심판을 부른 것만으로 노트북의 난수 차례나 정밀도가 달라지면 안 됩니다. 처음 부를 때를 보려고 새로 시작합니다.
    code = """
import dlko, keras, numpy as np
keras.utils.set_random_seed(7)
keras.config.set_dtype_policy("mixed_bfloat16")
features = dlko.judge_features(np.full((2, 28, 28), 0.5))
assert keras.config.dtype_policy().name == "mixed_bfloat16" and features.dtype == np.float32
drawn = np.asarray(keras.random.normal((3,), dtype="float32")), np.random.rand(3)
keras.utils.set_random_seed(7)
again = np.asarray(keras.random.normal((3,), dtype="float32")), np.random.rand(3)
assert all(np.array_equal(a, b) for a, b in zip(drawn, again))
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_weights_are_small_numbers_only() -> None:
    assert WEIGHTS_FILE.stat().st_size < 400_000
    with np.load(WEIGHTS_FILE, allow_pickle=False) as saved:
        arrays = [saved[name] for name in saved.files]
    assert all(array.dtype == np.float16 and np.isfinite(array).all() for array in arrays)
    assert sum(array.size for array in arrays) == build_judge().count_params()
