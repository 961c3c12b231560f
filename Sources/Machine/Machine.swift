// The module's essay comes with its first code.
