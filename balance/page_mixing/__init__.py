"""Original, new and general pages mixed to one page label file an epoch, to train a detector on.

`page_request` says whether a mix is one of pages, `page_job` goes from files to files; `page_told`
and `page_report` say what came of it. What one imports of them loads the rest.
"""

__all__: tuple[str, ...] = ()
