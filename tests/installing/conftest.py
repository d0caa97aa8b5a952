"""What asks a registry is no test of `make test`: tests need no network."""

from tests.installing.outside import BY_REGISTRY

collect_ignore = [] if BY_REGISTRY else ["test_environments.py"]
