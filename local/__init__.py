"""The local stack: the real template, deployed to an AWS emulator on this machine. No part of the product."""
