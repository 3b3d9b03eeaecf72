"""A sentence and the quotes it cites -> why they do not hold it, None where they do (pure).

Numbers, units, days, names, quotations, negation and content words, each by a rule of its own that
gives its reason. Kept simple on purpose: no parser, only what stands in the words.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from service.claims import Claim
from service.evidence import EvidenceSentence
from service.support.coverage import (
    find_altered_quotation,
    find_empty,
    find_hollow,
    find_pieced,
    find_uncovered,
)
from service.support.days import find_misplaced_day, find_new_day
from service.support.meaning import (
    find_opposite_word,
    find_supposed,
    find_turned_negation,
    find_widened,
)
from service.support.names import find_broken_off, find_mixed_name, find_new_name, find_scattered
from service.support.numbers import (
    find_changed_unit,
    find_misplaced_number,
    find_misplaced_order,
    find_new_number,
)
from service.support.roles import (
    find_crossed,
    find_new_giver,
    find_other_holder,
    find_other_subject,
    find_other_visit,
    find_turned_transfer,
)
from service.support.statement import NOTHING, Statement, named_otherwise

_RULES: tuple[Callable[[Statement], str | None], ...] = (
    find_new_number,
    find_broken_off,
    find_new_name,
    find_misplaced_number,
    find_misplaced_order,
    find_changed_unit,
    find_new_day,
    find_misplaced_day,
    find_altered_quotation,
    find_empty,
    find_uncovered,
    find_hollow,
    find_pieced,
    find_scattered,
    find_mixed_name,
    find_other_holder,
    find_other_subject,
    find_other_visit,
    find_crossed,
    find_opposite_word,
    find_widened,
    find_supposed,
    find_turned_negation,
    find_turned_transfer,
    find_new_giver,
)


def find_fault(
    text: str,
    cited: Sequence[EvidenceSentence],
    question: str = "",
    *,
    meant: Claim = NOTHING,
    reworded: bool = False,
) -> str | None:
    """Why the cited sentences do not hold what `text` says, or None when they do.

    Some more of its words may be missing there where it has them from the `question`, the names
    that are `meant` by other words or that a quote has in short, and any number of plain ones where
    it is `reworded`: whether they mean the same is then for others to say.
    """
    names = named_otherwise(question, cited)
    meant = replace(meant, names=meant.names | names, words=meant.words | names)
    statement = Statement(text, cited, question, meant)
    rules = (rule for rule in _RULES if not (reworded and rule is find_uncovered))
    return next((fault for rule in rules if (fault := rule(statement))), None)
