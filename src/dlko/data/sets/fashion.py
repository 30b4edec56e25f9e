"""Fashion-MNIST 옷 사진."""

from functools import partial

from dlko.data.sets.mnist_format import idx_files, read_idx_files, read_subset
from dlko.data.spec import DataSet, Embedded

FASHION = DataSet(
    name="fashion",
    title="Fashion-MNIST",
    source="Zalando Research",
    licence="MIT",
    citation='H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine '
    'Learning Algorithms", arXiv:1708.07747, 2017.',
    homepage="https://github.com/zalandoresearch/fashion-mnist",
    files=idx_files(
        (
            # 발표한 곳이 알린 첫 주소는 http뿐입니다. 내용은 해시로 확인합니다.
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
        (26_421_880, 29_515, 4_422_102, 5_148),
        (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
        (
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
    read=read_idx_files,
    embedded=Embedded(
        title="Fashion-MNIST 부분집합",
        note="dlko에 들어 있는 실제 데이터입니다.",
        source="Zalando Research",
        licence="MIT",
        content_hash="0065ed5f9f2d2f512ebf7a3d6bebdcb96656db1de81926291197401d8592a015",
        load=partial(read_subset, "fashion"),
    ),
    content_hash="ca3ab2a37f845e1b8ae23cab1b51749a3011ba3bf1d9016176d75cbaabac376f",
    class_names=("티셔츠", "바지", "스웨터", "드레스", "코트", "샌들", "셔츠", "운동화", "가방", "앵클부츠"),
    system_folders=("/usr/share/datasets/fashion-mnist",),  # 데비안과 우분투의 dataset-fashion-mnist 패키지
)
