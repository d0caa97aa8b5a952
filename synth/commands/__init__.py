"""One module for each command of `synth`."""
