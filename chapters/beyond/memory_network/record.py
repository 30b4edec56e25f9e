"""출발점을 바꾸어 가며 훈련한 MemN2N과, 부품을 하나씩 뺀 것, 낱말 주머니, LSTM.

노트북의 함수로 훈련하고 잽니다. 이야기는 노트북의 짧은 실행과 같은 4,000편이고, 바뀌는 것은 출발점뿐입니다.
"""

import time

from course.kernel import rounded

ENVIRONMENT = {"DLKO_PROFILE": "quick"}
CELLS = (
    "setup", "load", "encode", "encode-run", "model-code", "train-code", "hits-code", "unseen-load", "replay-code",
)  # fmt: skip
EPOCHS = {1: (30, 5), 2: (40, 10)}  # 근거의 수 → (모든 에포크, 그 가운데 선형 출발)
# 이름 → (근거의 수, 홉의 수, 뺀 부품, 출발점의 수)
KINDS: dict[str, tuple[int, int, str, int]] = {
    "1홉": (1, 1, "", 5),
    "근거 둘 3홉": (2, 3, "", 5),
    "근거 둘 1홉": (2, 1, "", 3),
    "1홉, 시간 인코딩 없이": (1, 1, "시간", 3),
    "근거 둘 3홉, 시간 인코딩 없이": (2, 3, "시간", 3),
    "근거 둘 3홉, 선형 출발 없이": (2, 3, "선형", 3),
    "1홉, W를 따로": (1, 1, "함께", 3),
    "1홉, 질문은 찾기만": (1, 1, "질문", 3),
}
RIVALS = {"낱말 주머니": 3, "LSTM": 3}
BATCH = 64  # 견줄 모델의 배치
SHOWN = (2, 10)  # 못 본 짝마다 훈련에 넣어 준 이야기의 수
PIECES = (
    {f"{name} {seed}": ("memory", name, seed) for name, kind in KINDS.items() for seed in range(kind[-1])}
    | {f"보여 주기 {count} {seed}": ("shown", count, seed) for count in SHOWN for seed in range(3)}
    | {
        f"{name} 근거 {facts} {seed}": ("rival", (name, facts), seed)
        for name, seeds in RIVALS.items()
        for facts in (1, 2)
        for seed in range(seeds)
    }
)


def measure(v, piece):
    """모델 하나를 훈련하고 잽니다. 시간은 훈련에 쓴 CPU 초입니다."""
    import keras

    kind, name, seed = PIECES[piece]
    keras.utils.set_random_seed(seed)
    found = {"memory": memory, "rival": rival, "shown": shown}[kind](v, name)
    return rounded({"kind": kind, "seed": seed} | found)


def memory(v, name):
    facts, hops, missing, _ = KINDS[name]
    v = v if missing != "시간" else ageless(v)
    model = {"함께": untied, "질문": o_only}.get(missing, lambda v: v["MemN2N"])(v)(hops)
    epochs, linear = EPOCHS[facts]
    seconds = fit(v, model, v["train_data"][facts], epochs, 0 if missing == "선형" else linear)
    about = {"name": name, "facts": facts, "hops": hops, "seconds": seconds} | scores(v, model, facts)
    for pair, data, told in (("seen", "test_data", "fresh"), ("unseen", "unseen_data", "unseen")):
        about[f"hits_{pair}"] = v["hits"](model, v[data][facts], v[told][facts]).tolist()
        if not missing:
            about[f"parts_{pair}"] = parts(v, model, v[data][facts], v[told][facts])
    return about


def parts(v, model, data, told):
    """훈련한 표를 그대로 두고 계산의 한 곳만 바꾼 정확도. 찾기는 1홉이고 근거가 하나일 때만 바꿉니다."""
    import numpy as np

    replay = v["replay"]
    looks = np.array(model.read(*data[:2])[1])
    found = {hide or "그대로": replay(model, data, looks, hide) for hide in ("", "이야기", "질문")}
    facts = np.array(told.facts)
    if facts.shape[1] == looks.shape[1] == 1:
        right = np.eye(looks.shape[2])[facts]
        blind = v["read_blind"](model, data)
        found["근거만"] = replay(model, data, right)
        found["찾기"] = replay(model, data, blind)
        found["찾기, 질문"] = replay(model, data, blind, "질문")
        found["몫"] = (looks * right).sum(axis=2).mean()  # 근거 문장을 읽은 몫의 평균
        found["가린 몫"] = (blind * right).sum(axis=2).mean()
    return found


