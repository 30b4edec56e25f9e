"""LSTM으로 수열의 다음 수 맞히기."""

import numpy as np

from course.benchmark.plan import Plan


def recipe(data, watch, scaled=False):
    import keras
    from keras import layers

    x, y = data
    shift, size = (y[:80].mean(), y[:80].std()) if scaled else (0.0, 1.0)
    if scaled:
        x = (x - x[:80].mean()) / x[:80].std()
    model = keras.Sequential([keras.Input((5, 1)), layers.LSTM(16), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mae")
    watch.quality = lambda: np.mean(np.abs(model.predict(x[80:], verbose=0)[:, 0] * size + shift - y[80:]))
    model.fit(
        x,
        (y - shift) / size,
        epochs=500,
        batch_size=32,
        validation_split=0.2,
        callbacks=[watch.callback()],
        verbose=0,
    )


def standardized(data, watch):
    recipe(data, watch, scaled=True)


VARIANTS = {"scaled": ("입력과 정답을 표준화하기", standardized)}


def test_error(v):
    scaled = v["residual"].predict(v["x_scaled"][80:], verbose=0)[:, 0]
    return float(np.mean(np.abs(scaled * v["y_std"] + v["y_mean"] - v["y"][80:])))


PLAN = Plan(
    recipe="LSTM 16, Adam 0.001, 평균 절대 오차, 배치 32, 500에포크",
    measure="i = 85…104의 평균 절대 오차",
    quality=test_error,
    tolerance=5.0,
    lower_is_better=True,
    data_cells=("setup", "data"),
    data=lambda v: (v["x"], v["y"]),
    title=lambda data, _: f"수열 {len(data[0])}줄",
    cells=("recipe-model", "predict-helper", "rows", "scale", "train-function", "residual-model"),
    every_epochs=5,
)
