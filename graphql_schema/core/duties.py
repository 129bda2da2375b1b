"""What the audit says of what is owed, matched and went wrong: pages of it, and of one such thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql_schema.core.found import Answer, Listed, page_of, passes
from graphql_schema.core.roots import known_urns
from lineage.audit.day import DayAudit
from lineage.audit.duties import Duty, Standing
from lineage.audit.incidents import Notice
from lineage.audit.matches import happened, of_files
from lineage.audit.records import Incident, LinkageRun

__all__ = ["files_of", "incidents", "linkage_runs", "notice_of_incident", "obligations", "standing_of"]


@dataclass(slots=True)
class DutyRow(Answer):
    """What is owed, with what who owes it still holds."""

    duty: Duty
    held: tuple[str, ...]


def obligations(day: DayAudit, args: Mapping[str, Any]) -> Listed[DutyRow]:
    """A page of what is owed, by due day: of what passes every test that is given."""
    known_urns(args, {"agreement": "Agreement", "agency": "Agency"})
    duties = day.recorded.duties
    found = [each for each in duties.all() if _is_wanted(each, args)]
    page = page_of(found, lambda each: each.place, "duty", args)
    rows = [DutyRow(each, duties.still_held(each)) for each in page.edges]
    return Listed(rows, page.total, page.has_next, page.end_cursor)


def _is_wanted(duty: Duty, args: Mapping[str, Any]) -> bool:
    due, by = duty.standing.due_on, args.get("dueBy")
    return (
        passes(args.get("kinds"), duty.kind)
        and passes(args.get("statuses"), duty.standing.status)
        and args.get("agreement") in (None, duty.agreement)
        and args.get("agency") in (None, duty.owed_by)
        and (by is None or (due is not None and due <= by))
    )


def standing_of(day: DayAudit, obligation: str, _args: Mapping[str, Any]) -> DutyRow | None:
    """Where an obligation stands; None where it does not hold on the day."""
    duties = day.recorded.duties
    found = duties.find(obligation)
    return None if found is None else DutyRow(found, duties.still_held(found))


@dataclass(slots=True)
class MatchRow(Answer):
    """A linkage run, with where the destruction of its files stands."""

    run: LinkageRun
    standing: Standing


def linkage_runs(day: DayAudit, args: Mapping[str, Any]) -> Listed[MatchRow]:
    """A page of the linkage runs that had begun by the day, by URN: of those that pass every test that is given."""
    known_urns(args, {"hub": "Agency", "request": "DataRequest", "dataset": "Dataset"})
    rows = [MatchRow(run, of_files(run, day.day)) for run in happened(day.audit.asof)]
    found = [each for each in rows if _is_match(day, each, args)]
    return page_of(found, lambda each: each.run.id, "linkage run", args)


def _is_match(day: DayAudit, row: MatchRow, args: Mapping[str, Any]) -> bool:
    run, field, dataset = row.run, args.get("field"), args.get("dataset")
    asof = day.audit.asof
    hub = None if run.hub is None else asof.agency_of(run.hub)
    return (
        passes(args.get("statuses"), row.standing.status)
        and args.get("hub") in (None, hub)
        and args.get("request") in (None, run.request)
        and (dataset is None or asof.dataset(dataset) in run.datasets)
        and (field is None or field.casefold() in (each.casefold() for each in run.fields))
    )


def files_of(day: DayAudit, run: str, _args: Mapping[str, Any]) -> MatchRow | None:
    """Where the destruction of the files of a linkage run stands; None where it had not begun by the day."""
    found = next((each for each in happened(day.audit.asof) if each.id == run), None)
    return None if found is None else MatchRow(found, of_files(found, day.day))


@dataclass(slots=True)
class IncidentRow(Answer):
    """An incident, with what it touched and whether notice was in time."""

    incident: Incident
    flows: tuple[str, ...]
    agreements: tuple[str, ...]
    notice: Notice


def incidents(day: DayAudit, args: Mapping[str, Any]) -> Listed[IncidentRow]:
    """A page of the incidents that had happened by the day, by URN: of those that pass every test that is given."""
    known_urns(args, {"agreement": "Agreement", "flow": "Flow", "dataset": "Dataset"})
    rows = (_incident(day, each) for each in day.recorded.incidents.all)
    found = [each for each in rows if _is_touched(day, each, args)]
    return page_of(found, lambda each: each.incident.id, "incident", args)


def _incident(day: DayAudit, incident: Incident) -> IncidentRow:
    known = day.recorded.incidents
    flows = tuple(flow.id for flow in known.flows(incident))
    return IncidentRow(incident, flows, known.agreements(incident), known.notice(incident))


def _is_touched(day: DayAudit, row: IncidentRow, args: Mapping[str, Any]) -> bool:
    agreement, flow, dataset = (args.get(name) for name in ("agreement", "flow", "dataset"))
    return (
        passes(args.get("statuses"), row.notice.status)
        and (agreement is None or agreement in row.agreements)
        and (flow is None or flow in row.flows)
        and (dataset is None or day.audit.asof.dataset(dataset) in row.incident.touched)
    )


def notice_of_incident(day: DayAudit, incident: str, _args: Mapping[str, Any]) -> IncidentRow | None:
    """What an incident touched, and whether notice was in time; None where it had not happened by the day."""
    found = next((each for each in day.recorded.incidents.all if each.id == incident), None)
    return None if found is None else _incident(day, found)
