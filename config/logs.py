"""How a line of the log is written."""

import logging

from creation.lib import secret_addresses


class LineFormatter(logging.Formatter):
    """Masks keys in addresses, and writes a refused request as one line: its traceback says nothing about a fault of ours."""

    def format(self, record: logging.LogRecord) -> str:
        if getattr(record, "status_code", 500) < 500 and record.exc_info:
            reason = record.exc_info[1]
            record = logging.makeLogRecord(record.__dict__ | {"exc_info": None, "exc_text": None})
            text = super().format(record)
            said = str(reason)
            return secret_addresses.mask(" ".join(f"{text} {said if said not in text else ''}".split()))
        return secret_addresses.mask(super().format(record))
