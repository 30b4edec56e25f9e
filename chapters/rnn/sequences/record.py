"""장의 '표준화'와 '잔차 방식'이 흔한 방법에서 바꾼 것을 하나씩 바꾸어, 난수를 달리해 더 줄지 않을 때까지 훈련합니다.

데이터는 노트북의 수열입니다. 한 코어에서 6분쯤 걸립니다.
"""

import numpy as np

from course.kernel import rounded

ENVIRONMENT = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
CELLS = ("setup", "data", "recipe-model", "residual-model")
TRAIN, OUTSIDE = slice(0, 80), slice(80, 100)
SEEDS, CHECKS = range(3), 4
USUAL = {"rate": 0.001, "cosine": False, "loss": "mae", "batch": 32}
OURS = {"rate": 0.03, "cosine": True, "loss": "mse", "batch": 16}
# 이름 → (모델, 표준화하는 것, 훈련하는 법, 에포크). 아래로 갈수록 하나씩 더 바꿉니다.
ROWS = {
    "흔한 방법": ("plain_lstm", "", USUAL, 8_000),
    "입력만 표준화": ("plain_lstm", "x", USUAL, 8_000),
    "정답만 표준화": ("plain_lstm", "y", USUAL, 4_000),
    "둘 다 표준화": ("plain_lstm", "xy", USUAL, 4_000),
    "+ 학습률 0.03": ("plain_lstm", "xy", USUAL | {"rate": 0.03}, 1_000),
    "+ 코사인": ("plain_lstm", "xy", USUAL | {"rate": 0.03, "cosine": True}, 1_000),
    "+ 평균 제곱 오차": ("plain_lstm", "xy", OURS | {"batch": 32}, 1_000),
    "+ 배치 16": ("plain_lstm", "xy", OURS, 1_000),
    "구조도 잔차 방식": ("residual_lstm", "xy", OURS, 1_000),
    "구조만 잔차 방식": ("residual_lstm", "xy", USUAL, 4_000),
}
PIECES = [f"{name}/{seed}" for name in ROWS for seed in SEEDS]


def measure(v, piece):
    """훈련의 4분의 1마다 훈련 구간과 바깥 구간의 평균 절대 오차."""
    import keras
    import tensorflow as tf

    name, _, seed = piece.partition("/")
    build, scaled, how, epochs = ROWS[name]
    x, y = v["x"], v["y"]
    inputs = (x - x[TRAIN].mean()) / x[TRAIN].std() if "x" in scaled else x
    shift, size = (y[TRAIN].mean(), y[TRAIN].std()) if "y" in scaled else (0.0, 1.0)
    targets = (y - shift) / size
    keras.utils.set_random_seed(int(seed))
    model = v[build]()
    steps = int(np.ceil(80 / how["batch"]))
    part = epochs * steps // CHECKS
    schedule = keras.optimizers.schedules.CosineDecay(how["rate"], part * CHECKS)
    rate = schedule if how["cosine"] else how["rate"]
    model.compile(keras.optimizers.Adam(rate), loss=how["loss"], steps_per_execution=50)
    assert part % 50 == 0
    # fit이 배열을 나누는 것과 같은 배치입니다. 끊기지 않게 이어, 에포크마다 드는 준비 시간을 아낍니다.
    rows = tf.data.Dataset.from_tensor_slices((inputs[TRAIN], targets[TRAIN])).cache()
    batches = rows.shuffle(80, seed=int(seed)).batch(how["batch"]).repeat()
    errors = []

    def note(*_):
        guess = model.predict_on_batch(inputs)[:, 0] * size + shift
        miss = np.abs(guess - y)
        errors.append([miss[TRAIN].mean(), miss[OUTSIDE].mean()])

    noting = keras.callbacks.LambdaCallback(on_epoch_end=note)
    model.fit(batches, epochs=CHECKS, steps_per_epoch=part, shuffle=False, verbose=0, callbacks=[noting])
    about = {"name": name, "seed": int(seed), "epochs": epochs, "parameters": model.count_params()}
    return rounded(about | {"errors": errors})


def summarize(v, pieces):
    return {"results": list(pieces.values())}
