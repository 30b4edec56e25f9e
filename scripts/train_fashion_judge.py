"""만들어 낸 옷 사진을 평가하는 심판(작은 분류기)을 공식 Fashion-MNIST로 훈련합니다.

    python scripts/train_fashion_judge.py

훈련 세트 60,000장으로만 훈련하고, 테스트 세트 10,000장은 마지막에 정확도와 프레셰 거리의 잡음 바닥(진짜끼리 잰
거리)을 알리는 데에만 씁니다. 가중치는 반정밀도(float16)로 src/dlko/models/fashion_judge.npz에 저장합니다.
코어 둘인 컴퓨터에서 몇 분 걸립니다.
"""

import argparse
import hashlib
import os
import time

os.environ["DLKO_DATA"] = "official"

import dlko  # isort: skip  (dlko가 keras보다 먼저입니다)
import keras
import numpy as np

from dlko import judge

EPOCHS, BATCH, SAMPLES = 16, 256, 5_000


def shifted(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """사진마다 상하좌우로 많아야 두 칸 옮깁니다. 자리가 조금 달라져도 같은 특성을 내도록 하려는 것입니다."""
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (28, 28), axis=(1, 2))
    down, right = rng.integers(0, 5, (2, len(images)))
    return windows[np.arange(len(images)), down, right].transpose(0, 2, 3, 1)


def train(x_train: np.ndarray, y_train: np.ndarray, epochs: int) -> keras.Model:
    model = judge.build_judge(dropout=0.3, initializer="glorot_uniform")
    trainer = keras.Model(model.input, model.output[1])
    steps = epochs * -(-len(x_train) // BATCH)
    trainer.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(2e-3, steps), weight_decay=1e-3
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    rng = np.random.default_rng(0)
    start = time.perf_counter()
    for epoch in range(epochs):
        # 마지막 네 에포크는 옮기지 않은 사진으로 마무리합니다.
        images = x_train if epoch >= epochs - 4 else shifted(x_train, rng)
        logs = trainer.fit(images, y_train, batch_size=BATCH, verbose=0).history
        print(
            f"에포크 {epoch + 1:2d}/{epochs}  손실 {logs['loss'][0]:.4f}  정확도 {logs['accuracy'][0]:.4f}  "
            f"{time.perf_counter() - start:.0f}초",
            flush=True,
        )
    return model


def save(model: keras.Model) -> None:
    judge.WEIGHTS_FILE.parent.mkdir(parents=True, exist_ok=True)
    weights = {f"w{i}": value.astype(np.float16) for i, value in enumerate(model.get_weights())}
    np.savez_compressed(judge.WEIGHTS_FILE, **weights)
    digest = hashlib.sha256(judge.WEIGHTS_FILE.read_bytes()).hexdigest()
    print(f"{judge.WEIGHTS_FILE.name}  {judge.WEIGHTS_FILE.stat().st_size:,}바이트  SHA-256 {digest}")


def report(x_train: np.ndarray, x_test: np.ndarray, y_test: np.ndarray) -> None:
    """저장한 가중치로 다시 읽어, 배우지 않은 사진에서 잰 값만 알립니다."""
    accuracy = (dlko.judge_probabilities(x_test).argmax(axis=1) == y_test).mean()
    print(f"테스트 정확도 {accuracy:.4f} (테스트 세트 {len(x_test):,}장)")
    rng = np.random.default_rng(0)
    train_features, test_features = dlko.judge_features(x_train), dlko.judge_features(x_test)
    inside, across = [], []
    for _ in range(5):
        order = rng.permutation(len(test_features))
        inside.append(dlko.frechet_distance(test_features[order[:SAMPLES]], test_features[order[SAMPLES:]]))
        chosen = rng.permutation(len(train_features))[:SAMPLES]
        across.append(dlko.frechet_distance(train_features[chosen], test_features[order[:SAMPLES]]))
    for name, values in [("테스트 세트의 반과 반", inside), ("훈련 세트와 테스트 세트", across)]:
        print(
            f"프레셰 거리의 잡음 바닥, {name} ({SAMPLES:,}장씩, 다섯 번): "
            f"평균 {np.mean(values):.4f}, {min(values):.4f}–{max(values):.4f}"
        )
    noise = rng.random((SAMPLES, 28, 28), dtype=np.float32)
    print(
        f"견줄 값: 픽셀마다 난수인 사진 {dlko.frechet_distance(test_features, dlko.judge_features(noise)):.1f}, "
        f"진짜 한 장만 되풀이 {dlko.frechet_distance(test_features, test_features[[0] * SAMPLES]):.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Fashion-MNIST 심판 훈련")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument(
        "--bfloat16", action="store_true", help="bfloat16을 빨리 계산하는 CPU에서 훈련을 앞당깁니다."
    )
    parser.add_argument("--report-only", action="store_true", help="훈련하지 않고 저장된 심판을 다시 잽니다.")
    arguments = parser.parse_args()
    (x_train, y_train), (x_test, y_test) = dlko.load_data("fashion")
    x_train, x_test = (images[..., np.newaxis].astype("float32") / 255 for images in (x_train, x_test))
    if not arguments.report_only:
        keras.utils.set_random_seed(0)
        if arguments.bfloat16:
            keras.mixed_precision.set_global_policy("mixed_bfloat16")
        model = train(x_train, y_train, arguments.epochs)
        keras.mixed_precision.set_global_policy("float32")
        save(model)
    report(x_train, x_test, y_test)


if __name__ == "__main__":
    main()
