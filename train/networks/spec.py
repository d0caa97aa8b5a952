"""Which network, in numbers: what a Paddle module is built from. Needs no Paddle."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from textlines.errors import InputError
from textlines.wording.counts import count_of

FamilyName = Literal[
    "svtr_lcnet_v4",
    "svtr_mobilenet_v3",
    "svtr_hgnet_v4",
    "svtr_hgnet_v5",
    "svtr_lcnet_v6_tiny",
    "svtr_lcnet_v6_small",
    "svtr_lcnet_v6_medium",
]
FormName = Literal["branches", "fused"]

CHANNELS = 3
MOST_OF_A_SIZE = 200_000
NeckName = Literal["svtr", "lightsvtr", "reshape"]
NECKS: Mapping[FamilyName, NeckName] = {
    "svtr_lcnet_v4": "svtr",
    "svtr_mobilenet_v3": "svtr",
    "svtr_hgnet_v4": "svtr",
    "svtr_hgnet_v5": "svtr",
    "svtr_lcnet_v6_tiny": "reshape",
    "svtr_lcnet_v6_small": "lightsvtr",
    "svtr_lcnet_v6_medium": "lightsvtr",
}
"""What stands between backbone and head, by PaddleOCR's names. "reshape" is no layer: that head
has layers of its own before the last."""

BRANCHED: tuple[FamilyName, ...] = (
    "svtr_lcnet_v4",
    "svtr_lcnet_v6_tiny",
    "svtr_lcnet_v6_small",
    "svtr_lcnet_v6_medium",
)
"""The families whose convolutions train as several branches."""

BLOCK_HEADS = 8
"""Attention heads in a block of the neck, in all families."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """A CTC recognizer: backbone, SVTR neck (but for PP-OCRv6 tiny), one linear layer.

    The numbers are PaddleOCR's own, from its configurations of the recognizers.

    Attributes:
        name: of the published model, for the record ("PP-OCRv4_mobile_rec").
        family: which backbone: PPLCNetV3 (PP-OCRv4 and v5 mobile), MobileNetV1Enhance (PP-OCRv3),
            PPHGNet_small (PP-OCRv4 server), PPHGNetV2_B4 (PP-OCRv5 server) or one of the three
            PPLCNetV4 (PP-OCRv6).
        form: whether the convolutions of PPLCNetV3 and V4 still have their training branches, or
            one fused kernel as in exported models. The other backbones have none: "fused".
        scale: the backbone's width multiplier.
        dims: features a time step that the neck hands to the last layer.
        depth: of the neck, in blocks.
        hidden: features a time step within the neck's blocks.
        kernel: of the neck's first and fourth convolution, of PP-OCRv6's local one, (height,
            width).
        classes: of the last layer, with the CTC blank (id 0) and the space if there is one.
        height: of the input in pixels.
        branches: k x k branches of a convolution of PPLCNetV3 in its training form.
        mlp: features within the MLP of the neck's blocks, times `hidden`.

    Raises:
        ValueError: a number is below 1 or beyond any network, or `hidden` is no multiple of the
            heads.
    """

    name: str
    family: FamilyName
    classes: int
    form: FormName = "fused"
    scale: float = 0.95
    dims: int = 120
    depth: int = 2
    hidden: int = 120
    kernel: tuple[int, int] = (1, 3)
    height: int = 48
    branches: int = 4
    mlp: int = 2

    def __post_init__(self) -> None:
        if self.family not in get_args(FamilyName) or self.form not in get_args(FormName):
            raise ValueError(f"no network is {self.family!r} in form {self.form!r}")
        sizes = (
            *(self.classes - 1, self.dims, self.depth, self.hidden),
            *(*self.kernel, self.branches, self.mlp),
        )
        if min(sizes) < 1 or self.scale <= 0:
            raise ValueError(f"sizes of a network start at 1 (classes at 2), got {self}")
        if max(sizes) > MOST_OF_A_SIZE or self.depth > 64 or self.branches > 64 or self.scale > 16:
            raise ValueError(f"sizes of a network that no machine holds: {self}")
        if self.hidden % BLOCK_HEADS:
            raise ValueError(f"hidden is {self.hidden}, no multiple of {BLOCK_HEADS} heads")
        if self.height != 48:
            # All backbones divide the height by 16 and pool what is left, 3 rows, to one.
            raise ValueError(f"the backbones need a height of 48, got {self.height}")
        if self.family not in BRANCHED and self.form != "fused":
            raise ValueError(f"{self.family} has no training branches: its form is 'fused'")

    def table(self) -> dict[str, Any]:
        """Return what a record keeps of it: all of it."""
        return asdict(self)

    def with_classes(self, classes: int) -> "NetworkSpec":
        """Return the same network with another alphabet."""
        return replace(self, classes=classes)


FAMILIES: Mapping[FamilyName, NetworkSpec] = {
    # configs/rec/PP-OCRv4/PP-OCRv4_mobile_rec.yml; PP-OCRv5 and its languages are the same.
    "svtr_lcnet_v4": NetworkSpec(name="", family="svtr_lcnet_v4", classes=6625),
    # configs/rec/PP-OCRv3/ch_PP-OCRv3_rec.yml and its languages.
    "svtr_mobilenet_v3": NetworkSpec(
        name="", family="svtr_mobilenet_v3", classes=6625, scale=0.5, dims=64, kernel=(3, 3)
    ),
    # configs/rec/PP-OCRv4/PP-OCRv4_server_rec.yml and that of documents.
    "svtr_hgnet_v4": NetworkSpec(name="", family="svtr_hgnet_v4", classes=6625, scale=1.0),
    # configs/rec/PP-OCRv5/PP-OCRv5_server_rec.yml
    "svtr_hgnet_v5": NetworkSpec(name="", family="svtr_hgnet_v5", classes=18_385, scale=1.0),
    # configs/rec/PP-OCRv6/; of tiny, what a neck would have counts for nothing.
    "svtr_lcnet_v6_tiny": NetworkSpec(
        name="", family="svtr_lcnet_v6_tiny", classes=6_906, scale=1.0, dims=80
    ),
    "svtr_lcnet_v6_small": NetworkSpec(
        name="", family="svtr_lcnet_v6_small", classes=18_710, scale=1.0, kernel=(1, 7)
    ),
    "svtr_lcnet_v6_medium": NetworkSpec(
        name="",
        family="svtr_lcnet_v6_medium",
        classes=18_710,
        scale=1.0,
        dims=192,
        hidden=192,
        kernel=(1, 7),
        mlp=4,
    ),
}
"""One network a family; classes and name differ from model to model. Another backbone has a row
here and stands in `recognizer.BACKBONES`."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A published model: its family and the entries of its dictionary (without space)."""

    family: FamilyName
    entries: int
    dictionary: str


