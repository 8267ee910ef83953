"""Reading the whole log, in order and without holding it in memory."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from gateway.audit.chain import Row

AT_A_TIME = 5_000

# The times are written by the database in the form in which they are hashed, which is quicker than making them here.
_QUERY = """
    SELECT previous_hash, id,
           coalesce(to_char(happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), ''),
           event, actor, concern_id, message_id, delivery_id, details, hash, hmac
    FROM log_entry ORDER BY id
"""


def rows(session: Session) -> Iterator[Row]:
    """Every row as it stood when the reading began."""
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with driver.cursor(name="gateway_log") as cursor:  # a named cursor stays at the server
        cursor.execute(_QUERY)
        while chunk := cursor.fetchmany(AT_A_TIME):
            yield from chunk
