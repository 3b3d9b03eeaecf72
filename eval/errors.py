"""What goes wrong while measuring.

DatelineError
└── EvalError
    ├── CaseRefused        a file of questions or pairs cannot be used
    ├── RunRefused         a run's folder is of another version, damaged, or of other questions
    ├── DatasetRefused     a benchmark's folder is not what it should be
    ├── TargetFailed       one question could not be asked
    └── PeerFailed         a system beside ours could not be installed or did not answer
"""

from index.errors import DatelineError


class EvalError(DatelineError):
    """Measuring went wrong."""


class CaseRefused(EvalError):
    """A file of questions or pairs cannot be used as it is written."""


class RunRefused(EvalError):
    """A run's folder is of another version, damaged, or of other questions."""


class DatasetRefused(EvalError):
    """A benchmark's folder is not what it should be."""


class TargetFailed(EvalError):
    """One question could not be asked."""


class PeerFailed(EvalError):
    """A system that is measured beside ours could not be installed or did not answer."""
