"""The faces of a plan in a worker: by id, each file checked when it is first used."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from synth.faces.face import Face
from synth.faces.pool import from_config
from textlines.errors import InputError


class FaceShelf:
    """Faces by id. A file is read and compared with its sha256 the first time it is asked for."""

    def __init__(self, faces: Iterable[Face]) -> None:
        self._faces = {face.id: face for face in faces}
        self._checked: set[tuple[str, str]] = set()

    @classmethod
    def from_config(cls, described: Iterable[Mapping[str, Any]]) -> "FaceShelf":
        """Make a shelf of what `synth.faces.pool.to_config` described."""
        return cls(from_config(described))

    def by_id(self, face_id: str) -> Face:
        """Give the face with this id, its file being what it was when the plan was made.

        Raises:
            InputError: no face has the id; or its file is gone or has changed.
        """
        face = self._faces.get(face_id)
        if face is None:
            raise InputError(
                f"face {face_id}",
                f"is none of the {len(self._faces)} faces at hand",
                "Name the folder that the plan was made with by --fonts.",
            )
        key = (str(face.path), face.sha256)
        if key not in self._checked:
            self._check(face)
            self._checked.add(key)
        return face

    def _check(self, face: Face) -> None:
        mend = "Put the file back, or make a new plan in a new folder."
        try:
            data = face.path.read_bytes()
        except OSError as error:
            raise InputError(str(face.path), f"cannot be read ({error.strerror})", mend) from None
        if hashlib.sha256(data).hexdigest() != face.sha256:
            raise InputError(str(face.path), "has changed since the plan was made", mend)
