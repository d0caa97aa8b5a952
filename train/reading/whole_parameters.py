"""The parameters of an exported folder held against its graph, before Paddle opens them.

Paddle and paddle2onnx end the whole process on a file that is cut short, in the midst of C++.
"""

from train.models.model_sources import ModelSource


def check_parameters(source: ModelSource) -> None:
    """Check that the file of parameters holds all tensors that the graph names.

    Args:
        source: an exported folder.

    Raises:
        InputError: a file is broken or cut short, or the two do not belong together.
    """
    from train.models.graph_files import read_pir, read_program

    graph, parameters = source.files
    read = read_pir if graph.suffix == ".json" else read_program
    read(graph, parameters)
