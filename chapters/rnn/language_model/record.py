"""가져온 영화평(DLKO_DATA_DIR)으로 훈련한 트랜스포머와 n그램의 글자당 비트. 비밀 암호를 몇 번 보아야 외우는지도 잽니다.

형태소까지 세려면 먼저 `pip install kiwipiepy`를 합니다. 한 번에 코어 하나로 8분쯤 걸립니다.
"""

import time
from collections import Counter
from functools import partial
from itertools import permutations

from course.kernel import rounded, run_cell

CELLS = (
    "setup", "load", "split", "secrets", "bpe", "cut", "units", "ids", "ngram-code", "kn-code", "build",
    "batches", "fit", "score-code",
)  # fmt: skip
VECTOR_TEXTS = 20_000  # 스킵그램은 금방 끝나므로 더 많은 글로 훈련합니다.
TRAIN, HELD, LONGEST_TEXT = 5_400, 1_000, 60  # 훈련 글의 수는 노트북과 같습니다.
VALIDATION, TEST = "검증", "새 틀"  # 노트북의 칸이 '새 틀'이라는 이름을 찾습니다.
NAMES = {VALIDATION: "validation", TEST: "test"}
TIMES = (0, 1, 2, 8, 32)  # 암호마다 섞는 횟수. 횟수마다 암호가 다섯입니다.
PLACES = (
    "현관", "금고", "사물함", "자전거", "창고", "차고", "서랍", "다락", "지하실",
    "옥상", "대문", "책상", "가방", "우체통", "보관함", "승강기", "회의실", "연구실",
    "작업실", "도서관", "체육관", "온실", "별장", "주차장", "휴게실",
)  # fmt: skip
ORDERS = {"글자": 6, "BPE": 5}
CUTOFFS = (0.7, 0.8, 0.9, 0.95)
# 토큰 → 훈련 길이(에포크)마다의 출발점의 수. 길이마다 학습률을 0까지 내립니다.
EPOCHS = {"BPE": {8: 3, 24: 1}, "글자": {8: 3}}
MAIN, RATE = 8, 3e-3  # 노트북의 짧은 실행보다 길고, 학습률은 더 작습니다.
# 뜻이나 쓰임이 가까우리라고 미리 정한 짝
PAIRS = (
    ("정말", "진짜"), ("너무", "정말"), ("재미있게", "재밌게"), ("재미있는", "재밌는"),
    ("최고의", "최악의"), ("스토리", "내용"), ("영화", "드라마"), ("그냥", "걍"),
)  # fmt: skip
PIECES = ["n그램/BPE", "n그램/글자", "토큰", "낱말"]
PIECES += [
    f"{unit}/{epochs}/{seed}"
    for epochs in (MAIN, 3 * MAIN)
    for unit, plan in EPOCHS.items()
    for seed in range(plan.get(epochs, 0))
]


def measure(v, piece):
    prepare(v)
    if piece == "토큰":
        return rounded(tokens(v))
    if piece == "낱말":
        return rounded(word_vectors(v))
    kind, *rest = piece.split("/")
    return rounded(ngrams(v, *rest) if kind == "n그램" else transformer(v, kind, *map(int, rest)))


