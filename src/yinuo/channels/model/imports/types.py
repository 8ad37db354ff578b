"""The nouns of imports: files, columns, what an order states, problems, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yinuo.core.errors import Conflict, Invalid, NotFound, TooLarge
from yinuo.core.money import Fen

NO_MONEY = Fen(0)
MOST_FILE_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 100
MOST_CELL = 2_000


class BadFile(Invalid):
    """The file cannot be read as a table; details: reason, in words for people."""

    code = "imports.bad_file"


class OldWorkbook(Invalid):
    """The file is an .xls of old; Excel saves it as .xlsx."""

    code = "imports.old_workbook"


class LockedWorkbook(Invalid):
    """The workbook opens with a password only, or is none at all."""

    code = "imports.locked_workbook"


class EmptyFile(Invalid):
    """The file has no row under its headings."""

    code = "imports.empty_file"


class FileTooLarge(TooLarge):
    """The file is over MOST_FILE_BYTES, or holds far more than its size tells."""

    code = "imports.file_too_large"


class TooManyRows(TooLarge):
    """There are more than MOST_ROWS rows."""

    code = "imports.too_many_rows"


class BadMapping(Invalid):
    """Columns are mapped twice, or not there; details: columns."""

    code = "imports.bad_mapping"


class MappingIncomplete(Conflict):
    """Fields that every order needs have no column; details: missing."""

    code = "imports.mapping_incomplete"


class UnknownImport(NotFound):
    """There is no such import."""

    code = "imports.unknown"


class ImportNotOpen(Conflict):
    """The import runs, is done or was cancelled; details: state."""

    code = "imports.not_open"


class RowsForgotten(Conflict):
    """The rows were removed some days after the import was done, because persons stand in them."""

    code = "imports.rows_forgotten"


class ShopNotForFiles(Invalid):
    """The shop's orders come from its marketplace, with the money; a file cannot stand for that."""

    code = "imports.shop_not_for_files"


class IdempotencyKeyReused(Conflict):
    """The sender used a key again for another body; nothing of it was taken."""

    code = "imports.idempotency_key_reused"


class BadSubmission(Invalid):
    """The body is no list of 1 to 100 orders of one shop; details: problems."""

    code = "imports.bad_submission"


class ImportField(StrEnum):
    """What a column can mean."""

    NUMBER = "number"
    PLACED_AT = "placed_at"
    BUYER_NICK = "buyer_nick"
    RECEIVER_NAME = "receiver_name"
    PHONE = "phone"
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    ADDRESS = "address"
    CODE = "code"
    NAME = "name"
    QUANTITY = "quantity"
    UNIT_PRICE = "unit_price"
    AMOUNT = "amount"
    TOTAL = "total"
    FREIGHT = "freight"
    DISCOUNT = "discount"
    PAID = "paid"
    PAID_AT = "paid_at"
    REMARK = "remark"


class ImportState(StrEnum):
    """Where an import stands; `checked` is what may be started."""

    UPLOADED = "uploaded"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN_STATES = frozenset({ImportState.UPLOADED, ImportState.CHECKED})


class ImportOutcome(StrEnum):
    """What would become, or became, of an order of a file."""

    NEW = "new"
    EXISTS = "exists"
    DIFFERS = "differs"
    REFUSED = "refused"


class ImportProblemCode(StrEnum):
    """What can be wrong with a row or an order."""

    MISSING = "imports.problem.missing"
    IN_EXPONENT = "imports.problem.in_exponent"
    FORMULA_ERROR = "imports.problem.formula_error"
    BAD_NUMBER = "imports.problem.bad_number"
    BAD_QUANTITY = "imports.problem.bad_quantity"
    BAD_AMOUNT = "imports.problem.bad_amount"
    BAD_TIME = "imports.problem.bad_time"
    BAD_PAID = "imports.problem.bad_paid"
    ORDER_IS_OVER = "imports.problem.order_is_over"
    NO_PRICE = "imports.problem.no_price"
    LINE_AMOUNT = "imports.problem.line_amount"
    TOTAL_AMOUNT = "imports.problem.total_amount"
    CONFLICT = "imports.problem.conflict"
    TOO_LONG = "imports.problem.too_long"
    TOO_MANY_LINES = "imports.problem.too_many_lines"
    UNKNOWN_CODE = "imports.problem.unknown_code"
    DIFFERS = "imports.problem.differs"
    BAD_PART = "imports.problem.bad_part"
    NOT_TAKEN = "imports.problem.not_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProblem:
    """One thing wrong: where, and with which value; `value` is never of a person."""

    code: ImportProblemCode
    line: int = 0
    field: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSheet:
    """A table as text: headings, rows, and the line in the file of each row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessedColumn:
    """What a column seems to mean, how sure that is (0 to 1), and samples of it."""

    column: int
    heading: str
    meaning: ImportField | None
    confidence: float
    samples: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedGoods:
    """One line as the file or the other system states it; `code` is a SKU or the shop's listing."""

    code: str
    name: str = ""
    quantity: int
    unit_price_fen: Fen
    amount_fen: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedImport:
    """An order as it is stated; total = lines − discount + freight. `paid_at` is None while unpaid."""

    number: str
    raw_number: str
    placed_at: datetime | None
    buyer_nick: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    province: str = ""
    city: str = ""
    district: str = ""
    detail: str = field(repr=False)
    lines: tuple[StatedGoods, ...]
    freight_fen: Fen = NO_MONEY
    discount_fen: Fen = NO_MONEY
    total_fen: Fen
    is_paid: bool = False
    paid_at: datetime | None = None
    payment_number: str = ""
    transaction_id: str = ""
    remark: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadImport:
    """An order of a file: its lines there, and either what it states or all that is wrong."""

    number: str
    lines: tuple[int, ...]
    stated: StatedImport | None
    problems: tuple[ImportProblem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportVerdict:
    """What became, or would become, of a stated order."""

    outcome: ImportOutcome
    order_id: str | None = None
    problems: tuple[ImportProblem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewImport:
    """A file as somebody puts it in."""

    shop_id: str
    file_name: str
    size: int
    file_hash: str
    by: str
    by_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """An order of a file: what was expected of it, and what became of it.

    `stated` is gone with the rows some days after the import was done.
    """

    position: int
    number: str
    lines: tuple[int, ...]
    expected: ImportOutcome
    outcome: ImportOutcome | None
    order_id: str | None
    problems: tuple[ImportProblem, ...]
    stated: StatedImport | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRecord:
    """A file that was put in: what is known of it, without its rows.

    `expected` and `outcomes` count its orders; `repeats_at` is when the same file came before.
    """

    id: str
    shop_id: str
    file_name: str
    size: int
    state: ImportState
    header: tuple[str, ...]
    mapping: dict[str, int]
    guesses: tuple[GuessedColumn, ...] = field(repr=False)
    is_remembered: bool
    rows: int
    orders: int
    expected: dict[ImportOutcome, int]
    outcomes: dict[ImportOutcome, int]
    repeats_at: datetime | None
    uploaded_at: datetime
    uploaded_by: str
    started_at: datetime | None
    finished_at: datetime | None
    forgotten_at: datetime | None

    @property
    def done(self) -> int:
        """Return how many orders were worked off."""
        return sum(self.outcomes.values())
