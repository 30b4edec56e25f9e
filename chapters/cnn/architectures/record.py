"""신경망마다 난수 다섯으로 훈련한 정확도와 시간, 스무 층짜리의 기울기와 훈련 곡선. 공식 Fashion-MNIST가 필요합니다.

시간은 한 코어의 CPU 시간으로 잽니다. 함께 쓰는 컴퓨터에서 다른 일이 끼어든 시간을 빼고 견주기 위해서입니다.
학습률은 저마다 짧은 훈련으로 고릅니다. 고를 때의 난수는 훈련의 난수와 다릅니다.
"""

import math
import statistics
import time
from types import SimpleNamespace

from course.kernel import rounded

ENVIRONMENT = {"DLKO_DATA": "official", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
CELLS = (
    "setup", "load", "multiply-adds", "conv", "lenet", "alexnet", "vgg", "inception", "block", "resnet",
    "zoo", "train", "deep", "norms", "separable", "vit", "vit-cost",
)  # fmt: skip

SEEDS, SEARCH_SEED = range(5), 100
IMAGES, EPOCHS, SEARCH_IMAGES, LONG_EPOCHS = 30_000, 2, 8_000, 3
RATES = (0.001, 0.003, 0.01)  # Adam
DEEP_IMAGES, DEEP_EPOCHS = 3_000, 8
DEEP_RATES = (0.001, 0.003, 0.01, 0.03, 0.1)  # 모멘텀 0.9

LONG = "ResNet, 더 오래"
NETS = (
    "ResNet(2015)", "VGG(2014)", "LeNet(1998)", "AlexNet(2012)", "Inception(2014)", LONG,
    "Inception + 보조 머리", "MobileNet(2017)", "VGG, 5×5 한 층씩", "AlexNet, 증강과 드롭아웃 없이", "ViT(2020)",
)  # fmt: skip
DEEP = {
    "잔차 + 정규화, 20층": ("잔차 + 정규화", 3),
    "평범 + 정규화, 20층": ("평범 + 정규화", 3),
    "잔차, 20층": ("잔차", 3),
    "평범, 20층": ("평범", 3),
    "평범 + 정규화, 8층": ("평범 + 정규화", 1),
    "잔차 + 정규화, 8층": ("잔차 + 정규화", 1),
}
PIECES = (*NETS[:5], *DEEP, *NETS[5:])


def measure(v, piece):
    v["time"] = SimpleNamespace(perf_counter=time.process_time)
    return rounded(deep(v, *DEEP[piece]) if piece in DEEP else net(v, piece))


def builders(v):
    return v["zoo"] | {
        LONG: v["build_resnet"],
        "Inception + 보조 머리": lambda: v["build_inception"](auxiliary=True),
        "MobileNet(2017)": v["build_mobilenet"],
        "VGG, 5×5 한 층씩": lambda: v["build_vgg"](5, 1),
        "AlexNet, 증강과 드롭아웃 없이": lambda: v["build_alexnet"](augment=False, dropout=0.0),
        "ViT(2020)": v["build_vit"],
    }


def net(v, name):
    """학습률을 검증 세트로 고르고, 난수 다섯으로 훈련해 테스트 세트로 잽니다."""
    build = builders(v)[name]
    long = name == LONG
    images, epochs = (None, LONG_EPOCHS) if long else (IMAGES, EPOCHS)

    def run(rate, seed, images, epochs, x, y):
        v["keras"].utils.set_random_seed(seed)
        model = build()
        seconds = v["train"](model, rate, epochs, v["x_train"][:images], v["y_train"][:images])
        return {"accuracy": v["accuracy"](model, x, y), "seconds": seconds}

    found = {r: run(r, SEARCH_SEED, SEARCH_IMAGES, 1, v["x_val"], v["y_val"])["accuracy"] for r in RATES}
    rate = max(found, key=lambda r: found[r])
    model = build()
    cost = v["vit_cost"] if name.startswith("ViT") else v["multiply_adds"]
    return {
        "name": name,
        "parameters": model.count_params(),
        "multiply_adds": cost(model),
        "seen": epochs * len(v["x_train"][:images]),
        "rate": rate,
        "search": list(found.items()),
        "runs": [run(rate, s, images, epochs, v["test_x"], v["y_test"]) for s in SEEDS],
    }


def deep(v, kind, repeat):
    """모멘텀으로 훈련한 손실의 곡선과, 처음 가중치에서 층마다의 기울기의 크기."""
    keras = v["keras"]
    x, y = v["x_train"][:DEEP_IMAGES], v["y_train"][:DEEP_IMAGES]
    model = v["build_deep"](kind, repeat)
    optimizer = keras.optimizers.SGD(momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy")

    def restart(seed, rate):
        """계산 그래프를 다시 만들지 않고 새 난수로 처음부터 시작합니다."""
        keras.utils.set_random_seed(seed)
        model.set_weights(v["build_deep"](kind, repeat).get_weights())
        for variable in optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))
        optimizer.learning_rate = rate

    def fit(epochs):
        losses = model.fit(x, y, batch_size=64, epochs=epochs, verbose=0).history["loss"]
        return [loss if math.isfinite(loss) else None for loss in losses]

    def search(rate):
        restart(SEARCH_SEED, rate)
        return fit(3)[-1]

    def run(seed, rate):
        restart(seed, rate)
        norms = v["gradient_norms"](model, x[:128], y[:128])
        losses = fit(DEEP_EPOCHS)
        return {"norms": norms, "losses": losses, "accuracy": v["accuracy"](model, v["test_x"], v["y_test"])}

    found = {rate: search(rate) for rate in DEEP_RATES}
    rate = min(found, key=lambda r: math.inf if found[r] is None else found[r])
    return {
        "kind": kind,
        "layers": 2 + 6 * repeat,
        "rate": rate,
        "search": list(found.items()),
        "runs": [run(seed, rate) for seed in SEEDS],
    }


def summarize(v, pieces):
    nets = [pieces[name] for name in sorted(NETS, key=lambda n: -statistics.mean(
        run["accuracy"] for run in pieces[n]["runs"]))]  # fmt: skip
    return {
        "data": {"title": "Fashion-MNIST", "train": len(v["x_train"]), "tested": len(v["test_x"])},
        "device": "CPU (코어 1개)",
        "clock": "한 코어의 CPU 시간",
        "nets": nets,
        "deep": [pieces[name] for name in DEEP],
        "deep_images": DEEP_IMAGES,
    }
