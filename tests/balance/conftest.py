"""Small sets of our own making."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest

from balance.checks.checking import CheckOutcome, Request, run_checks
from balance.checks.findings import Finding


class Kit:
    """Draws lines, writes sets into one folder, and runs the checks in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def drawn(text: str, *, scale: float = 1.0, seed: int = 0) -> np.ndarray:
        """Draw a line in a stroke font: 40 pixels high, dark on light, with grain."""
        draw = np.random.default_rng(seed)
        image = np.full((40, 24 * len(text) + 16, 3), 225, np.uint8)
        cv2.putText(image, text, (8, 30), 0, 1.0, (30, 30, 30), 2, cv2.LINE_AA)
        image = np.clip(image + draw.integers(-4, 5, image.shape), 0, 255).astype(np.uint8)
        if scale == 1.0:
            return image
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.uint8)

    def save(self, name: str, image: np.ndarray, quality: int = 90) -> Path:
        """Write an image; the name may be of any script."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        done, data = cv2.imencode(path.suffix, image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        assert done
        path.write_bytes(data.tobytes())
        return path

    def text(self, name: str, content: str | bytes) -> Path:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def lines(self, name: str, lines: Mapping[str, str]) -> Path:
        """Write a label file, and an image of its label for each line that has none."""
        for number, (path, label) in enumerate(lines.items()):
            if not (self.folder / path).exists():
                self.save(path, self.drawn(label, seed=number))
        return self.text(name, "".join(f"{p}\t{t}\n" for p, t in lines.items()))

    @staticmethod
    def check(*train: Path, **options: object) -> CheckOutcome:
        """Run the checks without a cache."""
        return run_checks(Request(train=train, **options))  # type: ignore[arg-type]

    @staticmethod
    def places(checked: CheckOutcome, code: str) -> list[int]:
        """Return the lines at which a code was found."""
        return [finding.line for finding in checked.findings.listed(code)]

    @staticmethod
    def only(checked: CheckOutcome, code: str) -> Finding:
        """Return the only finding of a code."""
        found = checked.findings.listed(code)
        assert len(found) == 1, [str(one) for one in found]
        return found[0]


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """Return a kit that works in the test's folder."""
    return Kit(tmp_path)
