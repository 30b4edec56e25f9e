"""LSTM을 쌓아 다음 날의 주가 맞히기."""

import numpy as np

from course.benchmark.plan import Plan


def recipe(prices, watch):
    import keras
    from keras import layers
    from sklearn.preprocessing import MinMaxScaler

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


VARIANTS: dict = {}


def rmse(predicted, actual):
    return float(np.sqrt(np.mean((np.asarray(predicted, "float64") - actual) ** 2)))


def price_error(v):
    """예측한 수익률을 전날의 값에 얹어 달러로 되돌리고 오차를 잽니다."""
    prices = v["prices"]
    returns = np.diff(np.log(prices))
    mean, spread = returns[:-100].mean(), returns[:-100].std()
    x, _ = v["make_windows"]((returns - mean) / spread, v["WIDTH"])
    predicted = v["model"].predict(x[-100:], verbose=0)[:, 0] * spread + mean
    return rmse(prices[-101:-1] * np.exp(predicted), prices[-100:])


PLAN = Plan(
    recipe="LSTM 64, 32, 16과 드롭아웃 0.2, Adam, 배치 16, 30에포크",
    measure="테스트 RMSE(달러)",
    quality=price_error,
    tolerance=1.0,
    lower_is_better=True,
    data_cells=("setup", "load"),
    data=lambda v: v["prices"],
    title=lambda prices, _: f"GOOG 일별 종가 {len(prices):,}일",
    cells=("look", "make-windows", "cut", "build"),
)
