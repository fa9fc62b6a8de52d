"""The order desk: the browser application for sellers and operators, as files and its configuration."""

from order_desk.handling import answered, entry, failed

handler = entry.pages(answered, failed)
