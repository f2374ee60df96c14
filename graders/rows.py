"""Rows of nbgrader's tables, found by what is known of them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, Table, and_, insert, select, true, update

__all__ = ["Rows"]


class Rows:
    """The rows of nbgrader's tables, in one transaction.

    Parameters
    ----------
    connection : Connection
        In a transaction that the caller ends.
    tables : mapping
        nbgrader's tables by name.
    """

    def __init__(self, connection: Connection, tables: Mapping[str, Table]) -> None:
        self._connection = connection
        self._tables = tables

    def of(self, table: str, **where: Any) -> Sequence[Row[Any]]:
        """Return the rows with these values."""
        columns = self._tables[table].c
        condition = and_(true(), *(columns[name] == value for name, value in where.items()))
        return self._connection.execute(select(self._tables[table]).where(condition)).all()

    def find(self, table: str, **where: Any) -> str | None:
        """Return the id of the row with these values, if there is one."""
        found = self.of(table, **where)
        return str(found[0].id) if found else None

    def add(self, table: str, **values: Any) -> str:
        """Add a row; return its id."""
        return self.add_all(table, [values])[0]

    def add_all(self, table: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """Add rows at once; return their ids."""
        named = [{"id": uuid4().hex, **row} for row in rows]
        if named:
            self._connection.execute(insert(self._tables[table]), named)
        return [str(row["id"]) for row in named]

    def set(self, table: str, where: Mapping[str, Any], **values: Any) -> str:
        """Find the row or add it, give it these values where it differs, and return its id."""
        found = self.of(table, **where)
        if not found:
            return self.add(table, **where, **values)
        row = found[0]
        if any(getattr(row, name) != value for name, value in values.items()):
            self.update(table, row.id, **values)
        return str(row.id)

    def update(self, table: str, row: str, **values: Any) -> None:
        """Give the row of that id these values."""
        columns = self._tables[table]
        self._connection.execute(update(columns).where(columns.c.id == row).values(**values))
