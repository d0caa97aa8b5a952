"""The ground floor: what two of the three tools (`synth`, `balance`, `train`) need."""
