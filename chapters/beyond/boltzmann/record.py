"""출발점을 바꾸어 가며 잰 로그 가능도와 만든 숫자, 압축, 사전 학습의 몫.

노트북의 함수로 훈련하고 잽니다. 학습률은 훈련 세트에서 따로 떼어 둔 1,000장의 정확도로 고르고, 테스트 세트는
고른 다음에 잰 값만 적습니다. 견주는 쪽은 모두 손실이 평평해질 때까지 훈련합니다.
"""

from course.kernel import rounded

CELLS = (
    "setup", "conditional-code", "likelihood-code", "train-code", "small-load", "load", "stack", "dream",
    "nearest", "network", "fit",
)  # fmt: skip
STARTS = 5
SMALL_EPOCHS = 320  # 노트북보다 조금 길게
DBN_EPOCHS = 8
STEPS = 400  # 100장을 모두 넣는 스텝의 수
RATES = {"SGD": (0.1, 0.03), "Adam": (3e-3, 1e-3)}
ACTIVATIONS = {"시그모이드": "sigmoid", "ReLU": "relu", "SiLU": "silu"}
AE_EPOCHS = 12
DEEP, DEEP_EPOCHS = (256, 128, 128, 128, 128), 12
PIECES = {
    **{f"로그 가능도 {seed}": ("likelihood", seed) for seed in range(STARTS)},
    **{f"쌓기 {seed}": ("dbn", seed) for seed in range(STARTS)},
    **{f"깊은 신경망 {seed}": ("deep", seed) for seed in range(3)},
    "scikit-learn의 예제": ("example", 0),
}


def measure(v, piece):
    import keras
    import numpy as np
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")  # 모델을 잇달아 만들면 '다시 추적한다'는 말이 나옵니다.
    kind, seed = PIECES[piece]
    v["random"] = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    work = {"likelihood": likelihood, "dbn": deep_belief, "deep": deep_networks, "example": example}
    return rounded({"kind": kind, "seed": seed} | work[kind](v, seed))


# --- 로그 가능도 ----------------------------------------------------------------------------------------------------


def likelihood(v, seed):
    """노트북의 세 방법으로 훈련하며 잰 테스트 로그 가능도와 재구성 오차."""
    kinds = {"CD-1": (False, False), "PCD": (True, False), "PCD, 학습률 줄이기": (True, True)}
    found = {}
    for name, kind in kinds.items():
        _, log = v["follow"](*kind, SMALL_EPOCHS, checks=16)
        found[name] = {"likelihood": list(log["로그 가능도"]), "error": list(log["재구성 오차"])}
    return {"curves": found}


# --- 쌓기: 만들기, 줄이기, 라벨 100개 --------------------------------------------------------------------------------


def deep_belief(v, seed):
    """CD-1과 PCD로 쌓아 숫자를 만들고, PCD로 쌓은 것으로 64개로 줄이기와 라벨 100개를 잽니다."""
    x_train = v["x_train"]
    stacks = {"CD-1": v["stack"](x_train, [256, 64], DBN_EPOCHS, persistent=False)}
    stacks["PCD"] = dbn = v["stack"](x_train, [256, 64], DBN_EPOCHS)
    dreams = {name: v["judge"](made, v["dream_up"](made, 200, 500)) for name, made in stacks.items()}
    keys = {"재구성 오차": "error", "가장 많은 숫자의 몫": "share", "나온 숫자의 가짓수": "kinds"}
    dreams = {name: {keys[key]: float(value) for key, value in row.items()} for name, row in dreams.items()}
    modern, curve = autoencoder(v)
    errors = baselines(v, dbn) | {"오토인코더(SiLU), 처음부터": curve}
    return {"dreams": dreams, "errors": errors, "labels": few_labels(v, dbn, modern, seed)}


def squared(x, back):
    return float(((x - back) ** 2).mean())


