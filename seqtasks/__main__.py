"""`python -m seqtasks`."""

from seqtasks.cli import main

main()