KNOWN_MODELS: Mapping[str, KnownModel] = {
    "PP-OCRv5_mobile_rec": KnownModel("svtr_lcnet_v4", 18_383, "ppocrv5_dict.txt"),
    "korean_PP-OCRv5_mobile_rec": KnownModel("svtr_lcnet_v4", 11_945, "ppocrv5_korean_dict.txt"),
    "PP-OCRv4_mobile_rec": KnownModel("svtr_lcnet_v4", 6_623, "ppocr_keys_v1.txt"),
    "PP-OCRv3_mobile_rec": KnownModel("svtr_mobilenet_v3", 6_623, "ppocr_keys_v1.txt"),
    "PP-OCRv4_server_rec": KnownModel("svtr_hgnet_v4", 6_623, "ppocr_keys_v1.txt"),
    "PP-OCRv4_server_rec_doc": KnownModel("svtr_hgnet_v4", 15_629, "ppocrv4_doc_dict.txt"),
    "PP-OCRv5_server_rec": KnownModel("svtr_hgnet_v5", 18_383, "ppocrv5_dict.txt"),
    "PP-OCRv6_tiny_rec": KnownModel("svtr_lcnet_v6_tiny", 6_904, "ppocrv6_tiny_dict.txt"),
    "PP-OCRv6_small_rec": KnownModel("svtr_lcnet_v6_small", 18_708, "ppocrv6_dict.txt"),
    "PP-OCRv6_medium_rec": KnownModel("svtr_lcnet_v6_medium", 18_708, "ppocrv6_dict.txt"),
}


def likely_name(family: FamilyName, classes: int) -> str:
    """Name the published model of a family that has so many classes; "" if there is none.

    >>> likely_name("svtr_lcnet_v4", 11_947), likely_name("svtr_mobilenet_v3", 99)
    ('korean_PP-OCRv5_mobile_rec', '')
    """
    for name, model in KNOWN_MODELS.items():
        if model.family == family and classes == model.entries + 2:
            return name
    return ""


def dictionary_fault(where: str, entries: int, use_space_char: bool, classes: int) -> InputError:
    """Return the error of a dictionary of another length than the network; it names what fits."""
    counted = 1 + entries + use_space_char
    parts = f"blank + {count_of(entries, 'entry', 'entries')}" + (
        " + space" if use_space_char else ""
    )
    toggled = "--no-space" if use_space_char else "--use-space-char"
    if 1 + entries + (not use_space_char) == classes:
        mend = f"With {toggled} the numbers agree: check that the model was trained so."
    else:
        fitting = sorted(
            {m.dictionary for m in KNOWN_MODELS.values() if m.entries in (classes - 2, classes - 1)}
        )
        mend = f"The network wants a dictionary of {classes - 2:,} entries and a space"
        mend += f": PaddleOCR's {' or '.join(fitting)} fits." if fitting else "."
    return InputError(
        where,
        f"gives {counted:,} classes ({parts}), the network has {classes:,}",
        mend,
    )
