"""Which papers are made as long work."""

from creation import working
from reports import exporting

working.register("ledger", exporting.ledger, title="创建工作台账", act="ledger.export")
