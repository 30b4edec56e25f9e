"""시퀀스의 길이에 따라 훈련 한 스텝의 시간과 메모리. 다른 일을 하지 않는 컴퓨터에서 실행하세요."""

from course.cost import step_costs

CELLS = ("setup", "task-data", "models")
LENGTHS = (10, 30, 100, 300, 1000)
PIECES = ("LSTM", "완전 연결 신경망")


def measure(v, piece):
    """장의 LSTM 모델, 그리고 거기서 LSTM을 완전 연결층으로 바꾼 것을 잽니다."""
    import keras
    from keras import layers

    answer = v["models"]["LSTM"].layers[-1]
    dense = [layers.Flatten(), layers.Dense(v["UNITS"], activation="relu")]
    model = v["models"]["LSTM"] if piece == "LSTM" else keras.Sequential([*dense, answer])
    rows = step_costs(model, [(length, (32, length, v["SYMBOLS"] + 1)) for length in LENGTHS])
    return {"model": piece, "axis": "시퀀스 길이", "rows": rows}


def summarize(v, pieces):
    return {"batch": 32, "results": list(pieces.values())}
