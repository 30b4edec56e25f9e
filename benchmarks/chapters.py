"""장마다 무엇을 어떻게 재는지.

장의 쪽은 노트북의 칸을 그대로 실행합니다. 노트북에서 요구하는 것은 훈련하는 칸의 `bench-train` 태그와,
아래에 적힌 변수 또는 함수의 이름뿐입니다.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks import datasets, quality
from benchmarks.datasets import Shared

Variables = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """장 하나를 재는 법.

    Attributes:
        data: 두 쪽이 함께 쓰는 데이터.
        measure: 품질의 이름.
        quality: 노트북의 변수들과 지금 훈련하는 모델을 받아 품질을 잽니다.
        tolerance: 흔한 방법의 마지막 품질에서 이만큼 모자란 데까지를 기준으로 삼습니다.
        recipe: 흔한 방법을 한 줄로.
        lower_is_better: 작을수록 좋은 품질인지.
        same_data: 노트북의 변수들이 받은 데이터와 같은 것을 가리키는지 확인합니다.
        profile: 노트북을 실행할 프로필.
        embedded_profile: dlko에 든 작은 데이터일 때의 프로필. 비어 있으면 `profile`입니다.
        skip: 훈련과 상관없어 건너뛰는 칸의 id. 그 칸의 불러오기와 함수 정의는 실행합니다.
        given: 건너뛴 칸이 만들었을 변수와, 그것을 만드는 함수.
        final_model: 훈련이 끝난 뒤 품질을 잴 모델의 변수 이름. 없으면 마지막에 훈련한 모델입니다.
        epoch_function: 한 에포크를 훈련하는 노트북의 함수. 직접 짠 훈련 루프에서 이 함수가 끝날 때마다 품질을 잽니다.
        only_call: 잴 칸에서 이 함수의 첫 호출만 재고 멈춥니다.
        change_call: 그 호출의 인수를 (인수들, 씨앗)으로부터 바꿉니다.
        every_epochs: 몇 에포크마다 품질을 잴지. 두 쪽에 똑같이 씁니다.
        checks_per_epoch: 에포크 안에서 몇 번 잴지. 두 쪽에 똑같이 씁니다.
        partial_steps: 흔한 방법이 10분을 넘으면, 한 번만 끝까지 하고 나머지는 이만큼의 스텝만 잽니다.
        partial_variants: 언제나 이만큼의 스텝만 재는 변형.
    """

    data: Callable[[], Shared]
    measure: str
    quality: Callable[[Variables, Any], float]
    tolerance: float
    recipe: str
    lower_is_better: bool = False
    same_data: Callable[[Variables, Any], bool] | None = None
    profile: str = "full"
    embedded_profile: str = ""
    skip: tuple[str, ...] = ()
    given: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    final_model: str = ""
    epoch_function: str = ""
    only_call: str = ""
    change_call: Callable[[tuple, int], tuple] | None = None
    every_epochs: int = 1
    checks_per_epoch: int = 1
    partial_steps: int = 30
    partial_variants: tuple[str, ...] = ()


def _same_labels(variables: Variables, arrays: Any) -> bool:
    return np.array_equal(variables["y_test"], arrays[1][1])


def _image_accuracy(variables: Variables, model: Any) -> float:
    return quality.accuracy(model, variables["x_test"], variables["y_test"])


def _made_clothes(variables: Variables, model: Any) -> float:
    noise = np.random.default_rng(0).standard_normal((5000, 32)).astype("float32")
    made = variables["average_generator"].predict(noise, batch_size=1000, verbose=0)
    return quality.frechet_to_test(made, variables["x_test"])


def _transfer_accuracy(variables: Variables, model: Any) -> float:
    return quality.accuracy(variables["frozen_model"], variables["x_test"], variables["y_test"])


def _same_photos(variables: Variables, arrays: Any) -> bool:
    (x_train, y_train), (x_test, _) = arrays
    rows = variables["fifty"]
    return (
        np.array_equal(variables["x_pool"][rows], x_train)
        and np.array_equal(variables["y_pool"][rows], y_train)
        and np.array_equal(variables["x_test"], x_test)
    )


def _same_reviews(variables: Variables, arrays: Any) -> bool:
    """노트북은 글을 섞으므로 차례는 보지 않습니다."""
    return all(
        sorted(variables[name]) == sorted(texts)
        for name, (texts, _) in zip(("train_texts", "test_texts"), arrays, strict=True)
    )


def _review_accuracy(variables: Variables, model: Any) -> float:
    return quality.binary_accuracy(model, variables["x_test"], variables["y_test"])


def _sequence_error(variables: Variables, model: Any) -> float:
    scaled = model.predict(variables["x_scaled"][80:], verbose=0)[:, 0]
    predicted = scaled * variables["y_std"] + variables["y_mean"]
    return float(np.mean(np.abs(predicted - variables["y"][80:])))


def _price_error(variables: Variables, model: Any) -> float:
    """예측한 수익률을 전날의 값에 얹어 달러로 되돌리고 오차를 잽니다."""
    prices = variables["prices"]
    returns = np.diff(np.log(prices))
    mean, spread = returns[:-100].mean(), returns[:-100].std()
    x, _ = variables["make_windows"]((returns - mean) / spread, variables["WIDTH"])
    predicted = model.predict(x[-100:], verbose=0)[:, 0] * spread + mean
    return quality.rmse(prices[-101:-1] * np.exp(predicted), prices[-100:])


def _restored_error(variables: Variables, model: Any) -> float:
    x_test = variables["x_test"]
    restored = variables["autoencoder"].predict(x_test, batch_size=1000, verbose=0)
    return quality.mean_squared_error(restored, x_test)


def _plane_angle(variables: Variables, model: Any) -> float:
    return quality.angle_to_pca(variables["points"], model.layers[1].kernel.numpy())


PLANS: dict[str, Plan] = {
    "cnn/digits": Plan(
        data=datasets.fashion,
        measure="테스트 정확도",
        quality=_image_accuracy,
        tolerance=0.005,
        recipe="합성곱층 셋(32, 64, 64)과 완전 연결층 둘, Adam, 배치 64, 10에포크",
        same_data=_same_labels,
        skip=("baseline-code", "untrained-code"),
        checks_per_epoch=4,
    ),
    "cnn/lenet": Plan(
        data=datasets.fashion,
        measure="테스트 정확도",
        quality=_image_accuracy,
        tolerance=0.005,
        recipe="LeNet-5, Adam, tf.data로 섞어 배치 128, 5에포크",
        same_data=_same_labels,
        skip=(
            "centering-train",
            "overfit-run",
            "overfit-curves",
            "confident-wrong",
            "patience-ours",
            "restore-check",
            "cure-train",
            "cure-plot",
            "cure-table",
            "averaging-plot",
            "centering-result",
            "prefetch-time",
            "more-data",
        ),
        given={"folder": tempfile.TemporaryDirectory},
        final_model="best",
        checks_per_epoch=4,
    ),
    "rnn/sequences": Plan(
        data=datasets.sequence,
        measure="i = 85…104의 평균 절대 오차",
        quality=_sequence_error,
        tolerance=5.0,
        recipe="LSTM 16, Adam 0.001, 평균 절대 오차, 배치 32, 500에포크",
        lower_is_better=True,
        same_data=lambda variables, arrays: (
            np.array_equal(variables["x"], arrays[0]) and np.array_equal(variables["y"], arrays[1])
        ),
        skip=(
            "recipe-train",
            "split-check",
            "ceiling-figure",
            "ceiling-epochs",
            "big-lr",
            "saturation-figure",
            "saturation-number",
            "scale-train",
            "scale-figure",
            "random-split",
            "residual-diagram",
        ),
        every_epochs=5,
    ),
    "rnn/stock": Plan(
        data=datasets.prices,
        measure="테스트 RMSE(달러)",
        quality=_price_error,
        tolerance=1.0,
        recipe="LSTM 64, 32, 16과 드롭아웃 0.2, Adam, 배치 16, 30에포크",
        lower_is_better=True,
        skip=(
            "fit",
            "pretty",
            "level-table",
            "zoom-plot",
            "lag",
            "average",
            "forecast-levels-code",
            "fake-plot",
            "fake-table",
        ),
        same_data=lambda variables, arrays: np.array_equal(variables["prices"], arrays),
    ),
    "rnn/sentiment": Plan(
        data=datasets.reviews,
        measure="테스트 정확도",
        quality=_review_accuracy,
        tolerance=0.005,
        recipe="어절 토큰, 임베딩 128, 양방향 LSTM 256과 128, Adam, 배치 256, 조기 종료(인내 5)",
        same_data=_same_reviews,
        skip=("length-histogram", "bag", "bag-weights", "bag-endings", "model-figure"),
        embedded_profile="quick",
        checks_per_epoch=4,
        partial_steps=12,
        partial_variants=("padded",),
    ),
    "autoencoder/pca": Plan(
        data=datasets.points,
        measure="PCA 평면과의 각도(도)",
        quality=_plane_angle,
        tolerance=0.5,
        recipe="완전 연결층 2와 3, SGD 0.1, 배치 32, 200에포크",
        lower_is_better=True,
        same_data=lambda variables, arrays: np.allclose(variables["points"], arrays, atol=1e-6),
        skip=("recipe", "angle-check"),
        only_call="angles_from_many_starts",
        change_call=lambda arguments, seed: (*arguments[:2], [seed]),
        every_epochs=5,
    ),
    "autoencoder/fashion": Plan(
        data=datasets.fashion,
        measure="테스트 평균 제곱 오차",
        quality=_restored_error,
        tolerance=0.0002,
        recipe="완전 연결층 784-128-64-32-64-128-784, 렐루, Adam, 이진 교차 엔트로피, 배치 256, 50에포크",
        lower_is_better=True,
        same_data=lambda variables, arrays: variables["x_test"].size == arrays[1][0].size,
        skip=("usual-train", "ablation"),
        epoch_function="train_epoch",
    ),
    "gan/first_gan": Plan(
        data=datasets.fashion,
        measure="프레셰 거리(5,000장)",
        quality=_made_clothes,
        tolerance=2.0,
        recipe="생성자 32-64-128-784와 판별자 784-128-64-1, RMSprop, 배치 128, train_on_batch로 20에포크",
        lower_is_better=True,
        same_data=lambda variables, arrays: np.array_equal(variables["x_test"], arrays[1][0]),
        skip=("train-points", "points-animation", "three-checks", "floor-points", "clothes-show"),
        profile="quick",
        epoch_function="train_images",
    ),
    "transfer/hub_flowers": Plan(
        data=datasets.few_fashion,
        measure="테스트 정확도",
        quality=_transfer_accuracy,
        tolerance=0.005,
        recipe="동결한 특성 추출기와 완전 연결층 하나, Adam, 배치 64, 30에포크. 에포크마다 사진을 특성 추출기에 다시 통과시킴",
        same_data=_same_photos,
        profile="quick",
        skip=("look", "mobilenet", "own-photo", "decode", "foreign", "keras2"),
        every_epochs=3,
    ),
}
