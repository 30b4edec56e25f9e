"""양방향 LSTM으로 영화평의 감성 나누기."""

from collections import Counter

import numpy as np

from course.benchmark.plan import Plan


def recipe(data, watch, maxlen=None):
    import keras
    from keras import layers

    (train_texts, y_train), (test_texts, y_test) = data
    # 어절을 많이 나온 차례로 20,000가지까지 번호로 바꿉니다. 0은 채움, 1은 모르는 어절입니다.
    words = [text.split() for text in train_texts]
    counts = Counter(word for row in words for word in row)
    number = {word: i + 2 for i, (word, _) in enumerate(counts.most_common(20_000 - 2))}
    maxlen = maxlen or int(np.percentile([len(row) for row in words], 99))

    def encode(rows):
        numbers = [[number.get(word, 1) for word in row] for row in rows]
        return keras.utils.pad_sequences(numbers, maxlen=maxlen)

    x_train = encode(words)
    x_test = encode(text.split() for text in test_texts)

    model = keras.Sequential(
        [
            keras.Input((maxlen,), dtype="int32"),
            layers.Embedding(20_000, 128),
            layers.Bidirectional(layers.LSTM(256, return_sequences=True)),
            layers.Bidirectional(layers.LSTM(128)),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    watch.quality = lambda: binary_accuracy(model, x_test, y_test)
    model.fit(
        x_train,
        y_train,
        epochs=50,
        batch_size=256,
        validation_split=0.2,
        callbacks=[keras.callbacks.EarlyStopping("val_loss", patience=5), watch.callback()],
        verbose=0,
    )


def padded_to_300(data, watch):
    recipe(data, watch, maxlen=300)


VARIANTS = {"padded": ("길이를 300으로 맞추기(흔히 쓰는 값)", padded_to_300)}


def binary_accuracy(model, x, y):
    """긍정일 확률 하나를 내는 모델의 정확도."""
    return float(np.mean((model.predict(x, batch_size=256, verbose=0)[:, 0] > 0.5) == y))


def title(data, source):
    (train, _), (test, _) = data
    kinds = {"embedded": "지어낸 한국어 영화평", "official": "NSMC 전체", "user": "NSMC에서 고른 영화평"}
    return f"{kinds[source]}: 훈련 {len(train):,}개, 테스트 {len(test):,}개"


PLAN = Plan(
    recipe="어절 토큰, 임베딩 128, 양방향 LSTM 256과 128, Adam, 배치 256, 조기 종료(인내 5)",
    measure="테스트 정확도",
    quality=lambda v: binary_accuracy(v["model"], v["x_test"], v["y_test"]),
    tolerance=0.005,
    dataset="reviews",
    data_cells=("setup", "load"),
    data=lambda v: ((v["train_texts"], v["y_train"]), (v["test_texts"], v["y_test"])),
    title=title,
    cells=("same-bag", "subset", "split", "units", "grams", "model"),
    embedded_profile="quick",
    checks_per_epoch=4,
    partial_steps=12,
    partial_variants=("padded",),
)
