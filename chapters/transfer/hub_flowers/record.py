"""꽃 사진으로 네 방법을 견줍니다. `DLKO_DATA_DIR` 폴더에 `flowers*.zip`이 있어야 합니다. 코어 둘에서 30분쯤 걸립니다."""

CELLS = ("setup",)
PIECES = ("꽃",)


def measure(v, piece):
    from chapters.transfer.hub_flowers.study import record_of

    return record_of("flowers", "flowers*.zip")


def summarize(v, pieces):
    return dict(pieces["꽃"])
