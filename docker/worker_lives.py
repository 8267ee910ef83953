"""Ends with 1 when no worker has given a sign of life for 15 seconds: the worker image's HEALTHCHECK."""

import os
import sys

import psycopg

QUERY = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '15 seconds'"


def main() -> int:
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=4) as connection:
        (alive,) = connection.execute(QUERY).fetchone() or (0,)
    return 0 if alive else 1


if __name__ == "__main__":
    sys.exit(main())
