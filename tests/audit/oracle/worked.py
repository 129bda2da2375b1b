"""The worked pathway of domain 9.1 as facts: an agreement of P20 WIN kind with eight flows."""

from __future__ import annotations

from datetime import date

from tests.audit.oracle.facts import (
    Agreement,
    AgreementKind,
    Approval,
    Classification,
    Column,
    ColumnRef,
    CoverageTerm,
    DataRequest,
    Dataset,
    Determination,
    DisclosureReview,
    Flow,
    Holding,
    Party,
    PartyRole,
    Process,
    Purpose,
    Redisclosure,
    Run,
    RunState,
    TransformationKind,
    World,
    Written,
)

__all__ = ["AGGREGATE", "COPY", "DIRECTORY", "ENROLLMENT", "INPUT", "LINKED", "NEW_FILE", "OUTCOMES", "SNAP", "WORKED"]

ENROLLMENT = "dataset:sde/enrollment"
SNAP = "dataset:dss/snap-participation"
LINKED = "dataset:dol/linked-file"
COPY = "dataset:uconn/copy"
INPUT = "dataset:opm/dashboard-input"
AGGREGATE = "dataset:dol/aggregate"
OUTCOMES = "dataset:dol/outcomes-by-town"
DIRECTORY = "dataset:sde/district-directory"
NEW_FILE = "dataset:sde/new-file"

_FILES = "dataset:dol/files-received"
"""Where flows 11 and 12 go: the pathway names no dataset for them, only the agency."""

_HELD = {
    ENROLLMENT: "SDE",
    SNAP: "DSS",
    LINKED: "DOL",
    COPY: "UConn",
    INPUT: "OPM",
    AGGREGATE: "DOL",
    OUTCOMES: "DOL",
    DIRECTORY: "SDE",
    NEW_FILE: "SDE",
    _FILES: "DOL",
}
_COLUMNS = {
    ENROLLMENT: ("SASID", "name", "DOB", "gender", "race", "ethnicity", "grade", "disability"),
    SNAP: ("name", "DOB", "benefit"),
    AGGREGATE: ("town", "count"),
    OUTCOMES: ("town", "count"),
}
_NEW_COLUMN = "race by town by grade"
_SECOND_RUN = date(2022, 7, 20)
_CLASSES = {
    ENROLLMENT: Classification.PERSONAL,
    SNAP: Classification.PERSONAL,
    LINKED: Classification.PERSONAL,
    COPY: Classification.PERSONAL,
    INPUT: Classification.PERSONAL,
    AGGREGATE: Classification.PUBLIC,
    OUTCOMES: Classification.OPEN,
    DIRECTORY: Classification.OPEN,
}
_IN_A = ("SASID", "name", "DOB", "gender", "race", "ethnicity", "grade")
_E_SIGNED = date(2021, 9, 9)
_A_SIGNED = date(2022, 2, 15)


def _flow(id_: str, source: str, target: str, *columns: str, purpose: str | None = "evaluation") -> Flow:
    return Flow(
        id=f"flow:{id_}",
        source=source,
        target=target,
        process=f"process:{id_}",
        columns=tuple(ColumnRef(source, column) for column in columns),
        purpose=purpose,
    )


def _run(of: str, day: date, agreement: str | None, outputs: tuple[Written, ...] | None = None) -> Run:
    return Run(
        id=f"run:{of}/{day}",
        process=f"process:{of}",
        on=day,
        state=RunState.COMPLETE,
        outputs=outputs,
        agreement=agreement,
    )


def _written(*columns: str) -> tuple[Written, ...]:
    return Written(AGGREGATE, columns), Written(OUTCOMES, columns)


