"""Names for the arrays that hold pixels."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Image: TypeAlias = npt.NDArray[np.uint8]
"""H x W x 3 uint8, BGR, 0..255."""

Grey: TypeAlias = npt.NDArray[np.uint8]
"""H x W uint8, 0..255: luminance, or the coverage of ink (255 = full)."""
