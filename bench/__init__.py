"""Figures that Paylatch claims, measured."""
