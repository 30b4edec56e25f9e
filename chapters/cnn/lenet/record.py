"""픽셀을 맞추는 네 가지 방법과 과적합을 줄이는 약을, 난수를 바꾸어 가며 견준 것.

공식 Fashion-MNIST에서 장의 짧은 실행과 같은 장수를 씁니다. 학습률과 에포크는 검증 세트로만 고르고, 점수는 테스트 세트로
잽니다. 약은 검증 손실이 바닥을 지나 한참 오를 때까지 훈련합니다.
"""

import itertools

from course.kernel import rounded

ENVIRONMENT = {
    "DLKO_DATA": "official", "DLKO_PROFILE": "quick", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
}  # fmt: skip
CELLS = (
    "setup", "load", "split", "make-dataset", "centering-code", "build-code", "centering-train", "overfit-train",
)  # fmt: skip

WAYS = ("0에서 1까지 그대로", "평균만 빼기", "표준편차로 나누기만", "빼고 나누기")
WAY_SEEDS, RATES, MAIN_RATE = range(1, 7), (0.002, 0.004, 0.008), 0.004
LONGER = 3  # 에포크
CURES = {
    "그대로": {},
    "드롭아웃": {"dropout": 0.5},
    "뒤집기": {"flip": True},
    "드롭아웃과 뒤집기": {"dropout": 0.5, "flip": True},
}
CURE_SEEDS, CURE_EPOCHS = range(1, 6), 100
PIECES = tuple(itertools.chain(WAYS, CURES))


def measure(v, piece):
    return rounded(way(v, piece) if piece in WAYS else cure(v, **CURES[piece]))


def scores(v, model):
    """검증 손실, 테스트 손실과 정확도."""
    val = model.evaluate(v["val_data"], verbose=0)[0]
    loss, accuracy = model.evaluate(v["x_test"], v["y_test"], batch_size=1000, verbose=0)
    return {"val_loss": val, "loss": loss, "accuracy": accuracy}


def way(v, name):
    """한 에포크만 훈련한 점수를 학습률마다, 그리고 조금 더 훈련한 점수."""
    plans = [(rate, 1) for rate in RATES] + [(MAIN_RATE, LONGER)]
    return [
        {
            "rate": rate,
            "epochs": epochs,
            "runs": [scores(v, v["train_way"](name, s, rate, epochs)) for s in WAY_SEEDS],
        }
        for rate, epochs in plans
    ]


def cure(v, dropout=0.0, flip=False):
    """약 하나로 오래 훈련한 곡선과, 검증 손실이 가장 낮던 때와 마지막의 테스트 점수."""
    keras = v["keras"]
    v["small_epochs"] = CURE_EPOCHS

    class Best(keras.callbacks.Callback):
        lowest, weights = float("inf"), None

        def on_epoch_end(self, epoch, logs):
            if logs["val_loss"] < self.lowest:
                self.lowest, self.weights = logs["val_loss"], self.model.get_weights()

    runs = []
    for seed in CURE_SEEDS:
        keras.utils.set_random_seed(seed)
        augment = (keras.layers.RandomFlip("horizontal"),) if flip else ()
        model, best = v["build_lenet"](augment, dropout), Best()
        history = v["train_small"](model, (best,))
        last = scores(v, model)
        model.set_weights(best.weights)
        curves = {key: history[key] for key in ("accuracy", "val_loss", "val_accuracy")}
        runs.append({"curves": curves, "best": scores(v, model), "last": last})
    return runs


def summarize(v, pieces):
    return {
        "data": {"title": "Fashion-MNIST 공식 데이터", "train": len(v["x_train"]), "test": len(v["x_test"])},
        "ways": {name: pieces[name] for name in WAYS},
        "main_rate": MAIN_RATE,
        "cures": {name: pieces[name] for name in CURES},
        "small": len(v["small_x"]),
    }
