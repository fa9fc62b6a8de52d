"""Alipay page payments: the adapter, its calls, and Alipay's notifications."""
