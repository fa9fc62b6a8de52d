"""The local stack: the real template, deployed to an AWS emulator on this machine. Not part of the product."""
