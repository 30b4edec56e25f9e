"""신경망마다 난수를 바꾸어 다섯 번 훈련한 정확도와 시간, 부품을 바꾼 것과 나중의 신경망, 스무 층짜리의 기울기와 훈련 곡선.

공식 Fashion-MNIST가 필요합니다. 시간은 한 코어의 CPU 시간으로 잽니다. 함께 쓰는 컴퓨터에서 다른 일이 끼어든 시간을 빼고
견주기 위해서입니다. 학습률은 저마다 짧은 훈련으로 고릅니다. 고를 때의 난수는 훈련의 난수와 다릅니다.
"""

import itertools
import math
import time

from course.kernel import rounded

ENVIRONMENT = {"DLKO_DATA": "official", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
CELLS = (
    "setup", "load", "multiply-adds", "conv", "classifier", "lenet", "alexnet", "vgg", "inception",
    "build-inception", "block", "resnet", "zoo", "train", "deep", "norms", "separable", "vit", "vit-cost",
)  # fmt: skip

SEEDS, PART_SEEDS, SEARCH_SEED = range(5), range(3), 100
IMAGES, EPOCHS, TESTED = 58_000, 2, 10_000  # 검증 세트 2,000장을 뺀 전부와 테스트 세트 전부
RATES, SEARCH_IMAGES = (0.001, 0.003, 0.01, 0.03), 10_000  # Adam
DEEP_SEEDS, DEEP_IMAGES, DEEP_EPOCHS, DEEP_TESTED = range(5), 2_000, 5, 5_000
DEEP_RATES, DEEP_SEARCH_EPOCHS = (0.001, 0.003, 0.01, 0.03, 0.1), 2  # 모멘텀 0.9
BATCH = 64

NETS = ("LeNet(1998)", "AlexNet(2012)", "ResNet(2015)", "VGG(2014)", "Inception(2014)")
# 부품 하나를 바꾼 것과 나중의 신경망. 되풀이를 줄여 재고, 같은 난수끼리 견줍니다.
PARTS = {
    "VGG, 5×5 한 층씩": lambda v: v["build_vgg"](5, 1),
    "Inception + 보조 머리": lambda v: v["build_inception"](auxiliary=True),
    "AlexNet, 증강 없이": lambda v: v["build_alexnet"](augment=False),
    "AlexNet, 증강도 드롭아웃도 없이": lambda v: v["build_alexnet"](augment=False, dropout=0.0),
    "MobileNet(2017)": lambda v: v["build_mobilenet"](),
    "ViT(2020)": lambda v: v["build_vit"](),
}
DEEP = ("평범 + 정규화", "잔차 + 정규화", "평범", "잔차")
PIECES = ("ResNet(2015)", *DEEP[:2], *(name for name in NETS if name != "ResNet(2015)"), *PARTS, *DEEP[2:])


def measure(v, piece):
    return rounded(deep(v, piece) if piece in DEEP else net(v, piece))


class Trainer:
    """모델을 한 번만 컴파일하고 난수마다 처음부터 다시 훈련합니다. 계산 그래프를 거듭 만드는 시간을 아낍니다."""

    def __init__(self, v, build, optimizer):
        self.keras, self.build, self.optimizer = v["keras"], build, optimizer
        self.model = build()
        self.outputs = len(self.model.outputs)  # 보조 머리가 있으면 2
        losses = ["sparse_categorical_crossentropy"] * self.outputs
        self.model.compile(optimizer, losses, loss_weights=[1.0, 0.3][: self.outputs])

    def restart(self, seed):
        self.keras.utils.set_random_seed(seed)
        self.model.set_weights(self.build().get_weights())
        for variable in self.optimizer.variables:
            variable.assign(self.keras.ops.zeros_like(variable))

    def fit(self, x, y, epochs, rate_at):
        """`rate_at(지나온 몫)`의 학습률로 훈련합니다. 에포크마다의 손실과 CPU 초를 돌려줍니다."""
        steps, done = epochs * math.ceil(len(x) / BATCH), itertools.count()

        def set_rate(batch, logs=None):
            self.optimizer.learning_rate = rate_at(next(done) / steps)

        schedule = self.keras.callbacks.LambdaCallback(on_train_batch_begin=set_rate)
        start = time.process_time()
        history = self.model.fit(
            x, [y] * self.outputs, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[schedule]
        )
        return history.history["loss"], time.process_time() - start


def net(v, name):
    """학습률을 검증 세트로 고르고, 난수를 바꾸어 훈련해 테스트 세트로 잽니다. 학습률은 코사인을 따라 0까지 줄입니다."""
    x, y = v["x_train"], v["y_train"]
    part = PARTS.get(name)
    trainer = Trainer(v, (lambda: part(v)) if part else v["zoo"][name], v["keras"].optimizers.Adam())

    def run(rate, seed, images, epochs, against):
        trainer.restart(seed)
        _, seconds = trainer.fit(
            x[:images], y[:images], epochs, lambda t: rate * (1 + math.cos(math.pi * t)) / 2
        )
        return {"accuracy": v["accuracy"](trainer.model, *against), "seconds": seconds}

    val, test = (v["x_val"], v["y_val"]), (v["test_x"][:TESTED], v["y_test"][:TESTED])
    found = {rate: run(rate, SEARCH_SEED, SEARCH_IMAGES, 1, val)["accuracy"] for rate in RATES}
    rate = max(found, key=lambda r: found[r])
    count = v["vit_cost"] if name == "ViT(2020)" else v["multiply_adds"]
    return {
        "name": name,
        "parameters": trainer.model.count_params(),
        "multiply_adds": count(trainer.model),
        "rate": rate,
        "search": list(found.items()),
        "runs": [run(rate, seed, IMAGES, EPOCHS, test) for seed in (PART_SEEDS if part else SEEDS)],
    }


def deep(v, kind):
    """모멘텀으로 훈련한 손실의 곡선과, 처음 가중치에서 층마다의 기울기의 크기."""
    x, y = v["x_train"][:DEEP_IMAGES], v["y_train"][:DEEP_IMAGES]
    trainer = Trainer(v, lambda: v["build_deep"](kind), v["keras"].optimizers.SGD(momentum=0.9))

    def losses(rate, epochs):
        found, _ = trainer.fit(x, y, epochs, lambda t: rate)
        return [loss if math.isfinite(loss) else None for loss in found]

    def search(rate):
        trainer.restart(SEARCH_SEED)
        return losses(rate, DEEP_SEARCH_EPOCHS)[-1]

    def run(seed, rate):
        trainer.restart(seed)
        norms = v["gradient_norms"](trainer.model, x[:128], y[:128])
        trainer.restart(seed)  # 기울기를 재는 동안 움직인 이동 평균까지 되돌립니다
        curve = losses(rate, DEEP_EPOCHS)
        score = v["accuracy"](trainer.model, v["test_x"][:DEEP_TESTED], v["y_test"][:DEEP_TESTED])
        return {"norms": norms, "losses": curve, "accuracy": score}

    found = {rate: search(rate) for rate in DEEP_RATES}
    rate = min(found, key=lambda r: math.inf if found[r] is None else found[r])
    return {
        "kind": kind,
        "rate": rate,
        "search": list(found.items()),
        "runs": [run(seed, rate) for seed in DEEP_SEEDS],
    }


def summarize(v, pieces):
    return {
        "data": {"title": "Fashion-MNIST", "train": IMAGES, "tested": TESTED, "deep": DEEP_IMAGES},
        "device": "CPU (코어 1개)",
        "clock": "한 코어의 CPU 시간",
        "epochs": EPOCHS,
        "nets": [pieces[name] for name in NETS],
        "parts": [pieces[name] for name in PARTS],
        "deep": [pieces[name] for name in DEEP],
    }
