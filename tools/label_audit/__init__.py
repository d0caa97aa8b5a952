"""The labels of drawn lines proven with other tools than the engine's; nothing of it is imported.

`audit` matches ink against labels, `plant` spoils copies of runs to learn what it finds, and
`fresh` draws new samples of every style and lists each alarm with its crop.
"""
