"""`yinuo catalog` on a real database: files in, problems out, all or nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from yinuo.catalog import service
from yinuo.catalog.model import COLUMNS, Bundle, BundlePart, Sku
from yinuo.cli.catalog import UnreadableFile, app
from yinuo.cli.demo_catalog import demo_catalog
from yinuo.core.db import Database
from yinuo.core.money import Fen, fen_to_yuan
from yinuo.core.texts import has_text
from yinuo.users import service as users

Command = Callable[..., Result]


@pytest.fixture
def command(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Give a function that runs `yinuo catalog` with arguments."""
    monkeypatch.setenv("YINUO_DATABASE_URL", database_url)
    monkeypatch.setenv("YINUO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setenv("LC_ALL", "")
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments])


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_csv_file_is_taken_and_again_changes_nothing(
    command: Command, database: Database, tmp_path: Path
):
    file = write(
        tmp_path / "skus.csv",
        "\ufeffcode,name,price,weight_grams,parts\n"
        "RUG-160,地毯,399.90,5600,\n"
        "PILW-45,抱枕,45,450,\n"
        "SET-1,组合,459,,RUG-160*1;PILW-45*2\n",
    )
    for _ in range(2):
        result = command("import", file)
        assert result.exit_code == 0, result.output
        assert "已导入 3 个商品编码，其中组合装 1 个" in result.stdout
    with database.read() as session:
        assert service.load_skus(session, ["RUG-160"])["RUG-160"] == Sku(
            code="RUG-160", name="地毯", price_fen=Fen(39990), weight_grams=5600
        )
        assert service.all_bundles(session) == {
            "SET-1": Bundle(
                code="SET-1",
                parts=(
                    BundlePart(sku="RUG-160", quantity=1),
                    BundlePart(sku="PILW-45", quantity=2),
                ),
            )
        }
        actions = [e.fact.action for e in users.list_entries(session, users.AuditFilter()).items]
    assert actions == ["catalog.write", "catalog.write"]


def test_every_problem_is_told_with_its_row_and_nothing_is_taken(
    command: Command, database: Database, tmp_path: Path
):
    file = write(
        tmp_path / "skus.csv",
        'code,name,price\nA,甲,1\nB,"多\n行",x\nC\'D,丙,1.999\nA,又甲,2\n',
    )
    result = command("import", file)
    assert result.exit_code == 2
    told = result.stderr
    assert "     3  B x  价格应为" in told
    assert "     4  C'D  编码只能用" in told
    assert "     4  C'D 1.999  价格应为" in told
    assert "     5  A  重复出现" in told
    assert "文件中有 5 处问题，一条也没有导入" in told
    with database.read() as session:
        assert service.all_codes(session) == set()


def test_a_json_file_and_a_gbk_file_are_read(command: Command, database: Database, tmp_path: Path):
    rows = [{"code": "A", "name": "甲", "price": 12.5, "is_gift": True, "barcode": None}]
    assert command("import", write(tmp_path / "a.json", json.dumps(rows))).exit_code == 0
    gbk = "code,name,is_active\nB,乳胶枕芯,否\n".encode("gb18030")
    assert command("import", write(tmp_path / "b.csv", gbk)).exit_code == 0
    with database.read() as session:
        found = service.load_skus(session, ["A", "B"])
    assert found["A"] == Sku(code="A", name="甲", price_fen=Fen(1250), is_gift=True)
    assert found["B"] == Sku(code="B", name="乳胶枕芯", is_active=False)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "{"),
        ("a.json", '{"code": "A"}'),
        ("a.json", "[1]"),
        ("a.json", "[" * 100_000),
        ("a.csv", ""),
        ("a.csv", "名称,价格\n甲,1\n"),
        ("missing.csv", None),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    command: Command, tmp_path: Path, name: str, content: str | None
):
    file = tmp_path / name
    if content is not None:
        write(file, content)
    result = command("import", file)
    assert isinstance(result.exception, UnreadableFile)
    assert result.exception.details["file"] == name
    assert has_text(result.exception.code)


def test_a_row_with_more_cells_than_names_is_a_problem_of_that_row(
    command: Command, tmp_path: Path
):
    result = command("import", write(tmp_path / "a.csv", "code,name\nA,甲\nB,乙,extra\n"))
    assert result.exit_code == 2
    assert "     3  B  没有这一列" in result.stderr


def test_the_demo_catalog_survives_a_file(command: Command, database: Database, tmp_path: Path):
    demo = demo_catalog()
    bundles = {one.code: one for one in demo.bundles}
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for sku in demo.skus:
        parts = bundles[sku.code].parts if sku.code in bundles else ()
        writer.writerow(
            {name: getattr(sku, name, "") for name in COLUMNS}
            | {
                "price": fen_to_yuan(sku.price_fen),
                "parts": ";".join(f"{part.sku}*{part.quantity}" for part in parts),
            }
        )
    result = command("import", write(tmp_path / "demo.csv", out.getvalue()))
    assert result.exit_code == 0, result.stderr
    with database.read() as session:
        found = service.load_skus(session, [sku.code for sku in demo.skus])
        assert {sku.code: sku for sku in demo.skus} == found
        assert service.all_bundles(session) == bundles


def test_listing_shows_what_each_sku_is(command: Command, database: Database):
    with database.transaction() as session:
        service.save_skus(
            session,
            [
                Sku(code="RUG-160", name="地毯", price_fen=Fen(39900), needs_erp_check=True),
                Sku(code="GIFT-1", name="香囊", is_gift=True, is_active=False, category="赠品"),
            ],
        )
    every, gifts, none = (
        command("list"),
        command("list", "--category", "赠品"),
        command("list", "x"),
    )
    assert every.exit_code == gifts.exit_code == none.exit_code == 0
    assert ("RUG-160" in every.stdout, "399.00" in every.stdout, "erp" in every.stdout) == (
        True,
        True,
        True,
    )
    assert ("GIFT-1" in gifts.stdout, "RUG-160" in gifts.stdout) == (True, False)
    assert "gift off" in gifts.stdout
    assert "RUG" not in none.stdout
