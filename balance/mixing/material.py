"""All files of a mix, once they were read."""

from dataclasses import dataclass

from balance.mixing.lines import Source
from textlines.formats.profile import ErrorProfile
from textlines.formats.roles import Role
from textlines.labels.alphabet import Alphabet


@dataclass(frozen=True)
class Material:
    """What a mix is made of: the sources in the order of their roles, and what judges them."""

    sources: tuple[Source, ...]
    alphabet: Alphabet | None
    profile: ErrorProfile | None
    like: Source | None

    def of(self, *roles: Role) -> tuple[Source, ...]:
        """Give the sources of some roles."""
        return tuple(source for source in self.sources if source.role in roles)

    def replay_sets(self) -> dict[str, tuple[Source, ...]]:
        """Give the sources of each replay set, by its name."""
        names = dict.fromkeys(source.name for source in self.of("replay"))
        return {
            name.partition(":")[2]: tuple(s for s in self.of("replay") if s.name == name)
            for name in names
        }
