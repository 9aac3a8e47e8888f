"""数据层：名字到数据集的表，以及几种批；导入时不读任何素材，构造数据集时才读。"""

from paddle_gan.data.avatars import Avatars
from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Batches, Images, Labeled, Pair, Sequences, Unpaired
from paddle_gan.data.degraded import Degraded
from paddle_gan.data.digits import Digits, StackedDigits
from paddle_gan.data.drawn import Drawn
from paddle_gan.data.edges import EdgeDigits
from paddle_gan.data.emoji import Emoji
from paddle_gan.data.folders import ImageFolder, UnpairedFolders
from paddle_gan.data.glyphs import Glyphs
from paddle_gan.data.image_files import read_image, write_png
from paddle_gan.data.image_list import list_images
from paddle_gan.data.images import ImageArrays, to_float, to_uint8
from paddle_gan.data.labeled_folders import LabeledFolders
from paddle_gan.data.markov import Markov
from paddle_gan.data.masked import Masked
from paddle_gan.data.paired_folders import PairedFolders
from paddle_gan.data.poems import Poems
from paddle_gan.data.toy import GaussianMixture1D, Grid, Ring, SwissRoll, TwoLines
from paddle_gan.data.vision import Cifar10, FashionMnist, Mnist

DATASETS: dict[str, type[Dataset]] = {
    "ring": Ring,
    "grid": Grid,
    "swiss_roll": SwissRoll,
    "two_lines": TwoLines,
    "drawn": Drawn,
    "gaussian_mixture_1d": GaussianMixture1D,
    "markov": Markov,
    "poems": Poems,
    "digits": Digits,
    "stacked_digits": StackedDigits,
    "mnist": Mnist,
    "fashion_mnist": FashionMnist,
    "cifar10": Cifar10,
    "glyphs": Glyphs,
    "edge_digits": EdgeDigits,
    "emoji": Emoji,
    "avatars": Avatars,
    "image_folder": ImageFolder,
    "unpaired_folders": UnpairedFolders,
    "labeled_folders": LabeledFolders,
    "paired_folders": PairedFolders,
    "degraded": Degraded,
    "masked": Masked,
}

__all__ = [
    "DATASETS",
    "Batches",
    "Dataset",
    "ImageArrays",
    "Images",
    "Labeled",
    "Pair",
    "Sequences",
    "Unpaired",
    "datasets_with",
    "list_images",
    "read_image",
    "to_float",
    "to_uint8",
    "write_png",
]


def datasets_with(kind: type) -> list[str]:
    """能提供这种批（Images、Labeled、Unpaired、Pair 或 Sequences）的数据集名字，按表中的顺序。"""
    return [name for name, dataset in DATASETS.items() if kind in dataset.batch_types]
