"""시퀀스의 길이에 따른 훈련 한 스텝의 시간과 메모리, 출발점을 바꾸어 잰 게이트, 더 오래 훈련한 SimpleRNN.

시간을 재므로 다른 일을 하지 않는 컴퓨터에서 실행하세요. 훈련은 노트북의 quick과 같습니다. 코어 둘에서 4분쯤 걸립니다.
"""

from course.cost import step_costs
from course.kernel import rounded

ENVIRONMENT = {"DLKO_PROFILE": "quick"}
CELLS = (
    "setup", "rnn-step", "lstm-hand", "lstm-step", "gru-step", "task-data", "models", "evaluate",
    "memory-swap", "gate-measure", "gate-read", "memory-difference", "holders",
)  # fmt: skip

LENGTHS = (10, 30, 100, 300, 1000)
EPOCHS, GATE_SEEDS = 4, range(5)  # 노트북의 quick과 같은 에포크
LONGER_EPOCHS, LONGER_SEEDS = 24, range(3)
PIECES = (
    "LSTM",
    "완전 연결 신경망",
    *(f"게이트/{name}/{seed}" for name in ("LSTM", "GRU") for seed in GATE_SEEDS),
    *(f"오래/SimpleRNN/{seed}" for seed in LONGER_SEEDS),
)


def measure(v, piece):
    """장의 LSTM 모델과 거기서 LSTM을 완전 연결층으로 바꾼 것의 값, 또는 출발점 하나에서 훈련한 것."""
    kind, _, rest = piece.partition("/")
    if not rest:
        return costs(v, piece)
    name, _, seed = rest.partition("/")
    model = v["build"](v["cells"][name], int(seed))
    about = {"name": name, "seed": int(seed)}
    return rounded(about | (gates(v, name, model) if kind == "게이트" else longer(v, model)))


def costs(v, piece):
    import keras
    from keras import layers

    answer = v["models"]["LSTM"].layers[-1]
    dense = [layers.Flatten(), layers.Dense(v["UNITS"], activation="relu")]
    model = v["models"]["LSTM"] if piece == "LSTM" else keras.Sequential([*dense, answer])
    rows = step_costs(model, [(length, (32, length, v["SYMBOLS"] + 1)) for length in LENGTHS])
    return {"model": piece, "axis": "시퀀스 길이", "rows": rows}


def fit(v, model, epochs):
    model.fit(v["x_train"], v["y_train"], epochs=epochs, batch_size=64, verbose=0)


def gates(v, name, model):
    """훈련 앞뒤로 표시 앞, 표시, 표시 뒤의 게이트. 훈련한 뒤에는 글자의 흔적이 담긴 곳도."""
    found = {}
    for when, epochs in (("before", 0), ("after", EPOCHS)):
        if epochs:
            fit(v, model, epochs)
        weights = model.layers[0].get_weights()
        memories, opened = v["read"](name, weights, v["original"])
        found[when] = v["gate_means"](opened, name)
        found[f"best_{when}"] = v["best_gate"](opened, name)
    change = v["read"](name, weights, v["swapped"])[0] - memories
    found["holders"] = v["holders"](opened, change, name)
    return found | {"accuracy": v["by_gap"](model)}


def longer(v, model):
    """4에포크마다 간격별 정확도."""
    curve = {}
    for done in range(EPOCHS, LONGER_EPOCHS + 1, EPOCHS):
        fit(v, model, EPOCHS)
        curve[str(done)] = v["by_gap"](model)
    return {"accuracy": curve}


def summarize(v, pieces):
    def kind(name):
        return [found for piece, found in pieces.items() if piece.startswith(f"{name}/")]

    return {
        "batch": 32,
        "results": [pieces[piece] for piece in PIECES[:2]],
        "gaps": list(v["GAPS"]),
        "periods": list(v["PERIODS"]),
        "gates": kind("게이트"),
        "longer": kind("오래"),
    }
