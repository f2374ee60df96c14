"""The ledger: which contents of which submission was graded by which version, and what came of it.

A table of ours in nbgrader's gradebook, written in the same transaction as the marks.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    MetaData,
    Row,
    String,
    Table,
    Text,
    and_,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from graders.exercise import Result

__all__ = ["Entry", "all_entries", "current_entries", "ledger_table", "write_entry"]

NAME = "backproplab_ledger"
KEYS = ("assignment", "student", "content", "grader_version")
COLUMNS = (*KEYS, "autograded", "result", "handed_in")


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    Parameters
    ----------
    assignment, student : str
        Whose work it is.
    content : str
        Hash of the notebook's bytes; empty where they could not be read.
    grader_version : str
        The version that graded.
    autograded : str
        Hash of the notebook that was written into ``autograded/``.
    result : Result
        What came of it.
    handed_in : datetime or None
        When, in UTC without a time zone, as far as that is known.
    """

    assignment: str
    student: str
    content: str
    grader_version: str
    autograded: str
    result: Result
    handed_in: datetime | None = None


def ledger_table(connection: Connection) -> Table:
    """Return the table; it is made where it is missing."""
    table = Table(
        NAME,
        MetaData(),
        *(Column(key, String(128), primary_key=True) for key in KEYS),
        # Of all that a student handed in, the one whose marks stand in the gradebook.
        Column("current", Boolean(), nullable=False),
        Column("autograded", String(64), nullable=False),
        Column("result", Text(), nullable=False),
        Column("graded_at", DateTime(), nullable=False),
        Column("handed_in", DateTime()),
    )
    table.create(connection, checkfirst=True)
    _add_missing(connection, table)
    return table


def _add_missing(connection: Connection, table: Table) -> None:
    """Add the column that ledgers of earlier versions lack."""
    if "handed_in" not in {column["name"] for column in inspect(connection).get_columns(NAME)}:
        kind = table.c.handed_in.type.compile(connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {NAME} ADD COLUMN handed_in {kind}")


def current_entries(connection: Connection, table: Table) -> dict[tuple[str, str], Entry]:
    """Return ``(assignment, student) -> entry`` for what stands in the gradebook now, in that order."""
    columns = [table.c[name] for name in COLUMNS]
    rows = connection.execute(select(*columns).where(table.c.current).order_by(*columns[:2]))
    return {(row.assignment, row.student): _entry(row) for row in rows}


def all_entries(connection: Connection, table: Table) -> list[Entry]:
    """Return everything that was ever graded, the oldest first."""
    columns = [table.c[name] for name in COLUMNS]
    return list(map(_entry, connection.execute(select(*columns).order_by(table.c.graded_at))))


def _entry(row: Row[Any]) -> Entry:
    plain = row._asdict()
    return Entry(**{**plain, "result": Result.from_json(json.loads(plain["result"]))})


def write_entry(connection: Connection, table: Table, entry: Entry) -> None:
    """Enter a line, in the place of an equal one, and make it the current one of that submission."""
    keys = {key: getattr(entry, key) for key in KEYS}
    values: dict[str, Any] = {
        "current": True,
        "autograded": entry.autograded,
        "result": json.dumps(entry.result.to_json()),
        "graded_at": datetime.now(UTC).replace(tzinfo=None),
        "handed_in": entry.handed_in,
    }
    same = and_(table.c.assignment == entry.assignment, table.c.student == entry.student)
    connection.execute(update(table).where(same).values(current=False))
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    line = dialect.insert(table).values(**keys, **values)
    connection.execute(line.on_conflict_do_update(index_elements=KEYS, set_=values))
