"""The table of jobs, as clients see them. What the queue needs to know is procrastinate's."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)

from spatial.tables import metadata, town_id

SCHEMA = "layers"
# gen_random_uuid is random in 122 bits: who has the id of an anonymous job was given it.
_RANDOM_ID = text("gen_random_uuid()")

job = Table(
    "job",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=_RANDOM_ID),
    town_id(),
    Column("process_id", Text, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("outputs", ARRAY(Text), comment="the outputs asked for; NULL for all"),
    Column("response", Text, nullable=False, server_default="raw", comment="raw, document"),
    Column("status", Text, nullable=False, server_default="accepted"),
    Column("progress", SmallInteger, nullable=False, server_default="0", comment="percent"),
    Column("message", Text),
    Column("created", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("started", DateTime(timezone=True)),
    Column("finished", DateTime(timezone=True)),
    Column("updated", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("keep_until", DateTime(timezone=True), comment="the row goes after this moment"),
    Column("results", JSON, comment="output name → value"),
    Column("exception", JSON, comment="why it failed: error, detail"),
    # As whom it runs; a trigger fills these from the submitting transaction.
    Column("role", Text, nullable=False),
    Column("account_id", BigInteger),
    Column("department", Text),
    Column("grid_id", BigInteger),
    Column("layers", ARRAY(Text), nullable=False),
    Column("only_layers", ARRAY(Text), comment="of the key it was submitted with; NULL: no limit"),
    # As its submitter may: a key for reading runs processes that change nothing.
    Column("may_write", Boolean, nullable=False, server_default="false"),
    Column("queue_id", BigInteger, comment="procrastinate's job"),
    CheckConstraint(
        "status IN ('accepted', 'running', 'successful', 'failed', 'dismissed')", name="status"
    ),
    CheckConstraint("response IN ('raw', 'document')", name="response"),
    CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
    CheckConstraint("(finished IS NULL) = (keep_until IS NULL)", name="keep_until"),
    schema=SCHEMA,
    comment="an OGC API Processes job",
)
# Usage: the jobs of an account, newest first, page by page; how many of them are unfinished.
Index("job_account_id_created_id_idx", job.c.account_id, job.c.created.desc(), job.c.id)
# Usage: sweeping what is no longer kept.
Index("job_keep_until_idx", job.c.keep_until)
# Usage: queue length by state; the unfinished jobs, which are few.
Index(
    "job_unfinished_idx",
    job.c.account_id,
    job.c.status,
    postgresql_where=text("status IN ('accepted', 'running')"),
)
