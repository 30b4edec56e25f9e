"""학생들을 점수가 거의 더 오르지 않을 때까지 훈련하며 잰 것. 책에 든 Fashion-MNIST 부분집합을 씁니다.

노트북의 함수로 훈련합니다. 정답이 모두 있을 때, 500장뿐일 때, 교사가 나머지 사진에도 답했을 때, 교사도 500장만 보았을 때입니다.
"""

from course.kernel import rounded

# 교사는 노트북의 짧은 실행과 같습니다.
ENVIRONMENT = {"DLKO_PROFILE": "quick", "DLKO_DATA": "embedded"}
CELLS = (
    "setup", "load", "build", "train",
    "student-code", "classroom", "loss", "teach",
)  # fmt: skip
LABELS = {"정답만": (0, 1, 0), "라벨 스무딩": (0, 1, 0.1)}
TEACHER = {f"교사의 답, 온도 {heat}": (1, heat, 0) for heat in (1, 2, 4)}
MIX = {"반반, 온도 2": (0.5, 2, 0)}
GUESS = {"교사가 고른 답": (0, 1, 0), "교사의 답, 온도 2": (1, 2, 0)}
FEW, BATCH = 500, 100
# 조각 → (배우는 법, 사진의 수, 재는 사이의 에포크, 재는 횟수). 가중치 감쇠의 세기는 이름의 끝에 있습니다.
PLANS = {
    "모두": (LABELS | TEACHER | MIX, None, 12, 14),
    "500장": (LABELS | TEACHER, FEW, 2, 10),
    "500장, 가중치 감쇠 0.1": ({"정답만": (0, 1, 0)}, FEW, 2, 10),
    "500장, 가중치 감쇠 0.3": ({"정답만": (0, 1, 0)}, FEW, 2, 10),
    "500장, 가중치 감쇠 1.0": ({"정답만": (0, 1, 0)}, FEW, 2, 10),
    "교사가 답한 사진 전부": (GUESS, None, 5, 10),
    "500장만 본 교사": (GUESS, None, 5, 8),
}
PIECES = tuple(PLANS)


def measure(v, piece):
    """조각 하나. 정확도는 (잰 때, 출발점, 배우는 법)입니다."""
    import numpy as np

    ways, count, epochs, times = PLANS[piece]
    rng = np.random.default_rng(0)
    everything = np.stack([rng.permutation(len(v["x_train"])) for _ in range(v["STARTS"])], axis=1)
    # 500장은 되풀이해서, 사진을 전부 볼 때와 한 에포크의 스텝 수를 같게 합니다.
    rows = np.tile(everything[:count], (len(everything) // count, 1)) if count else everything
    logits, labels = v["teacher_logits"], v["truth"]
    about = {"ways": list(ways), "photos": count or len(rows), "batch": BATCH}
    if piece == "500장만 본 교사":
        logits, about["teachers"] = weak_teachers(v, everything[:FEW])
    if ways is GUESS:
        labels = logits.argmax(axis=-1)
    model = v["new_class"](ways)
    if "감쇠" in piece:
        decay = float(piece.split()[-1])
        model.compile(v["keras"].optimizers.AdamW(0.003, weight_decay=decay), v["make_loss"](ways))
    lesson, steps, scores = v["lessons"](rows, labels, logits), [], []
    for turn in range(1, times + 1):
        model.fit(*lesson, batch_size=BATCH, epochs=epochs, verbose=0)
        steps.append(turn * epochs * (len(rows) // BATCH))
        scores.append(v["grades"](model).tolist())
    return rounded(about | {"steps": steps, "accuracy": scores})


def weak_teachers(v, rows):
    """출발점마다 500장의 정답만 보고 훈련한 교사의 로짓과 정확도."""
    import numpy as np

    keras, found, scores = v["keras"], [], []
    for start in range(v["STARTS"]):
        keras.utils.set_random_seed(start)
        teacher = v["build"]()
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        teacher.compile(keras.optimizers.Adam(0.003), loss)
        own = rows[:, start]
        teacher.fit(v["x_train"][own], v["y_train"][own], batch_size=50, epochs=30, verbose=0)
        found.append(teacher.predict(v["x_train"], batch_size=500, verbose=0))
        scores.append(v["accuracy"](teacher))
    return np.stack(found, axis=1), scores


def summarize(v, pieces):
    return {
        "data": {"train": len(v["x_train"]), "test": len(v["x_test"])},
        "teachers": rounded([float(score) for score in v["full_size"]]),
        "results": pieces,
    }
