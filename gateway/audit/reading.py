"""Reading the whole log, in order and without holding it in memory."""

import json
from collections.abc import Iterator

from sqlalchemy.orm import Session

from gateway.audit.chain import Row

AT_A_TIME = 5_000
_json = json.JSONDecoder().raw_decode

# The times are written by the database in the form in which they are hashed, and details come as text: the log has
# millions of rows, and both are much quicker than what the driver does by itself.
_QUERY = """
    SELECT previous_hash, id,
           coalesce(to_char(happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), ''),
           event, actor, concern_id, message_id, delivery_id, coalesce(details::text, 'null'), hash, hmac
    FROM log_entry ORDER BY id
"""


def rows(session: Session) -> Iterator[Row]:
    """Every row as it stood when the reading began."""
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with driver.cursor(name="gateway_log") as cursor:  # a named cursor stays at the server
        cursor.execute(_QUERY)
        while chunk := cursor.fetchmany(AT_A_TIME):
            for row in chunk:
                yield (*row[:8], _json(row[8])[0], *row[9:])
