"""영화평 감성 분석 장의 칸들을 진짜 영화평으로 그대로 실행하고, 결과를 기록으로 남깁니다.

    python scripts/record_sentiment.py 훈련.tsv.gz 테스트.tsv.gz

노트북에서 바꾸는 것은 `DATA = …` 한 줄뿐이고 full 프로필로 실행합니다. 형태소 줄까지 기록하려면 먼저
`pip install kiwipiepy`를 실행합니다. 결과는 src/dlko/records/rnn/sentiment.json에 씁니다.
"""

import argparse
import os
import time
from pathlib import Path

from records import Variables, provenance, read_cells, rounded, run_cell, write_record

DATA_LINE = 'DATA = "reviews"'


def run_cells(train: str, test: str, until: str) -> Variables:
    """노트북의 코드 칸을 `until`이라는 이름의 칸까지 차례로 실행하고, 남은 변수들을 돌려줍니다."""
    variables: Variables = {"__name__": "__main__"}
    for name, code in read_cells("rnn/sentiment").items():
        start = time.perf_counter()
        run_cell(name, code.replace(DATA_LINE, f"DATA = {(train, test)!r}"), variables)
        print(f"[{name}] {time.perf_counter() - start:.1f}초", flush=True)
        if name == until:
            return variables
    raise SystemExit(f"칸 {until}을 찾지 못했습니다.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument(
        "--until", default="compare-table", help="이 칸까지 실행합니다. 처음 값이 아니면 기록하지 않습니다."
    )
    parser.add_argument("--title", default="NSMC에서 고른 영화평")
    arguments = parser.parse_args()
    os.environ["DLKO_PROFILE"] = "full"
    os.environ["MPLBACKEND"] = "agg"
    variables = run_cells(arguments.train, arguments.test, arguments.until)
    if arguments.until != "compare-table":
        return

    import dlko
    from dlko.provenance import content_hash

    names = " ".join(Path(path).name for path in (arguments.train, arguments.test))
    record = {
        "chapter": "rnn/sentiment",
        "data": {
            "title": arguments.title,
            "train": len(variables["train_texts"]),
            "test": len(variables["test_texts"]),
            "sha256": content_hash(
                *(variables[n] for n in ("train_texts", "y_train", "test_texts", "y_test"))
            ),
        },
        "profile": dlko.profile(),
        **provenance(f"python scripts/record_sentiment.py {names}"),
        "validation_accuracy": max(variables["history"].history["val_accuracy"]),
        "results": rounded(variables["results"]),
    }
    write_record("rnn/sentiment", record)


if __name__ == "__main__":
    main()
