"""PayU orders: the adapter, its calls, and the notifications that PayU sends."""
