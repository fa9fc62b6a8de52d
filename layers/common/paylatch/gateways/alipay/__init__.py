"""Alipay page payments: the adapter, its calls, and the notifications that Alipay sends."""
