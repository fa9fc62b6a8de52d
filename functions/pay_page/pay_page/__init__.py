"""The payment page: what it shows of an order, and its HTML, style sheet, script and texts."""
