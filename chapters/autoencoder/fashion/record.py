"""공식 Fashion-MNIST 전체로 장의 칸을 실행한 결과와, 클래스를 하나씩 빼고 훈련해 그 클래스를 골라내게 한 AUC."""

import dlko
from course.kernel import rounded, run_cell

ENVIRONMENT = {"DLKO_DATA": "official"}
CELLS = ("setup", "load", "mse", "build", "run", "make-step", "train-functions", "roc")
CLASSES = dlko.CLASS_NAMES["fashion"]
PIECES = ("장의 칸", *CLASSES)


def measure(v, piece):
    return rounded(run_chapter(v) if piece == "장의 칸" else leave_out(v, CLASSES.index(piece)), digits=5)


def run_chapter(v):
    for name, source in v["_cells"].items():
        if name == "recorded-race":
            break
        run_cell(source)
    return {
        "comparison": [
            {"method": label, "seconds": seconds, "error": error} for label, seconds, error in v["comparison"]
        ],
        "compare_epochs": v["compare_epochs"],
        "errors": {"오토인코더": v["ae_error"], "PCA": v["pca_error"], "합성곱": v["conv_error"]},
        "denoise": v["denoise_errors"],
        "precision": v["precision"],
        "areas": v["areas"],
    }


def leave_out(v, k):
    """k번 클래스를 빼고 훈련해, 나머지 아홉 클래스의 테스트 사진과 가려 내게 한 AUC."""
    import keras
    import numpy as np

    keras.utils.set_random_seed(2)
    model = v["build_autoencoder"]([512], "silu")
    normal, x_test = v["x_train"][v["y_train"] != k], v["x_test"]
    v["train"](model, normal, normal, 4)
    center = normal.mean(axis=0)
    axes = np.linalg.eigh((normal - center).T @ (normal - center))[1][:, -32:]
    linear = np.clip((x_test - center) @ axes @ axes.T + center, 0, 1)
    strange = v["y_test"] == k
    scores = {"오토인코더": v["mse"](x_test, v["run"](model, x_test)), "PCA": v["mse"](x_test, linear)}
    return {name: v["auc"](s[~strange], s[strange]) for name, s in scores.items()}


def summarize(v, pieces):
    return {
        "data": {"title": "Fashion-MNIST 공식 데이터", "train": len(v["x_train"]), "test": len(v["x_test"])},
        "results": pieces.pop("장의 칸"),
        "leave_one_out": pieces,
    }
