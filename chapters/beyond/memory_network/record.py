"""출발점을 바꾸어 가며 훈련한 MemN2N과, 부품을 하나씩 뺀 것, 낱말 주머니, LSTM.

MemN2N은 노트북의 식 그대로 출발점 다섯을 한꺼번에 훈련한 다음(하나씩 하는 것보다 빠릅니다), 가중치를 노트북의 모델에 옮겨
노트북의 함수로 잽니다. 이야기는 노트북의 짧은 실행과 같은 4,000편이고, 바뀌는 것은 출발점과 배치의 차례뿐입니다.
"""

import time

from course.kernel import rounded

ENVIRONMENT = {"DLKO_PROFILE": "quick"}
CELLS = (
    "setup", "load", "encode", "encode-run", "model-code", "train-code", "hits-code", "unseen-load", "replay-code",
)  # fmt: skip
EPOCHS = {1: (30, 5), 2: (40, 10)}  # 근거의 수 → (모든 에포크, 그 가운데 선형 출발)
STARTS = 5
RATE, BATCH = 5e-3, 64
# 이름 → (근거의 수, 홉의 수, 뺀 부품)
KINDS: dict[str, tuple[int, int, str]] = {
    "1홉": (1, 1, ""),
    "근거 둘 3홉": (2, 3, ""),
    "근거 둘 1홉": (2, 1, ""),
    "근거 둘 2홉": (2, 2, ""),
    "1홉, 시간 인코딩 없이": (1, 1, "시간"),
    "근거 둘 3홉, 시간 인코딩 없이": (2, 3, "시간"),
    "근거 둘 3홉, 선형 출발 없이": (2, 3, "선형"),
    "1홉, W를 따로": (1, 1, "함께"),
    "1홉, 질문은 찾기만": (1, 1, "질문"),
}
RIVALS = {"낱말 주머니": 40, "LSTM": 30}  # 이름 → 에포크
SHOWN = (2, 10)  # 못 본 짝마다 훈련에 넣어 준 이야기의 수
PIECES = (
    {name: ("memory", name, 0) for name in KINDS}
    | {f"보여 주기 {count}": ("shown", count, 0) for count in SHOWN}
    | {
        f"{name} 근거 {facts} {seed}": ("rival", (name, facts), seed)
        for name in RIVALS
        for seed in range(3)
        for facts in (1, 2)
    }
)


def measure(v, piece):
    """조각 하나를 훈련하고 잽니다. 시간은 훈련에 쓴 CPU 초입니다."""
    import keras

    kind, name, seed = PIECES[piece]
    keras.utils.set_random_seed(seed)
    rows = {"memory": memory, "rival": rival, "shown": shown}[kind](v, name)
    return rounded([{"kind": kind} | row for row in rows])


def memory(v, name):
    facts, hops, missing = KINDS[name]
    v = v if missing != "시간" else ageless(v)
    models, seconds = train_together(v, v["train_data"][facts], facts, hops, missing)
    rows = []
    for seed, model in enumerate(models):
        row = {"name": name, "facts": facts, "hops": hops, "seed": seed, "seconds": seconds / STARTS}
        row |= scores(v, model, facts)
        for pair, data, told in (("seen", "test_data", "fresh"), ("unseen", "unseen_data", "unseen")):
            row[f"hits_{pair}"] = v["hits"](model, v[data][facts], v[told][facts]).tolist()
            if not missing:
                row[f"parts_{pair}"] = parts(v, model, v[data][facts], v[told][facts])
        rows.append(row)
    return rows


