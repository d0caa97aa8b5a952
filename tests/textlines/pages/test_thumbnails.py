from base64 import b64decode

import numpy as np

from textlines.pages.thumbnails import Picture, gallery, thumbnail
from textlines.pixels.decode import decode_image


def size(uri: str) -> tuple[int, ...]:
    data = b64decode(uri.partition(",")[2])
    return decode_image(data, name="thumbnail").shape


def test_a_large_image_is_scaled_to_both_limits() -> None:
    image = np.full((200, 400, 3), 90, np.uint8)
    assert size(thumbnail(image, max_height=50)) == (50, 100, 3)
    assert size(thumbnail(image, max_height=150, max_width=100)) == (50, 100, 3)
    assert image.shape == (200, 400, 3)


def test_a_small_image_is_not_blown_up() -> None:
    image = np.full((10, 3, 3), 90, np.uint8)
    uri = thumbnail(image, max_height=50)
    assert uri.startswith("data:image/jpeg;base64,")
    assert size(uri) == (10, 3, 3)


def test_bytes_are_taken_as_they_are() -> None:
    assert thumbnail(b"\x89PNG1") == "data:image/png;base64,iVBORzE="
    assert thumbnail(b"\xff\xd8").startswith("data:image/jpeg;base64,")


def test_a_gallery_escapes_its_captions() -> None:
    html = gallery([Picture("data:,x", "<값>", 'say "hi"')])
    assert "&lt;값&gt;" in html
    assert 'title="say &#34;hi&#34;"' in html
