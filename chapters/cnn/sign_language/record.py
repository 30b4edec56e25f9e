"""진짜 손 사진으로 나누기, 뒤집기, 그린 손에서 배우기를 잽니다.

`DLKO_DATA_DIR` 폴더에 `sign_mnist*.zip`(글자마다 폴더 하나, 28×28)과 `sign_digits*.zip`(숫자마다 폴더 하나)이 있어야 합니다.

- 지문자 사진은 원본 수백 장을 조금씩 바꾼 복제본입니다. 픽셀의 상관이 `SAME`을 넘는 것을 이어 원본마다 모읍니다.
- 숫자 사진에는 누구의 손인지가 적혀 있지 않습니다. 위쪽 두 구석의 색이 비슷한 것끼리 모아, 빛과 벽이 다른 사진으로 시험합니다.
- 나눌 때마다 세 조각 가운데 하나를 테스트 세트로 씁니다. 모든 사진이 한 번씩 시험에 나옵니다.
"""

import os
from pathlib import Path

import keras
import numpy as np
from keras import layers
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import KMeans
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier

import dlko
from course.kernel import rounded

ENVIRONMENT = {"DLKO_DATA": "embedded"}
CELLS = ("setup", "load", "standardize", "build")
PIECES = ("무작위", "원본", "원본, 뒤집기", "그린 손", "그린 손 다음 진짜 손", "숫자, 무작위", "숫자, 배경")

SAME, THRESHOLDS = 0.95, (0.90, 0.95, 0.98)
THIN = 3  # 복제본은 셋에 하나만 씁니다. 거의 같은 사진이라 다 써도 시간만 더 걸립니다.
EPOCHS, DRAWN_EPOCHS, DIGIT_EPOCHS = 12, 8, 25
FOLDS, STARTS, BACKGROUNDS = 3, 3, 25


def photos(pattern, side):
    """꾸러미의 사진 `(장수, side, side, 3)` uint8과 정답. 나누기는 여기서 따로 하므로 한데 모읍니다."""
    found = sorted(Path(os.environ.get("DLKO_DATA_DIR", ".")).glob(pattern))
    if not found:
        raise FileNotFoundError(f"DLKO_DATA_DIR 폴더에 {pattern}이 없습니다.")
    (images, labels), (others, answers) = dlko.load_data(found[0], side=side)
    return np.concatenate([images, others]), np.concatenate([labels, answers])


def correlations(images):
    """사진끼리의 상관계수 `(장수, 장수)`."""
    flat = images.reshape(len(images), -1).astype("float32")
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    return flat @ flat.T


def closest(images):
    """가장 닮은 다른 사진과의 상관계수. 모든 사진의 가운데 값입니다."""
    alike = correlations(images)
    np.fill_diagonal(alike, -1)
    return float(np.median(alike.max(axis=1)))


def originals(images, labels, same):
    """복제본을 이어 사진마다 원본의 번호를 붙입니다. 글자가 다르면 잇지 않습니다."""
    alike = (correlations(images) > same) & (labels[:, np.newaxis] == labels)
    return connected_components(alike)[1]


def backgrounds(images):
    """위쪽 왼쪽과 오른쪽 구석의 평균 색으로 사진을 모읍니다."""
    corners = np.concatenate(
        [images[:, :6, :5].mean(axis=(1, 2)), images[:, :6, -5:].mean(axis=(1, 2))], axis=1
    )
    corners = (corners - corners.mean(axis=0)) / corners.std(axis=0)
    return KMeans(BACKGROUNDS, n_init=5, random_state=0).fit_predict(corners)


def folds(labels, groups=None):
    if groups is None:
        return StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(labels, labels)
    return StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(labels, labels, groups)


def small_moves():
    """손 모양을 바꾸지 않는 작은 돌리기와 밀기."""
    return [
        layers.RandomRotation(0.03, fill_mode="nearest"),
        layers.RandomTranslation(0.08, 0.08, fill_mode="nearest"),
    ]


def moves_and_mirror():
    return [*small_moves(), layers.RandomFlip("horizontal")]


