"""`python -m service.commands` is `curve-diagnosis`."""

import sys

from service.commands import main

sys.exit(main())
