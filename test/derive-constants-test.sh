#!/bin/bash
# Derives the constants of the exponential again, and compares them with the committed ones.
# Usage: derive-constants-test.sh DERIVE_CONSTANTS
exec /usr/bin/python3 "$1" --check
