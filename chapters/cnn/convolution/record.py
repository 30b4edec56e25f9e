"""손글씨 숫자의 픽셀을 섞으면 완전 연결층과 합성곱 신경망의 정확도가 어떻게 달라지는지, 출발점을 바꾸어 가며 잽니다."""

from dlko.provenance import content_hash

CELLS = ("setup", "shuffle_data", "dense_model", "cnn_model")
PIECES = ("완전 연결 신경망", "합성곱 신경망", "합성곱 신경망, 섞은 사진")
STARTS, EPOCHS = range(5), 30


def measure(v, piece):
    """출발점마다 절반과 끝의 테스트 정확도. 둘이 비슷하면 다 배운 것입니다."""
    make = v["make_dense"] if piece == PIECES[0] else v["make_cnn"]
    images = v["shuffled"] if piece.endswith("섞은 사진") else v["flat"]
    return {"name": piece, "accuracy": [train(v, make, images, seed) for seed in STARTS]}


def train(v, make, images, seed):
    model, labels = make(seed), v["labels"]
    scores = []
    for _ in range(2):
        model.fit(images[:1400], labels[:1400], epochs=EPOCHS // 2, batch_size=64, verbose=0)
        scores.append(round(model.evaluate(images[1400:], labels[1400:], verbose=0)[1], 4))
    return scores


def summarize(v, pieces):
    data = {"name": "digits", "sha256": content_hash(v["digits"].images, v["digits"].target)}
    return {"epochs": EPOCHS, "results": list(pieces.values()), "data": data}
