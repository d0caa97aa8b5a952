"""Judging a recognizer: what it misreads, how well it reads, whether it may replace its base.

Three commands share what stands below: how two texts are compared (`comparisons`), how far a figure
can be trusted (`intervals`, `significance`), and files of predictions (`prediction_files`).

- `train mine`: `mining` measures a profile, `rule_gains` what rules would gain without training,
  `label_worth` what labels are worth; `mine_text` prints it and `mine_page` shows it.
- `train evaluate`: `measuring` turns readings into an `evaluation`; `evaluate_text`,
  `evaluate_page`.
- `train gate`: its command goes from a request to a `verdict`: `judged_sets` lists the lines,
  `judged_lines` reads them with both models, `decision` judges (`set_criteria` each set,
  `paired_characters` the characters), `verdict_rows` adds the figures; `gate_text`, `gate_page`.
"""

__all__: tuple[str, ...] = ()