WORKED = World(
    datasets=tuple(Dataset(dataset) for dataset in _HELD),
    columns=(
        *(Column(dataset, name) for dataset, names in _COLUMNS.items() for name in names),
        Column(AGGREGATE, _NEW_COLUMN, first_day=_SECOND_RUN),
        Column(OUTCOMES, _NEW_COLUMN, first_day=_SECOND_RUN),
    ),
    held_by=tuple(Holding(dataset, agency) for dataset, agency in _HELD.items()),
    determinations=tuple(
        Determination(dataset, None, frozenset({class_}), on=date(2020, 12, 1), reasons=("VIOLATES_LAW",))
        for dataset, class_ in _CLASSES.items()
    ),
    purposes=(Purpose("evaluation"), Purpose("program administration")),
    agreements=(
        Agreement(
            id="E",
            kind=AgreementKind.ENTERPRISE_MOU,
            effective_from=_E_SIGNED,
            parties=(
                Party("OPM", PartyRole.OPERATOR, _E_SIGNED),
                Party("DOL", PartyRole.HUB, _E_SIGNED),
                Party("SDE", PartyRole.PROVIDER, _E_SIGNED),
                Party("DSS", PartyRole.PROVIDER, _E_SIGNED),
                Party("UConn", PartyRole.RECIPIENT, _E_SIGNED),
            ),
        ),
        Agreement(
            id="A",
            kind=AgreementKind.DATA_SHARING_AGREEMENT,
            under=("E",),
            effective_from=date(2022, 3, 1),
            effective_to=date(2023, 2, 28),
            parties=(
                Party("SDE", PartyRole.PROVIDER, _A_SIGNED),
                Party("DSS", PartyRole.PROVIDER, _A_SIGNED),
                Party("DOL", PartyRole.HUB, _A_SIGNED),
                Party("UConn", PartyRole.RECIPIENT, _A_SIGNED),
            ),
            terms=(
                CoverageTerm(
                    id="A/1",
                    datasets=(ENROLLMENT,),
                    columns=tuple(ColumnRef(ENROLLMENT, name) for name in _IN_A),
                    recipients=("DOL", "UConn"),
                ),
                CoverageTerm(id="A/2", datasets=(SNAP,), recipients=("DOL", "UConn")),
            ),
            permits=("evaluation",),
            rests_on=("34 CFR 99.35", "7 CFR 272.1(c)"),
            redisclosure=Redisclosure(datasets=(LINKED,)),
        ),
    ),
    requests=(DataRequest("request:1", led_to="A"),),
    approvals=(
        Approval("request:1", "SDE", approved=True, on=date(2022, 2, 10)),
        Approval("request:1", "DSS", approved=True, on=date(2022, 4, 15)),
    ),
    processes=(
        *(Process(f"process:{id_}") for id_ in ("1", "3", "4", "5", "6")),
        Process(
            "process:7",
            agency="UConn",
            declassifies=True,
            method=TransformationKind.AGGREGATE,
            suppression_rule="counts from 1 to 5",
        ),
    ),
    runs=(
        _run("1", date(2022, 3, 20), "A"),
        _run("3", date(2022, 3, 20), "A"),
        _run("3", date(2022, 4, 20), "A"),
        _run("4", date(2022, 5, 2), None),
        _run("5", date(2022, 5, 9), None),
        _run("6", date(2022, 6, 1), None),
        _run("7", date(2022, 6, 20), None, _written("town", "count")),
        _run("7", _SECOND_RUN, None, _written("town", "count", _NEW_COLUMN)),
        _run("1", date(2023, 2, 28), "A"),
        _run("1", date(2023, 3, 1), "A"),
    ),
    reviews=(
        DisclosureReview(
            "process:7",
            tuple(ColumnRef(dataset, name) for dataset in (AGGREGATE, OUTCOMES) for name in ("town", "count")),
            rule="counts from 1 to 5",
            approved=True,
            on=date(2022, 6, 10),
        ),
    ),
    flows=(
        _flow("1", ENROLLMENT, LINKED, "SASID", "name", "DOB"),
        _flow("3", SNAP, LINKED, "name", "DOB"),
        _flow("4", ENROLLMENT, COPY, "SASID", "disability"),
        _flow("5", LINKED, COPY, purpose="program administration"),
        _flow("6", COPY, INPUT),
        _flow("7", LINKED, AGGREGATE),
        Flow("flow:7/published", AGGREGATE, OUTCOMES, process="process:7", purpose="evaluation"),
        Flow("flow:11", DIRECTORY, _FILES, purpose="evaluation", first_seen=date(2021, 1, 1)),
        Flow("flow:12", NEW_FILE, _FILES, purpose="evaluation", first_seen=date(2022, 5, 1)),
    ),
)
