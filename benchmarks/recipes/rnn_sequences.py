"""rnn/sequences: LSTM으로 수열의 다음 수 맞히기."""

import keras
import numpy as np
from keras import layers


def recipe(data, watch, scaled=False):
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
