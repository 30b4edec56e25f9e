"""rnn/stock: LSTM을 쌓아 다음 날의 주가 맞히기."""

import keras
import numpy as np
from keras import layers
from sklearn.preprocessing import MinMaxScaler

from benchmarks.quality import rmse


def recipe(prices, watch):
    x = np.stack([prices[i : i + 3] for i in range(len(prices) - 3)])
    y = prices[3:, np.newaxis]
    x_train, x_test, y_train, y_test = x[:-100], x[-100:], y[:-100], y[-100:]
    x_scaler, y_scaler = MinMaxScaler().fit(x_train), MinMaxScaler().fit(y_train)
    x_train = x_scaler.transform(x_train)[..., np.newaxis]
    x_test = x_scaler.transform(x_test)[..., np.newaxis]
    y_train = y_scaler.transform(y_train)

    model = keras.Sequential(
        [
            keras.Input((3, 1)),
            layers.LSTM(64, return_sequences=True),
            layers.Dropout(0.2),
            layers.LSTM(32, return_sequences=True),
            layers.Dropout(0.2),
            layers.LSTM(16),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    watch.quality = lambda: rmse(y_scaler.inverse_transform(model.predict(x_test, verbose=0)), y_test)
    model.fit(x_train, y_train, epochs=30, batch_size=16, callbacks=[watch.callback()], verbose=0)


VARIANTS = {}
