"""How well crops were read: figures under several comparisons, with their intervals."""