def baselines(v, dbn):
    """784 → 64 → 784의 테스트 오차. 훈련하는 것과 꼴을 맞추어 목록으로 적습니다."""
    import numpy as np
    from sklearn.decomposition import PCA

    x_train, x_test = v["x_train"], v["x_test"]
    pca = PCA(64, svd_solver="covariance_eigh").fit(x_train)
    linear = np.clip(pca.inverse_transform(pca.transform(x_test)), 0, 1)
    alone = v["down"](dbn, v["up"](dbn, x_test))
    return {"PCA": [squared(x_test, linear)], "쌓기만 한 DBN": [squared(x_test, alone)]}


def autoencoder(v):
    """SiLU 오토인코더와, 에포크마다의 테스트 오차."""
    keras, layers, x_train, x_test = v["keras"], v["layers"], v["x_train"], v["x_test"]
    shape = ((256, "silu"), (64, "linear"), (256, "silu"), (784, "sigmoid"))
    model = keras.Sequential([keras.Input((784,)), *(layers.Dense(w, activation=a) for w, a in shape)])
    rate = keras.optimizers.schedules.CosineDecay(3e-3, AE_EPOCHS * (len(x_train) // 100))
    model.compile(keras.optimizers.Adam(rate), "mse", steps_per_execution=24, jit_compile=False)
    history = model.fit(
        x_train,
        x_train,
        batch_size=100,
        epochs=AE_EPOCHS,
        validation_data=(x_test, x_test),
        validation_batch_size=1000,
        verbose=0,
    )
    return model, history.history["val_loss"]


def few_labels(v, dbn, encoder, seed):
    """라벨 100개로 훈련한 분류기들. 학습률마다, 고르는 데 쓸 검증 정확도와 테스트 정확도를 적습니다."""
    import numpy as np

    rows = v["pick_labels"](seed)
    others = np.setdiff1d(np.arange(len(v["x_train"])), rows)
    held = np.random.default_rng(seed).choice(others, 1000, replace=False)
    parts = {"valid": (v["x_train"][held], v["y_train"][held]), "test": (v["x_test"], v["y_test"])}
    coded = [(W, None, c) for W, c in (layer.get_weights() for layer in encoder.layers[:2])]
    starts = {"처음부터": (), "DBN에서": dbn, "오토인코더에서": coded}
    plans = [
        ("시그모이드", "SGD", "처음부터"),
        ("시그모이드", "SGD", "DBN에서"),
        ("ReLU", "Adam", "처음부터"),
        ("ReLU", "Adam", "DBN에서"),
        ("SiLU", "Adam", "처음부터"),
        ("SiLU", "Adam", "오토인코더에서"),
    ]
    found = []
    for activation, optimizer, start in plans:
        for rate in RATES[optimizer]:
            model = v["network"](ACTIVATIONS[activation], starts[start])
            v["fit"](model, optimizer_of(v, optimizer, rate), rows, STEPS)
            scores = {part: float(v["accuracy"](model, *data)) for part, data in parts.items()}
            found.append({"name": f"{activation}와 {optimizer}, {start}", "rate": rate} | scores)
    return found + plain_models(v, dbn, rows, parts)


def optimizer_of(v, name, rate):
    optimizers = v["keras"].optimizers
    return optimizers.SGD(rate, momentum=0.9) if name == "SGD" else optimizers.Adam(rate)


def plain_models(v, dbn, rows, parts):
    """은닉층이 없는 모델들: 픽셀과, 첫 벽돌의 특성."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    x, y = v["x_train"][rows], v["y_train"][rows]
    plans = {
        "1-최근접 이웃, 픽셀": (KNeighborsClassifier(1), ()),
        "로지스틱 회귀, 픽셀": (LogisticRegression(max_iter=5000), ()),
        "로지스틱 회귀, 첫 벽돌의 특성": (LogisticRegression(max_iter=5000), dbn[:1]),
    }
    found = []
    for name, (model, bricks) in plans.items():
        model.fit(v["up"](bricks, x), y)
        scores = {part: model.score(v["up"](bricks, seen), truth) for part, (seen, truth) in parts.items()}
        found.append({"name": name, "rate": 0} | scores)
    return found


# --- 정답이 모두 있을 때: 은닉층 다섯 ---------------------------------------------------------------------------------


def deep_networks(v, seed):
    """은닉층 다섯인 신경망을 정답 12,000개로 훈련한, 에포크마다의 테스트 정확도."""
    dbn = v["stack"](v["x_train"], list(DEEP), 6)
    plans = {
        "시그모이드와 SGD, 처음부터": ("sigmoid", "SGD", ()),
        "시그모이드와 SGD, DBN에서": ("sigmoid", "SGD", dbn),
        "시그모이드와 Adam, 처음부터": ("sigmoid", "Adam", ()),
        "ReLU와 Adam, 처음부터": ("relu", "Adam", ()),
    }
    return {"deep": {name: deep_curve(v, *plan) for name, plan in plans.items()}}


def deep_curve(v, activation, optimizer, dbn):
    keras, layers = v["keras"], v["layers"]
    hidden = (layers.Dense(width, activation=activation) for width in DEEP)
    model = keras.Sequential([keras.Input((784,)), *hidden, layers.Dense(10)])
    for layer, (W, _, c) in zip(model.layers, dbn, strict=False):
        layer.set_weights([W, c])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    chosen = optimizer_of(v, optimizer, 0.1 if optimizer == "SGD" else 1e-3)
    model.compile(chosen, loss, metrics=["accuracy"], steps_per_execution=40, jit_compile=False)
    test = (v["x_test"], v["y_test"])
    history = model.fit(
        v["x_train"],
        v["y_train"],
        batch_size=100,
        epochs=DEEP_EPOCHS,
        validation_data=test,
        validation_batch_size=1000,
        verbose=0,
    )
    return history.history["val_accuracy"]


# --- scikit-learn의 예제: 옮긴 사진을 나누기 전과 뒤 ------------------------------------------------------------------


def example(v, seed):
    """예제의 설정(숨은 것 100개, 학습률 0.06, 10번)으로, 사진을 옮겨 늘리는 차례만 바꾸어 세 번씩 나눕니다."""
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import BernoulliRBM

    x, y = load_digits().images / 16, load_digits().target
    found = []
    for split in range(3):
        for before in (True, False):
            if before:  # 예제의 차례: 다섯 배로 늘린 다음 나눕니다.
                a, b, y_a, y_b = train_test_split(*nudged(x, y), test_size=0.2, random_state=split)
            else:  # 먼저 나눕니다. 시험 문제의 어려움이 같도록 테스트 세트도 늘립니다.
                seen, unseen, y_seen, y_unseen = train_test_split(x, y, test_size=0.2, random_state=split)
                (a, y_a), (b, y_b) = nudged(seen, y_seen), nudged(unseen, y_unseen)
            a, b = a.reshape(-1, 64), b.reshape(-1, 64)
            rbm = BernoulliRBM(n_components=100, learning_rate=0.06, n_iter=10, random_state=split).fit(a)
            code, code_b = rbm.transform(a), rbm.transform(b)
            scores = {
                "로지스틱 회귀, 픽셀": LogisticRegression(C=100, max_iter=3000).fit(a, y_a).score(b, y_b),
                "로지스틱 회귀, RBM의 특성": LogisticRegression(C=100, max_iter=3000)
                .fit(code, y_a)
                .score(code_b, y_b),
                "1-최근접 이웃, 픽셀": KNeighborsClassifier(1).fit(a, y_a).score(b, y_b),
            }
            found.append({"before": before, "split": split} | scores)
    return {"splits": found}


def nudged(x, y):
    """사진과, 한 픽셀씩 네 쪽으로 옮긴 사진."""
    import numpy as np
    from scipy.ndimage import shift

    moves = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
    return np.concatenate([shift(x, (0, *move), order=0) for move in moves]), np.tile(y, len(moves))


def summarize(v, pieces):
    return {
        "data": {
            "title": "UCI 손글씨 숫자 8×8과 MNIST 부분집합",
            "train": len(v["x_train"]),
            "test": len(v["x_test"]),
        },
        "epochs": DBN_EPOCHS,
        "steps": STEPS,
        "results": list(pieces.values()),
    }
