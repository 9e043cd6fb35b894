"""The exact programme under real yearly budgets: what every coalition builds, and when."""

from bothbanks.analysis.measures.programme.account import Account, account
from bothbanks.analysis.measures.programme.choose import Effort, best_programme, plan_value
from bothbanks.analysis.measures.programme.flows import Flows
from bothbanks.analysis.measures.programme.game import Checked, Dropped, ProgrammeGame, Proof
from bothbanks.analysis.measures.programme.heeding import (
    breaches,
    nothing_done,
    over_budget,
    worst_off,
)
from bothbanks.analysis.measures.programme.kept import KeptLosses, keep_case_losses, keep_losses
from bothbanks.analysis.measures.programme.plan import OwnPlan, Plan, Programme, Reply, budget_price
from bothbanks.analysis.measures.programme.tables import (
    ProgrammeTables,
    case_tables,
    programme_tables,
)
from bothbanks.analysis.measures.programme.terms import (
    Dependency,
    Exclusion,
    FiscalYears,
    MinimumService,
    ProgrammeTerms,
    fiscal_years,
    open_terms,
)

__all__ = [
    "Account",
    "Checked",
    "Dependency",
    "Dropped",
    "Effort",
    "Exclusion",
    "FiscalYears",
    "Flows",
    "KeptLosses",
    "MinimumService",
    "OwnPlan",
    "Plan",
    "Programme",
    "ProgrammeGame",
    "ProgrammeTables",
    "ProgrammeTerms",
    "Proof",
    "Reply",
    "account",
    "best_programme",
    "breaches",
    "budget_price",
    "case_tables",
    "fiscal_years",
    "keep_case_losses",
    "keep_losses",
    "nothing_done",
    "open_terms",
    "over_budget",
    "plan_value",
    "programme_tables",
    "worst_off",
]
