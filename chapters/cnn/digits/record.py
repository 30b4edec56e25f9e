"""사진의 크기와 배치 크기에 따라 훈련 한 스텝의 시간과 메모리. 다른 일을 하지 않는 컴퓨터에서 실행하세요."""

from course.cost import step_costs

CELLS = ("setup", "load", "build")
SIDES, BATCHES = (28, 56, 112, 224), (8, 32, 128, 512, 2048)
# 재지 않는 쪽은 사진 28×28, 배치 32로 둡니다.
AXES = {
    "사진 한 변": [(side, (32, side, side, 1)) for side in SIDES],
    "배치 크기": [(batch, (batch, 28, 28, 1)) for batch in BATCHES],
}
FIRST_LAYER = {"합성곱 신경망": "conv1", "완전 연결 신경망": "flatten"}  # 장의 모델에서 이 층부터 씁니다.
PIECES = [f"{model}, {axis}" for model in FIRST_LAYER for axis in AXES]


def measure(v, piece):
    import keras

    name, axis = piece.split(", ")
    layers = v["model"].layers
    first = [layer.name for layer in layers].index(FIRST_LAYER[name])
    rows = step_costs(keras.Sequential(layers[first:]), AXES[axis])
    return {"model": name, "axis": axis, "rows": rows}


def summarize(v, pieces):
    return {"batch": 32, "results": list(pieces.values())}