def train_together(v, data, facts, hops, missing=""):
    """출발점 다섯을 한꺼번에 훈련해 노트북의 모델 다섯 개로 돌려줍니다. 표의 모양은 (표, 출발점, 낱말, 차원)입니다."""
    import keras
    import numpy as np
    import tensorflow as tf

    random = np.random.default_rng(0)
    x, q, y = data
    width = len(v["WORDS"])
    tables = tf.Variable(
        random.normal(0, 0.1, (hops + 1 + (missing == "함께"), STARTS, width, 32)), dtype="float32"
    )

    def losses(x, q, y, soft):
        told = [tf.einsum("bnv,svd->sbnd", x, tables[k]) for k in range(hops + 1)]
        u = tf.einsum("bv,svd->sbd", q, tables[0])
        for k in range(hops):
            score = tf.einsum("sbd,sbnd->sbn", u, told[k])
            o = tf.einsum("sbn,sbnd->sbd", tf.nn.softmax(score) if soft else score, told[k + 1])
            u = o if missing == "질문" else u + o
        logits = tf.einsum("sbd,svd->sbv", u, tables[-1])
        labels = tf.broadcast_to(y, tf.shape(logits)[:2])
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits), axis=1)

    start = time.process_time()
    epochs, linear = EPOCHS[facts]
    linear = 0 if missing == "선형" else linear
    steps = len(y) // BATCH
    for soft, count in ((False, linear), (True, epochs - linear)):
        decay = keras.optimizers.schedules.CosineDecay(RATE, max(count, 1) * steps)
        optimizer = keras.optimizers.Adam(decay if soft else RATE)
        optimizer.build([tables])

        @tf.function(jit_compile=True)
        def slope(x, q, y, soft=soft):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(losses(x, q, y, soft))  # 더하면 출발점마다의 기울기가 섞이지 않습니다
            return tape.gradient(loss, tables)

        @tf.function
        def step(chosen, optimizer=optimizer, slope=slope):
            batch = [tf.gather(part, chosen) for part in (x, q, y)]
            optimizer.apply([slope(*batch)], [tables])

        for _ in range(count):
            order = random.permutation(len(y))[: steps * BATCH].reshape(steps, BATCH)
            for chosen in order:
                step(tf.constant(chosen))
    seconds = time.process_time() - start
    make = {"함께": untied, "질문": o_only}.get(missing, lambda v: v["MemN2N"])(v)
    models = []
    for one in np.moveaxis(tables.numpy(), 1, 0):
        model = make(hops)
        model.read(x[:1], q[:1])
        weights = list(one)
        if missing == "함께":
            weights[-1] = weights[-1].T  # 따로 둔 W는 층의 가중치라 모양이 (차원, 낱말)입니다
        model.set_weights(weights)
        models.append(model)
    return models, seconds


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
    layers, words, epochs = v["layers"], len(v["WORDS"]), RIVALS[name]

    def prepare(data):
        x, q, y = data
        if name == "LSTM":  # 질문을 먼저 읽고 이야기를 읽습니다. 차례대로 읽으므로 나이는 필요 없습니다
            texts = np.concatenate([q[:, np.newaxis], x], axis=1)
            texts[:, :, -10:] = 0
            return np.array([np.flatnonzero(bag) for text in texts for bag in text]).reshape(len(y), -1), y
        return np.concatenate([x[:, :, :-10].sum(axis=1), q], axis=1), y

    if name == "LSTM":
        body = [layers.Embedding(words, 16), layers.LSTM(32)]
    else:
        body = [layers.Dense(128, activation="relu")]
    model = keras.Sequential([*body, layers.Dense(words)])
    train, test, unseen = (prepare(v[d][facts]) for d in ("train_data", "test_data", "unseen_data"))
    decay = keras.optimizers.schedules.CosineDecay(1e-2, epochs * -(-len(train[1]) // 128))
    model.compile(
        keras.optimizers.Adam(decay),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    start = time.process_time()
    log = model.fit(*train, epochs=epochs, batch_size=128, verbose=0, validation_data=test).history
    return [
        {
            "name": name,
            "facts": facts,
            "seconds": time.process_time() - start,
            "train": log["accuracy"][-1],
            "seen": log["val_accuracy"][-1],
            "best": max(log["val_accuracy"]),
            "curve": log["val_accuracy"][::5],
            "unseen": model.evaluate(*unseen, verbose=0)[1],
            "parameters": model.count_params(),
        }
    ]


def shown(v, count):
    """훈련할 이야기에 못 본 짝의 이야기를 짝마다 `count`편쯤 섞은 1홉. 모두 합한 수는 그대로입니다."""
    import numpy as np

    more = v["encode"](v["dlko"].make_stories(count * len(v["NAMES"]), 1, seed=7, unseen=True))
    data = tuple(
        np.concatenate([old[len(new) :], new]) for old, new in zip(v["train_data"][1], more, strict=True)
    )
    models, seconds = train_together(v, data, 1, 1)
    about = {"name": "보여 주기", "facts": 1, "shown": count, "seconds": seconds / STARTS}
    return [about | {"seed": seed} | scores(v, model, 1) for seed, model in enumerate(models)]


def summarize(v, pieces):
    return {
        "data": {"title": "지어낸 한국어 이야기", "train": v["count"], "test": 2000},
        "clock": "훈련에 쓴 CPU 초",
        "results": [row for rows in pieces.values() for row in rows],
    }
