"""Text to coverage masks: shaping, cached glyphs, cluster boxes, colours."""
