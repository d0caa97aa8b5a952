"""Original, new and general lines mixed to one training list an epoch.

`mix_request` says what is asked for, `mix_job` goes from files to files; `mix_told` and `mix_page`
say what came of it. What one imports of them loads the rest.
"""

__all__: tuple[str, ...] = ()