def ageless(v):
    """나이의 자리를 비운 데이터."""
    blank = {}
    for name in ("train_data", "test_data", "unseen_data"):
        blank[name] = {}
        for facts, (x, q, y) in v[name].items():
            x = x.copy()
            x[:, :, -10:] = 0
            blank[name][facts] = (x, q, y)
    return v | blank


def fit(v, model, data, epochs, linear):
    start = time.process_time()
    v["train"](model, data, epochs, linear)
    return time.process_time() - start


def scores(v, model, facts):
    return {
        name: v["accuracy"](model, v[data][facts])
        for name, data in (("train", "train_data"), ("seen", "test_data"), ("unseen", "unseen_data"))
    }


def untied(v):
    """마지막 속 표와 W를 따로 둔 MemN2N."""

    class Untied(v["MemN2N"]):
        def __init__(self, hops):
            super().__init__(hops)
            self.output_table = v["layers"].Dense(len(v["WORDS"]), use_bias=False)

        def answer(self, u):
            return self.output_table(u)

    return Untied


def o_only(v):
    """질문이 답에 바로 들어가지 못하게 한 1홉 MemN2N. 답은 W(u + o)가 아니라 Wo입니다."""
    ops = v["ops"]

    class OnlyRead(v["MemN2N"]):
        def read(self, story, question):
            u, m, c = self.tables[0](question), self.tables[0](story), self.tables[1](story)
            score = ops.einsum("bd,bnd->bn", u, m)
            p = ops.softmax(score) if self.soft else score
            return self.answer(ops.einsum("bn,bnd->bd", p, c)), p[:, None]

    return OnlyRead


def rival(v, name):
    """흔한 두 모델. 가장 좋았던 에포크의 테스트 정확도도 적어, 멈춘 때 때문에 지지 않았음을 보입니다."""
    import keras
    import numpy as np

    name, facts = name
    layers, words = v["layers"], len(v["WORDS"])

    def prepare(data):
        x, q, y = data
        if name == "LSTM":  # 질문을 먼저 읽고 이야기를 읽습니다. 나이는 차례를 읽으므로 필요 없습니다
            texts = np.concatenate([q[:, None], x[:, :, :-10] @ np.eye(len(x[0, 0]))[:-10]], axis=1)
            return np.array([[np.flatnonzero(bag) for bag in text] for text in texts]).reshape(len(y), -1), y
        return np.concatenate([x[:, :, :-10].sum(axis=1), q], axis=1), y

    if name == "LSTM":
        body, epochs = [layers.Embedding(words, 32), layers.LSTM(64)], 25
    else:
        body, epochs = [layers.Dense(128, activation="relu")], 25
    model = keras.Sequential([*body, layers.Dense(words)])
    train, test, unseen = (prepare(v[d][facts]) for d in ("train_data", "test_data", "unseen_data"))
    decay = keras.optimizers.schedules.CosineDecay(5e-3, epochs * -(-len(train[1]) // BATCH))
    model.compile(
        keras.optimizers.Adam(decay),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    start = time.process_time()
    log = model.fit(*train, epochs=epochs, batch_size=BATCH, verbose=0, validation_data=test).history
    seconds = time.process_time() - start
    return {
        "name": name,
        "facts": facts,
        "seconds": seconds,
        "train": log["accuracy"][-1],
        "seen": log["val_accuracy"][-1],
        "best": max(log["val_accuracy"]),
        "curve": log["val_accuracy"][::4],
        "unseen": model.evaluate(*unseen, verbose=0)[1],
    }


def shown(v, count):
    """훈련할 이야기에 못 본 짝의 이야기를 짝마다 `count`편쯤 섞은 1홉. 모두 합한 수는 그대로입니다."""
    import numpy as np

    more = v["encode"](v["dlko"].make_stories(count * len(v["NAMES"]), 1, seed=7, unseen=True))
    data = tuple(
        np.concatenate([old[len(new) :], new]) for old, new in zip(v["train_data"][1], more, strict=True)
    )
    model = v["MemN2N"](1)
    seconds = fit(v, model, data, *EPOCHS[1])
    return {"name": "보여 주기", "facts": 1, "shown": count, "seconds": seconds} | scores(v, model, 1)


def summarize(v, pieces):
    return {
        "data": {"title": "지어낸 한국어 이야기", "train": v["count"], "test": 2000},
        "clock": "훈련에 쓴 CPU 초",
        "epochs": {str(facts): list(pair) for facts, pair in EPOCHS.items()},
        "results": list(pieces.values()),
    }
