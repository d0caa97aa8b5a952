"""A style whose user has given photos: they take their share among its surfaces."""

from synth.styles.model import Part, Style

PHOTO = "photo"
"""The surface that is cut out of photos."""


def needs_photos(style: Style) -> bool:
    """Say whether the style names photos among its surfaces, and so cannot do without."""
    return PHOTO in style.surfaces and style.surfaces[PHOTO].p > 0


def on_photos(style: Style) -> Style:
    """Give photos the style's share (`photos.p`) beside its other surfaces.

    The others keep their proportions. A style that names `photo` among its surfaces, or gives
    photos no share, stays as it is.

    >>> given = on_photos(Style(name="toy", surfaces={"plain": Part(p=3)}, photos=Part(p=0.25)))
    >>> {name: part.p for name, part in given.surfaces.items()}
    {'plain': 3.0, 'photo': 1.0}
    """
    share = style.photos.p
    if share == 0 or needs_photos(style):
        return style
    others = dict(style.surfaces) or {"plain": Part()}
    others.pop(PHOTO, None)
    whole = sum(part.p for part in others.values())
    if share == 1 or whole == 0:
        others, weight = {}, 1.0
    else:
        weight = whole * share / (1 - share)
    photo = style.photos.model_copy(update={"p": weight})
    return style.model_copy(update={"surfaces": {**others, PHOTO: photo}})
