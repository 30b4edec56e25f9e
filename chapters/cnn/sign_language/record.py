"""진짜 손 사진으로 나누기, 뒤집기, 그린 손에서 배우기를 잽니다.

`DLKO_DATA_DIR` 폴더에 `sign_mnist*.zip`(글자마다 폴더 하나, 28×28)과 `sign_digits*.zip`(숫자마다 폴더 하나)이 있어야 합니다.

- 지문자 사진은 원본 수백 장을 조금씩 바꾼 복제본입니다. 픽셀의 상관이 `SAME`을 넘는 것을 이어 원본마다 모읍니다. 사진을
  솎기 전에 모두 놓고 모읍니다. 솎은 다음에 모으면 이어 주던 복제본이 빠져 한 원본이 둘로 갈릴 수 있습니다.
- 진짜 사진에는 오른손인지 적혀 있지 않습니다. 그래서 그대로의 사진과 거울에 비춘 사진으로 나누어 잽니다.
- 숫자 사진에는 누구의 손인지가 적혀 있지 않습니다. 위쪽 두 구석의 색이 비슷한 것끼리 모아, 빛과 벽이 다른 사진으로 시험합니다.
- 다섯 조각 가운데 하나씩 번갈아 테스트 세트로 씁니다. 모든 사진이 한 번씩 시험에 나옵니다.
- 불균형은 그린 손으로 잽니다. 장수를 마음대로 정할 수 있어, 드문 탓과 모자란 탓을 가를 수 있기 때문입니다.
"""

import keras
import numpy as np
from keras import layers
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import KMeans
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier

import dlko
from course.kernel import brought_file, rounded

ENVIRONMENT = {"DLKO_DATA": "embedded", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
CELLS = ("setup", "load", "standardize", "build")
LONG = ", 두 배 오래"
PIECES = (
    "무작위", "원본", "원본, 뒤집기", "그린 손", "그린 손 다음 진짜 손", "숫자, 무작위", "숫자, 배경", "불균형",
    "원본" + LONG, "원본, 뒤집기" + LONG,
)  # fmt: skip

SAME, THRESHOLDS = 0.95, (0.90, 0.95, 0.98)
THIN = 3  # 복제본은 셋에 하나만 씁니다. 거의 같은 사진이라 다 써도 시간만 더 걸립니다.
EPOCHS, DRAWN_EPOCHS, DIGIT_EPOCHS = 30, 30, 30
FOLDS, STARTS, BACKGROUNDS = 5, 3, 25

# 불균형: 주먹 여섯 글자, 드문 글자와 그 장수, 되풀이
FISTS, RARE, FEW, MANY, IMBALANCE_SEEDS = "AEMNST", "NT", 12, 150, range(5)


def photos(pattern, side):
    """꾸러미의 사진 `(장수, side, side, 3)` uint8과 정답. 나누기는 여기서 따로 하므로 한데 모읍니다."""
    (images, labels), (others, answers) = dlko.load_data(brought_file(pattern), side=side)
    return np.concatenate([images, others]), np.concatenate([labels, answers])


def correlations(images):
    """사진끼리의 상관계수 `(장수, 장수)`."""
    flat = images.reshape(len(images), -1).astype("float32")
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    return flat @ flat.T


def closest(images):
    """가장 닮은 다른 사진과의 상관계수. 모든 사진의 중앙값입니다."""
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
    """조각마다 새로 훈련해 그대로의 사진과 거울에 비춘 사진의 정확도를 잽니다. `start`는 처음 가중치입니다."""
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


def imbalance(v):
    """주먹 여섯 글자에서 N과 T의 재현율. 사진의 수, 비율, 훈련한 스텝, 무게를 하나씩 바꿉니다."""
    x, y = v["standardize"](v["x_train"]), v["y_train"]
    x_test, y_test = v["standardize"](v["x_test"]), v["y_test"]
    numbers = [list(v["letters"]).index(letter) for letter in FISTS]
    rare = np.isin(list(FISTS), list(RARE))
    exam = np.isin(y_test, numbers)
    given = np.searchsorted(numbers, y_test[exam])

    def run(seed, counts, steps, weigh=False):
        found = [np.flatnonzero(y == k)[:count] for k, count in zip(numbers, counts, strict=True)]
        chosen = np.concatenate(found)
        labels = np.searchsorted(numbers, y[chosen])
        weights = {k: len(chosen) / len(found) / len(rows) for k, rows in enumerate(found)} if weigh else None
        keras.utils.set_random_seed(seed)
        model = v["build"](len(numbers))
        epochs = round(steps / np.ceil(len(chosen) / 64))
        model.fit(x[chosen], labels, epochs=epochs, batch_size=64, verbose=0, class_weight=weights)
        recall = np.array(recalls(given, answers(model, x_test[exam])))
        return {"seed": seed, "rare": float(recall[rare].mean()), "others": float(recall[~rare].mean())}

    uneven = np.where(rare, FEW, MANY)
    plans = {
        "모두 많음": (np.full(len(rare), MANY), 300),
        "드문 둘만 적음": (uneven, 300),
        "드문 둘만 적음, 짧게": (uneven, 100),
        "드문 둘만 적음, 무게": (uneven, 300, True),
        "모두 적음": (np.full(len(rare), FEW), 300),
    }
    runs = {name: [run(seed, *plan) for seed in IMBALANCE_SEEDS] for name, plan in plans.items()}
    return {"few": FEW, "many": MANY, "steps": {name: plan[1] for name, plan in plans.items()}, "runs": runs}


def measure(v, piece):
    if piece == "불균형":
        return rounded(imbalance(v))
    if piece.startswith("숫자"):
        images, labels = photos("sign_digits*.zip", 32)
        x = v["standardize"]((images @ np.array([0.299, 0.587, 0.114])).round())
        groups = backgrounds(images) if piece == "숫자, 배경" else None
        found = cross_validate(v, x, labels, groups, DIGIT_EPOCHS, moves_and_zoom)
        return rounded({**found, "photos": len(x), "closest": closest(x)})

    images, labels = photos("sign_mnist*.zip", 28)
    full, full_labels = v["standardize"](images[..., 0]), labels  # 회색 사진이라 세 채널이 같습니다.
    x, labels = full[::THIN], labels[::THIN]
    groups = originals(full, full_labels, SAME)[::THIN]
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
    if piece.startswith("원본"):
        epochs = EPOCHS * (2 if piece.endswith(LONG) else 1)
        augment = moves_and_mirror if "뒤집기" in piece else small_moves
        return rounded(cross_validate(v, x, labels, groups, epochs, augment))

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
    return {
        "device": "CPU (코어 1개)",
        "same": SAME,
        "folds": FOLDS,
        "backgrounds": BACKGROUNDS,
        "results": pieces,
    }
