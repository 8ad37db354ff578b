"""Lets `python -m yinuo.cli` be `yinuo`."""

from yinuo.cli.main import run

run()
