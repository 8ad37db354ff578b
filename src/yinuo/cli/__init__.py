"""The command line: one file per module, composed in `main`."""
