"""장의 비교표를 가져온 영화평(DLKO_DATA_DIR)으로. 형태소 줄까지 기록하려면 먼저 `pip install kiwipiepy`를 합니다."""

from course.kernel import rounded

CELLS = (
    "setup", "same-bag", "load", "subset", "split", "units", "grams", "encode", "bag", "model", "batches",
    "train", "evaluate", "tokenizers", "compare", "bag-grams", "average",
)  # fmt: skip
PIECES = ()


def summarize(v, pieces):
    return {
        "data": {
            "title": "NSMC에서 고른 영화평",
            "train": len(v["train_texts"]),
            "test": len(v["test_texts"]),
        },
        "validation_accuracy": max(v["history"].history["val_accuracy"]),
        "results": rounded(v["results"]),
    }
