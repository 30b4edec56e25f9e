"""MNIST 손글씨 숫자."""

from functools import partial

from dlko.data.sets.mnist_format import idx_files, read_idx_files, read_subset
from dlko.data.spec import DataSet, Embedded

DIGITS = DataSet(
    name="digits",
    title="MNIST",
    source="LeCun, Cortes, Burges",
    licence="CC BY-SA 3.0",
    citation='Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document '
    'Recognition", Proceedings of the IEEE 86(11), 1998.',
    homepage="http://yann.lecun.com/exdb/mnist/",
    files=idx_files(
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        (9_912_422, 28_881, 1_648_877, 4_542),
        (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
        (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    read=read_idx_files,
    embedded=Embedded(
        title="MNIST 부분집합",
        note="dlko에 들어 있는 실제 데이터입니다.",
        source="LeCun, Cortes, Burges",
        licence="CC BY-SA 3.0",
        content_hash="96782ecdd0789619d362b99d171ef6328315ce806870f18c3da0aeafe4c65379",
        load=partial(read_subset, "digits"),
    ),
    content_hash="06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16",
    class_names=tuple("0123456789"),
)
