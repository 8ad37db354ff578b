"""Lets `python -m yinuo.cli` be `yinuo`; a child process loads its own command only."""

from __future__ import annotations

import importlib
import sys

import typer

# What `yinuo up` and `yinuo demo` start many of, and want quickly.
CHILDREN = ("web", "worker", "sandbox")

if len(sys.argv) > 1 and sys.argv[1] in CHILDREN:
    name = sys.argv.pop(1)
    typer.run(getattr(importlib.import_module(f"yinuo.cli.{name}"), name))
else:
    from yinuo.cli.main import run

    run()