def prepare(v):
    """짧은 글만 골라 훈련, 검증, 시험으로 나누고 암호를 섞습니다. 노트북의 이름(train, tests, …)을 이 글로 바꿉니다."""
    import numpy as np

    if "_planted" in v:
        return
    found, seen = [], set()
    for texts in (v["texts"], v["new_texts"]):
        found.append([])
        for text in (" ".join(text.split()) for text in texts):
            bare = v["bare"](text)  # 빈칸과 문장 부호만 다른 글은 한 번만, 훈련 쪽에만 둡니다.
            if len(text) <= LONGEST_TEXT and bare and bare not in seen:
                seen.add(bare)
                found[-1].append(text)
    kept, new = found
    own, tests = kept[:TRAIN], {VALIDATION: kept[TRAIN : TRAIN + HELD], TEST: new[:HELD]}
    rng = np.random.default_rng(0)
    codes = [" ".join(three) for three in permutations(v["NOUNS"], 3)]
    chosen = [codes[i] for i in rng.choice(len(codes), len(PLACES), replace=False)]
    times = np.repeat(TIMES, len(PLACES) // len(TIMES)).tolist()
    v["_codes"], v["_planted"] = codes, list(zip(PLACES, chosen, times, strict=True))
    planted = [f"{place} 암호는 {code}." for place, code, times in v["_planted"] for _ in range(times)]
    v["_more"] = kept[:VECTOR_TEXTS]
    v["own"], v["common"] = own, Counter("".join(own + planted))
    v["train"] = [v["known"](text) for text in own + planted]
    v["tests"] = {name: [v["known"](text) for text in part] for name, part in tests.items()}
    run_cell(v["_cells"]["units"])
    v["_counted"] = v["rows"]
    run_cell(v["_cells"]["ids"])


def transformer(v, unit, epochs, seed):
    """장의 함수로 한 번 훈련하고 재어, 글자당 비트와 암호의 등수를 냅니다."""
    import keras

    train, tests = v["x_train"][unit], v["x_test"][unit]
    keras.utils.set_random_seed(seed)
    model = v["build"](v["size"][unit])
    start = time.process_time()
    v["fit"](model, train, epochs, rate=RATE, seed=seed)
    seconds = time.process_time() - start

    found = {
        "unit": unit,
        "epochs": epochs,
        "seed": seed,
        "seconds": seconds,
        "parameters": model.count_params(),
        "bits": {
            NAMES[name]: sum(v["surprises"](model, lines).sum() for lines in chunks(part))
            / v["characters"][name]
            for name, part in tests.items()
        },
    }
    if epochs == MAIN and unit == "BPE":
        found["mixed"] = mixed(v, model, unit) / v["characters"][TEST]
        found["secrets"] = secrets(v, unit, partial(v["surprises"], model))
    return found


def mixed(v, model, unit, order=4):
    """트랜스포머와 n그램(크네서–나이)의 확률을 반씩 섞었을 때 시험 글에 놀란 만큼(비트)."""
    import numpy as np

    tables = v["count"](v["x_train"][unit], order)
    kinds = v["count_kinds"](tables)
    bits = 0.0
    for lines in chunks(v["x_test"][unit][TEST]):
        padded = v["pad"](lines)
        logits = model.predict(padded[:, :-1], verbose=0)
        mine = np.exp(logits - logits.max(axis=-1, keepdims=True))
        mine = np.take_along_axis(mine, padded[:, 1:, None], axis=-1)[..., 0] / mine.sum(axis=-1)
        for line, chance in zip(lines, mine, strict=True):
            counted = v["kneser_ney"](tables, kinds, line, v["size"][unit])[:, -1]
            bits -= np.log2((chance[: len(line) + 1] + counted) / 2).sum()
    return bits


def chunks(lines, size=256):
    """길이가 비슷한 글끼리 나눕니다. 한꺼번에 재면 메모리가 모자랍니다."""
    lines = sorted(lines, key=len)
    return [lines[i : i + size] for i in range(0, len(lines), size)]


def ngrams(v, unit):
    """n과 평활화, 깎는 몫을 검증 세트에서 고르도록 모두 잽니다. 암호의 등수는 검증에서 가장 나은 것으로 냅니다."""
    import numpy as np

    train, tests = v["x_train"][unit], v["x_test"][unit]
    start = time.process_time()
    tables = v["count"](train, ORDERS[unit])
    kinds = v["count_kinds"](tables)
    seconds = time.process_time() - start
    size = v["size"][unit]
    smooth = {("위튼–벨", None): lambda line: v["witten_bell"](tables, line, size)}

    def score(line, cutoff):
        return v["kneser_ney"](tables, kinds, line, size, cutoff)

    for cutoff in CUTOFFS:
        smooth["크네서–나이", cutoff] = partial(score, cutoff=cutoff)
    found = []
    for (name, cutoff), chances in smooth.items():
        bits = {
            NAMES[part]: sum(-np.log2(chances(line)).sum(axis=0) for line in lines) / v["characters"][part]
            for part, lines in tests.items()
        }
        for n in range(ORDERS[unit]):
            row = {"unit": unit, "smoothing": name, "cutoff": cutoff, "n": n + 1}
            found.append(row | {"bits": {part: values[n] for part, values in bits.items()}})
    best = min(found, key=lambda row: row["bits"]["validation"])
    chances = smooth[best["smoothing"], best["cutoff"]]

    def surprises(lines):
        return np.array([-np.log2(chances(line)[:, best["n"] - 1]).sum() for line in lines])

    ranks = secrets(v, unit, surprises) if unit == "BPE" else None
    return {"seconds": seconds, "rows": found, "secrets": ranks}


def secrets(v, unit, surprises):
    """암호마다 720가지 가운데 몇 등인지. 외우지 않았다면 어디에 있어도 이상하지 않습니다."""
    found = []
    for place, code, times in v["_planted"]:
        lines = [v["known"](f"{place} 암호는 {one}.") for one in v["_codes"]]
        bits = surprises(v["to_ids"](lines, unit))
        rank = 1 + int((bits < bits[v["_codes"].index(code)]).sum())
        found.append({"times": times, "rank": rank})
    return found


def tokens(v):
    """토큰의 종류와 개수. 형태소는 kiwipiepy가 있을 때만 셉니다."""
    import numpy as np

    found = dict(v["_counted"])
    try:
        from kiwipiepy import Kiwi
    except ImportError:
        return found
    kiwi = Kiwi(num_workers=1)
    train, new = (
        [[token.form for token in line] for line in kiwi.tokenize(texts)]
        for texts in (v["train"], v["tests"][TEST])
    )
    kinds = {token for line in train for token in line}
    found["형태소"] = {
        "훈련 글의 토큰 종류": len(kinds),
        "글마다의 토큰": np.mean([len(line) for line in new]),
        "모르는 토큰(%)": 100 * np.mean([token not in kinds for line in new for token in line]),
    }
    return found


def word_vectors(v):
    """장의 스킵그램을 출발점 셋에서 훈련합니다. 미리 정한 짝이 낱말들 가운데 몇 번째로 가까운지 셉니다."""
    small, v["own"] = v["own"], v["_more"]
    run_cell(v["_cells"]["skip-pairs"])
    v["own"] = small
    known = [pair for pair in PAIRS if set(pair) <= set(v["vocab"])]
    found = []
    for seed in range(3):
        run_cell(v["_cells"]["skip-train"].replace("set_random_seed(0)", f"set_random_seed({seed})"))
        run_cell(v["_cells"]["skip-table"])
        close = v["vectors"] @ v["vectors"].T
        ranks = []
        for pair in known:
            a, b = map(v["vocab"].index, pair)
            # 자기 자신이 0번째이므로 1이면 가장 가까운 낱말입니다.
            ranks.append([int((close[i] > close[i, j]).sum()) for i, j in ((a, b), (b, a))])
        near = {pair[0]: v["nearest"](pair[0]) for pair in known}
        found.append({"seed": seed, "ranks": ranks, "near": near})
    return {"texts": VECTOR_TEXTS, "words": len(v["vocab"]), "pairs": known, "runs": found}


def summarize(v, pieces):
    prepare(v)
    runs = [value for piece, value in pieces.items() if piece.split("/")[0] in EPOCHS]
    counted = {piece: value for piece, value in pieces.items() if piece.startswith("n그램")}
    return {
        "data": {
            "title": f"NSMC에서 고른 {LONGEST_TEXT}자까지의 영화평",
            "train": len(v["own"]),
            "validation": len(v["tests"][VALIDATION]),
            "test": len(v["tests"][TEST]),
        },
        "clock": "훈련에 쓴 CPU 초",
        "results": runs,
        "ngrams": [row for value in counted.values() for row in value["rows"]],
        "counted_secrets": counted["n그램/BPE"]["secrets"],
        "tokens": pieces["토큰"],
        "words": pieces["낱말"],
    }
