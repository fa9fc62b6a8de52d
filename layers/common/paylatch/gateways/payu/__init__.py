"""PayU orders: the adapter, its calls, and PayU's notifications."""
