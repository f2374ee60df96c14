"""One durable writer into nbgrader's own gradebook: one submission, one transaction.

nbgrader is not imported (that takes seconds); its tables are read off the database. SQLite and PostgreSQL
are written by the same code.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, Interval, MetaData, Table, create_engine, event, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from graders.course import empty_gradebook
from graders.entering import Entered, LatePenalty, enter
from graders.errors import GradersError
from graders.late_days import LateDays, renew_penalties
from graders.ledger import Entry, all_entries, current_entries, ledger_table, write_entry
from graders.registration import Registered, register, still_registered
from graders.rows import Rows
from graders.standing import Standing, Student, read_names, read_roster, read_standings

__all__ = ["Gradebook"]

SCHEMA = "e43177bfe90b"  # what nbgrader calls the version of its tables
BUSY_SECONDS = 10
NO_GRADEBOOK = "not a gradebook, or damaged"
RESTORE = (
    "put a copy of it back; or move it away and grade again: what was given by hand stands in no other place"
)
TABLES = (
    "assignment",
    "base_cell",
    "comment",
    "course",
    "grade",
    "grade_cells",
    "notebook",
    "solution_cells",
    "source_cell",
    "student",
    "submitted_assignment",
    "submitted_notebook",
    "task_cells",
)


class Gradebook:
    """nbgrader's gradebook, opened for writing; use it in a ``with`` statement.

    Parameters
    ----------
    db_url : str
        Its address, as nbgrader's configuration has it. Where there are no tables yet, nbgrader makes them.
    course_id : str
        The course's name in it.
    late : LateDays or callable, optional
        What the course takes off, nothing by default. A callable is one of nbgrader's plug-ins:
        ``(student, score, seconds late) -> penalty or None``.

    Attributes
    ----------
    created : bool
        There was none: it is new and empty.

    Raises
    ------
    GradersError
        If it cannot be written: locked, read-only, another schema, no such server.
    """

    def __init__(self, db_url: str, course_id: str, late: LateDays | LatePenalty | None = None) -> None:
        self._course_id = course_id
        self._late = late
        self._known: dict[str, Registered] = {}
        self.created = False
        self._engine, self._name = _engine(db_url)
        with self._explained():
            if not inspect(self._engine).has_table("assignment"):
                self._create(db_url)
            # Asking for the writer's lock now tells before any grading what would go wrong after it.
            with self._engine.begin() as connection:
                self._check_schema(connection)
                self._ledger = ledger_table(connection)
                self._tables = _reflected(connection)

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def _create(self, db_url: str) -> None:
        self.created = True
        self._engine.dispose()
        empty_gradebook(db_url, self._course_id)

    def _check_schema(self, connection: Connection) -> None:
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if version != SCHEMA:
            raise GradersError(
                f"{self._name}: its tables are of version {version}, expected {SCHEMA}\n"
                "if they are older, this mends it: nbgrader db upgrade"
            )

    def students(self) -> set[str]:
        """Return the ids of all registered students."""
        with self._explained(), self._engine.begin() as connection:
            return set(connection.scalars(select(self._tables["student"].c.id)))

    def enrol(self, roster: Mapping[str, tuple[str, str]]) -> None:
        """Register students: ``id -> (first name, last name)``; a name that differs is amended."""
        with self._explained(), self._engine.begin() as connection:
            rows = Rows(connection, self._tables)
            for student, (first, last) in roster.items():
                rows.set("student", {"id": student}, first_name=first, last_name=last)

    def set_due(self, due: Mapping[str, datetime]) -> None:
        """Give assignments their due dates, in UTC without a time zone; those that are missing are added."""
        with self._explained(), self._engine.begin() as connection:
            rows = Rows(connection, self._tables)
            if rows.find("course", id=self._course_id) is None:
                rows.add("course", id=self._course_id)
            for name, moment in due.items():
                known = rows.find("assignment", name=name)
                if known is None:
                    rows.add("assignment", name=name, course_id=self._course_id, duedate=moment)
                else:
                    rows.update("assignment", known, duedate=moment)

    def entries(self) -> dict[tuple[str, str], Entry]:
        """Return what the ledger holds now: ``(assignment, student) -> entry``."""
        with self._explained(), self._engine.begin() as connection:
            return current_entries(connection, self._ledger)

    def names(self) -> dict[str, str]:
        """Return ``student -> name``; the id itself where no name is known."""
        with self._explained(), self._engine.begin() as connection:
            return read_names(connection, self._tables)

    def roster(self) -> list[Student]:
        """Return all registered students by their ids."""
        with self._explained(), self._engine.begin() as connection:
            return read_roster(connection, self._tables)

    def standings(self) -> list[Standing]:
        """Return what stands in it of every submission, by assignment and student."""
        with self._explained(), self._engine.begin() as connection:
            return read_standings(connection, self._tables)

    def history(self) -> list[Entry]:
        """Return all that the ledger holds, the oldest first, also what does not count now."""
        with self._explained(), self._engine.begin() as connection:
            return all_entries(connection, self._ledger)

    def scored_by_hand(self) -> set[tuple[str, str, str]]:
        """Return ``(assignment, student, cell)`` of every manual score."""
        cell, grade = self._tables["base_cell"], self._tables["grade"]
        notebook, submission = self._tables["submitted_notebook"], self._tables["submitted_assignment"]
        assignment = self._tables["assignment"]
        query = (
            select(assignment.c.name, submission.c.student_id, cell.c.name.label("cell"))
            .join_from(grade, cell, grade.c.cell_id == cell.c.id)
            .join(notebook, grade.c.notebook_id == notebook.c.id)
            .join(submission, notebook.c.assignment_id == submission.c.id)
            .join(assignment, submission.c.assignment_id == assignment.c.id)
            .where(grade.c.manual_score.is_not(None))
        )
        with self._explained(), self._engine.begin() as connection:
            return {(row[0], row[1], row[2]) for row in connection.execute(query)}

    def penalties(self) -> dict[tuple[str, str], float]:
        """Return ``(assignment, student) -> marks`` that lateness takes off; 0 where it takes none."""
        notebook, submission = self._tables["submitted_notebook"], self._tables["submitted_assignment"]
        assignment = self._tables["assignment"]
        query = (
            select(assignment.c.name, submission.c.student_id, notebook.c.late_submission_penalty)
            .join_from(notebook, submission, notebook.c.assignment_id == submission.c.id)
            .join(assignment, submission.c.assignment_id == assignment.c.id)
        )
        with self._explained(), self._engine.begin() as connection:
            return {(row[0], row[1]): row[2] or 0.0 for row in connection.execute(query)}

    def renew_penalties(self, students: Iterable[str]) -> None:
        """Bring late penalties up to date: an extension or another rule may be newer than the marks."""
        if isinstance(self._late, LateDays):
            with self._explained(), self._engine.begin() as connection:
                rows = Rows(connection, self._tables)
                for student in students:
                    renew_penalties(rows, student, self._late)

    def record(self, entered: Entered, entry: Entry, graded: Entry | None = None) -> None:
        """Write all that one submission came to, or nothing of it.

        Registers the assignment, its notebook and cells, and the student where they are new. Manual scores
        and manual comments are never touched.

        Parameters
        ----------
        entered : Entered
            The submission and the marks that it earned.
        entry : Entry
            What the ledger keeps of it.
        graded : Entry, optional
            What was graded, where the submission that counts is another one.

        Raises
        ------
        GradersError
            If the database refuses; then nothing was written.
        """
        name = entered.assignment.name
        with self._explained(), self._engine.begin() as connection:
            rows = Rows(connection, self._tables)
            known = self._known.get(name)
            if known is None or not still_registered(rows, known):
                known = register(rows, self._course_id, entered.assignment)
            enter(rows, known, entered, self._late)
            for line in (graded, entry) if graded else (entry,):
                write_entry(connection, self._ledger, line)  # the last one counts
        self._known[name] = known  # only now: rolled back, it would not be there

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            said = _reason(error)
            remedy = f"\n{RESTORE}" if said == NO_GRADEBOOK else "; what was written before is kept"
            raise GradersError(f"{self._name}: {said}{remedy}") from error


def _engine(db_url: str) -> tuple[Engine, str]:
    """Return the database, and its name for messages (without a password)."""
    try:
        url = make_url(db_url)
        name = url.render_as_string(hide_password=True)
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_immediate)
            return engine, url.database or name
        patience = f"-c lock_timeout={BUSY_SECONDS * 1000}"
        postgres = {"connect_timeout": BUSY_SECONDS, "options": patience}
        return create_engine(url, connect_args=postgres), name
    except ImportError as error:
        raise GradersError(f'{name}: {error}\ninstall it: pip install "backproplab[postgres]"') from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise GradersError(f"the gradebook's address is none that is understood: {error}") from error


def _reflected(connection: Connection) -> dict[str, Table]:
    """Return nbgrader's tables as they are in the database."""
    metadata = MetaData()
    event.listen(metadata, "column_reflect", _as_interval)
    metadata.reflect(connection, only=TABLES)
    return dict(metadata.tables)


def _as_interval(_: Any, __: Any, column: Any) -> None:
    # SQLite knows no intervals: SQLAlchemy keeps them as dates from 1970 on.
    if column["name"] == "extension":
        column["type"] = Interval()


def _set_up_sqlite(connection: Any, _: Any) -> None:
    # Python's module would begin transactions in its own way, and too late.
    connection.isolation_level = None
    for setting in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {setting}")


def _begin_immediate(connection: Connection) -> None:
    # Two writers that both begin by reading could each wait for the other.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _reason(error: DBAPIError) -> str:
    text = str(error.orig).strip().partition("\n")[0]
    known = {
        "database is locked": "locked by another program",
        "readonly database": "read-only",
        "disk is full": "the disk is full",
        "lock timeout": "locked by another program",
        "not a database": NO_GRADEBOOK,
        "malformed": NO_GRADEBOOK,
    }
    return next((meaning for sign, meaning in known.items() if sign in text), text)
