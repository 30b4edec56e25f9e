"""출발점을 바꾸어 가며 잰 것 셋: 하이퍼네트워크, 픽셀 섞기, 두 숫자의 합. 책에 든 MNIST 부분집합을 씁니다.

노트북의 함수로 훈련합니다. 정확도는 훈련의 절반과 끝에서 재어, 더 훈련하면 달라지는지 알 수 있게 합니다.
"""

from course.kernel import rounded

ENVIRONMENT = {"DLKO_DATA": "embedded"}
CELLS = (
    "setup", "load", "rivals", "sum-models", "sum-data",
    "hyper-net", "hyper-tasks", "hyper-train", "hyper-fit", "hyper-scratch",
)  # fmt: skip
# 훈련 사진의 수 → (에포크, 출발점의 수). 1,000장의 절반은 노트북의 길이와 같습니다.
DUELS = {1000: (40, 5)}
# 정답의 수 → 에포크
LABELS = {300: 60, 1000: 40}
WAYS = ("파이프라인", "N2N", "더하기를 아는 N2N")
NAMES = ("합성곱", "완전 연결", "k-최근접 이웃")
# 조각은 작게 나눕니다. 멈추었다가 이어 가기 쉽습니다.
PIECES = (
    *(f"하이퍼네트워크/{seed}" for seed in range(3)),
    *(f"섞기/{count}/{kind}/{name}" for count in DUELS for kind in ("그대로", "섞음") for name in NAMES),
    *(f"합/{labels}/{way}" for labels in LABELS for way in WAYS),
)


def measure(v, piece):
    """조각 하나. 결과는 기록의 한 줄이거나, 하이퍼네트워크면 줄의 목록입니다."""
    kind, *rest = piece.split("/")
    if kind == "섞기":
        return duel(v, int(rest[0]), *rest[1:])
    if kind == "합":
        return sums(v, int(rest[0]), rest[1])
    return hyper(v, int(rest[0]))


def halfway(v, model, x, y, epochs, score):
    """훈련의 절반과 끝에서 잰 점수."""
    v["train"](model, x, y, epochs // 2)
    first = score(model)
    model.fit(x, y, batch_size=64, epochs=epochs - epochs // 2, verbose=0)
    return [first, score(model)]


def duel(v, count, kind, name):
    import keras

    epochs, starts = DUELS[count]
    labels, truth = v["digits"][:count], v["digits_test"]
    x, new = v["x_all"][:count], v["x_test"]
    if kind == "섞음":
        x, new = v["mix"](x), v["mix"](new)
    about = {"count": count, "kind": kind, "name": name}
    if name == "k-최근접 이웃":  # 출발점이 없어 한 번이면 됩니다.
        nearest = v["KNeighborsClassifier"](3).fit(x.reshape(count, -1), labels)
        exact = nearest.score(new.reshape(len(new), -1), truth)
        return rounded(about | {"accuracy": [[exact, exact]]})
    scores = []
    for seed in range(starts):
        keras.utils.set_random_seed(seed)
        model = v["conv_net" if name == "합성곱" else "dense_net"]()
        scores.append(halfway(v, model, x, labels, epochs, lambda m: m.evaluate(new, truth, verbose=0)[1]))
    return rounded(about | {"epochs": epochs, "accuracy": scores})


def sums(v, labels, name):
    import keras

    scores = []
    for seed in range(3):
        keras.utils.set_random_seed(seed)
        model, x, y = v["sum_task"](name, labels, draw=seed)
        scores.append(halfway(v, model, x, y, LABELS[labels], lambda m: v["sum_score"](name, m)))
    return rounded({"labels": labels, "name": name, "epochs": LABELS[labels], "accuracy": scores})


def summarize(v, pieces):
    def found(kind):
        return [result for name, result in pieces.items() if name.split("/")[0] == kind]

    return {
        "data": {"train": len(v["x_all"]), "test": len(v["x_test"])},
        "duel": found("섞기"),
        "sums": found("합"),
        "hyper": [row for rows in found("하이퍼네트워크") for row in rows],
    }


def hyper(v, seed):
    """과제마다의 평균 제곱 오차의 중앙값. 처음부터 훈련한 쪽은 두 길이로 재어 더 훈련하면 달라지는지 봅니다."""
    import numpy as np

    network, codes = v["train_hyper"](seed)
    average = network(codes.mean(axis=0, keepdims=True)).numpy()
    random = np.random.default_rng(100 + seed)
    tasks = 100
    grid = np.tile(np.linspace(-5, 5, 101, dtype="float32"), (tasks, 1))
    rows = []
    for kind, make in (("사인", v["waves"]), ("직선", v["lines"])):
        truth, x = make(random, tasks), v["places"](random, tasks, 5)
        y = truth(x)
        weights = {
            "임베딩만 찾기": network(v["find_code"](network, codes, x, y)),
            "처음부터, 1,000스텝": v["from_scratch"](x, y, 1000),
            "처음부터, 4,000스텝": v["from_scratch"](x, y, 4000),
            "평균 신경망에서": v["from_scratch"](x, y, 1000, start=np.repeat(average, tasks, axis=0)),
        }
        curves = {name: v["run_net"](found, grid).numpy() for name, found in weights.items()}
        curves["식을 아는 사람"] = sine_fit(x, y, grid)
        for name, curve in curves.items():
            misses = np.mean((curve - truth(grid)) ** 2, axis=1)
            rows.append({"seed": seed, "kind": kind, "name": name, "median": np.median(misses)})
    return rounded(rows)


def sine_fit(x, y, grid):
    """a sin x + b cos x의 a와 b를 최소 제곱으로 맞춥니다."""
    import numpy as np

    def parts(places):
        return np.stack([np.sin(places), np.cos(places)], axis=-1)

    found = [np.linalg.lstsq(parts(a), b, rcond=None)[0] for a, b in zip(x, y, strict=True)]
    return np.stack([parts(a) @ b for a, b in zip(grid, found, strict=True)])