def moves_and_zoom():
    return [*small_moves(), layers.RandomZoom(0.1, fill_mode="nearest")]


def answers(model, x):
    return model.predict(x, batch_size=256, verbose=0).argmax(axis=1)


def recalls(labels, given):
    return [float((given[labels == label] == label).mean()) for label in np.unique(labels)]


def nearest(x, labels, train, test):
    """가장 비슷한 훈련 사진의 답을 베낀 정확도."""
    flat = x.reshape(len(x), -1)
    return KNeighborsClassifier(1).fit(flat[train], labels[train]).score(flat[test], labels[test])


def cross_validate(v, x, labels, groups, epochs, augment, start=None):
    """조각마다 새로 훈련해 오른손과 거울에 비춘 손의 정확도를 잽니다. `start`는 처음 가중치입니다."""
    rows, given = [], np.empty(len(labels), int)
    for fold, (train, test) in enumerate(folds(labels, groups)):
        keras.utils.set_random_seed(fold)
        model = v["build"](int(labels.max()) + 1, x.shape[1], augment())
        if start is not None:
            model.set_weights(start)
        model.fit(x[train], labels[train], epochs=epochs, batch_size=64, verbose=0)
        given[test] = answers(model, x[test])
        mirrored = answers(model, x[test][:, :, ::-1])
        rows.append(
            {
                "fold": fold,
                "test": len(test),
                "right": float((given[test] == labels[test]).mean()),
                "left": float((mirrored == labels[test]).mean()),
                "nearest": nearest(x, labels, train, test),
            }
        )
    return {"epochs": epochs, "folds": rows, "recall": recalls(labels, given)}


def measure(v, piece):
    if piece.startswith("숫자"):
        images, labels = photos("sign_digits*.zip", 32)
        x = v["standardize"]((images @ np.array([0.299, 0.587, 0.114])).round())
        groups = backgrounds(images) if piece == "숫자, 배경" else None
        found = cross_validate(v, x, labels, groups, DIGIT_EPOCHS, moves_and_zoom)
        return rounded({**found, "photos": len(x), "closest": closest(x)})

    images, labels = photos("sign_mnist*.zip", 28)
    full, full_labels = v["standardize"](images[..., 0]), labels  # 회색 사진이라 세 채널이 같습니다.
    x, labels = full[::THIN], labels[::THIN]
    groups = originals(x, labels, SAME)
    if piece == "무작위":
        numbers = {str(same): originals(full, full_labels, same) for same in THRESHOLDS}
        found = cross_validate(v, x, labels, None, EPOCHS, small_moves)
        about = {
            "photos": len(full),
            "used": len(x),
            "originals": {same: int(number.max()) + 1 for same, number in numbers.items()},
            "copies": float(np.median(np.bincount(numbers[str(SAME)]))),
            "closest": closest(full),
        }
        return rounded({**found, **about})
    if piece == "원본":
        return rounded(cross_validate(v, x, labels, groups, EPOCHS, small_moves))
    if piece == "원본, 뒤집기":
        return rounded(cross_validate(v, x, labels, groups, EPOCHS, moves_and_mirror))

    drawn, drawn_labels = v["standardize"](v["x_train"]), v["y_train"]
    runs, given = [], []
    for seed in range(1 if piece == "그린 손 다음 진짜 손" else STARTS):
        keras.utils.set_random_seed(seed)
        model = v["build"](24, 28, small_moves())
        model.fit(drawn, drawn_labels, epochs=DRAWN_EPOCHS, batch_size=64, verbose=0)
        given.append(answers(model, x))
        own = answers(model, v["standardize"](v["x_test"])) == v["y_test"]
        runs.append({"seed": seed, "drawn": float(own.mean()), "real": float((given[-1] == labels).mean())})
    if piece == "그린 손":
        return rounded(
            {"runs": runs, "recall": np.mean([recalls(labels, g) for g in given], axis=0).tolist()}
        )
    return rounded(cross_validate(v, x, labels, groups, EPOCHS, small_moves, model.get_weights()))


def summarize(v, pieces):
    return {"same": SAME, "backgrounds": BACKGROUNDS, "results": pieces}
