"""Original, new and general lines mixed to one training list an epoch.

with line_space(out, 4 << 30) as space:
    result = run(MixInputs(original=(a,), new=(b,)), MixOptions(), out, space=space)
    save_report(result, out / "mix.html")
"""

from balance.mixing.image_folders import read_images
from balance.mixing.mix_job import Result, run
from balance.mixing.mix_page import save_report
from balance.mixing.mix_request import (
    MixInputs,
    MixOptions,
    Placing,
    Ratio,
    read_caps,
    read_ratio,
)
from balance.mixing.mix_told import print_summary, summary_json
from balance.mixing.out_folder import WRITTEN, refuse_foreign
from balance.mixing.sorting import line_space, read_memory

__all__ = (
    "WRITTEN",
    "MixInputs",
    "MixOptions",
    "Placing",
    "Ratio",
    "Result",
    "line_space",
    "print_summary",
    "read_caps",
    "read_images",
    "read_memory",
    "read_ratio",
    "refuse_foreign",
    "run",
    "save_report",
    "summary_json",
)
