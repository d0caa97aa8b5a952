"""A trained recognizer as PaddleOCR and onnxruntime read it, proven on lines."""

__all__: tuple[str, ...] = ()
