"""장의 함수로 출발점을 바꾸어 가며 훈련합니다. 미래 마스크를 뺀 것, 배우지 않은 길이, 거꾸로 읽기, 사전 학습도 잽니다.

데이터는 그 자리에서 만든 수와 책에 든 지어낸 영화평입니다. 코어 둘에서 8분쯤 걸립니다.
"""

import time

import numpy as np

from course.kernel import rounded

ENVIRONMENT = {"DLKO_DATA": "embedded"}
CELLS = (
    "setup", "read", "split", "ids", "shift", "gru", "train-code", "answer", "embed", "blocks",
    "transformer-code", "plm-load", "plm-mask", "plm-model",
)  # fmt: skip

FIXED, ATTENTION, TRANSFORMER = "벡터 하나", "어텐션", "트랜스포머"
LEAKING = "미래 마스크를 뺀 트랜스포머"
# (묶음, 이름) → (에포크, 출발점의 수). 2에포크는 노트북의 quick과 같습니다.
RUNS = {
    ("주", FIXED): (3, 3),
    ("주", ATTENTION): (3, 3),
    ("주", TRANSFORMER): (3, 3),
    ("주", f"{FIXED}, 오래"): (9, 2),
    ("마스크", LEAKING): (2, 2),
    ("길이", ATTENTION): (2, 2),
    ("길이", TRANSFORMER): (2, 2),
    ("거꾸로", ATTENTION): (2, 1),
    ("거꾸로", TRANSFORMER): (2, 1),
}
PIECES = [f"{group}/{name}/{seed}" for (group, name), (_, count) in RUNS.items() for seed in range(count)]
PIECES.append("사전 학습")
LONGEST_LEARNED = 6  # '길이'에서 훈련에 쓰는 가장 긴 자릿수
PRETRAIN_STEPS, TUNE_STEPS, KNOWN, DRAWS = 700, 150, 100, 5


def measure(v, piece):
    """훈련 한 번, 또는 사전 학습의 실험 전체."""
    if piece == "사전 학습":
        return rounded(pretraining(v))
    group, name, seed = piece.split("/")
    epochs, _ = RUNS[group, name]
    x, y, x_test, y_test, digits = data(v, group)
    v["keras"].utils.set_random_seed(int(seed))
    start = time.process_time()
    pair = build(v, name)
    model = v["train"](pair, x, y, epochs)
    seconds = time.process_time() - start
    right = v["exact"](pair, x_test, y_test)
    hits = model.predict([x_test, v["shift"](y_test)], verbose=0).argmax(axis=-1) == y_test
    found = {
        "group": group,
        "name": name,
        "seed": int(seed),
        "epochs": epochs,
        "seconds": seconds,
        "exact": right.mean(),
        "longest": right[digits == digits.max()].mean(),
        "teacher": hits[y_test != v["PAD"]].mean(),
    }
    return rounded(found | {f"exact_{d}": right[digits == d].mean() for d in np.unique(digits)})


def data(v, group):
    """훈련 세트와 테스트 세트. '거꾸로'는 숫자를 받아 글을 쓰고, '길이'는 짧은 수만 훈련에 씁니다."""
    x, y, x_test, y_test = (v[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    if group == "거꾸로":
        x, y, x_test, y_test = y, x, y_test, x_test
    if group == "길이":
        short = np.flatnonzero(v["train_numbers"] < 10**LONGEST_LEARNED)
        short = np.resize(short, len(x))  # 스텝 수가 같도록 되풀이해 채웁니다
        x, y = x[short], y[short]
    return x, y, x_test, y_test, v["test_digits"]


def build(v, name):
    if name in (TRANSFORMER, LEAKING):
        return v["transformer_encoder"](), v["transformer_decoder"](causal=name == TRANSFORMER)
    return v["gru_encoder"](), v["gru_decoder"](attention=name == ATTENTION)


def pretraining(v):
    """가린 글자를 맞히며 훈련한 몸통과 처음부터 훈련하는 몸통을, 정답 100개로 다섯 번 견줍니다."""
    import keras
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    texts, labels, new_texts, new_labels = (
        v[name] for name in ("texts", "labels", "new_texts", "new_labels")
    )
    ids, new_ids = v["text_ids"](texts), v["text_ids"](new_texts)
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    body = v["text_body"]()
    guesser = v["guesser"](body)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, PRETRAIN_STEPS * 9 // 10, warmup_target=2e-3, warmup_steps=PRETRAIN_STEPS // 10
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=v["PAD"])
    guesser.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), loss, steps_per_execution=10)
    rows = np.concatenate([rng.permutation(len(ids)) for _ in range(1 + PRETRAIN_STEPS * 64 // len(ids))])
    rows = rows[: PRETRAIN_STEPS * 64]
    hidden, targets = v["hide_some"](ids[rows], rng)
    start = time.process_time()
    guesser.fit(hidden, targets, batch_size=64, shuffle=False, verbose=0)
    seconds = time.process_time() - start
    learned = body.get_weights()
    hidden, targets = v["hide_some"](new_ids, rng)
    asked = targets != v["PAD"]
    guesses = guesser.predict(hidden, batch_size=250, verbose=0).argmax(axis=-1)
    common = np.bincount(ids[ids != v["PAD"]]).argmax()

    def tune(weights, chosen, seed):
        keras.utils.set_random_seed(seed)
        fresh = v["text_body"]()
        if weights is not None:
            fresh.set_weights(weights)
        model = v["judge"](fresh)
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(1e-3), loss, steps_per_execution=10)
        curve = []
        for _ in range(3):  # 점수가 더 오르는지 보려고 세 번에 나누어 잽니다
            order = np.concatenate(
                [np.random.permutation(chosen) for _ in range(TUNE_STEPS // 3 * 20 // KNOWN)]
            )
            model.fit(ids[order], labels[order], batch_size=20, shuffle=False, verbose=0)
            logits = model.predict(new_ids, batch_size=250, verbose=0)[:, 0]
            curve.append(float(((logits > 0) == new_labels).mean()))
        return curve

    draws = []
    for seed in range(DRAWS):
        chosen = np.random.default_rng(100 + seed).permutation(len(ids))[:KNOWN]
        bag = CountVectorizer(analyzer="char", ngram_range=(1, 3), lowercase=False)
        logistic = LogisticRegression(max_iter=1000).fit(bag.fit_transform(texts[chosen]), labels[chosen])
        scratch, tuned = tune(None, chosen, seed), tune(learned, chosen, seed)
        draws.append(
            {
                "bag": logistic.score(bag.transform(new_texts), new_labels),
                "scratch": scratch[-1],
                "tuned": tuned[-1],
                "scratch_curve": scratch,
                "tuned_curve": tuned,
            }
        )
    return {
        "texts": len(ids),
        "test": len(new_ids),
        "steps": PRETRAIN_STEPS,
        "tune_steps": TUNE_STEPS,
        "seconds": seconds,
        "guess": (guesses == targets)[asked].mean(),
        "guess_base": (targets[asked] == common).mean(),
        "draws": draws,
    }


def summarize(v, pieces):
    return {
        "clock": "훈련에 쓴 CPU 초",
        "data": {"train": len(v["x_train"]), "test": len(v["x_test"])},
        "results": [value for piece, value in pieces.items() if piece != "사전 학습"],
        "plm": pieces["사전 학습"],
    }
