"""The enumerations of the data group (domain 2, 3.3 and 7). Import them from ``catalog.model.enums``."""

from __future__ import annotations

from catalog.model.words import Described

__all__ = [
    "AssertionStatus",
    "Classification",
    "DataCarrier",
    "DataForm",
    "DataOrigin",
    "EquityDimension",
    "HighValueCriterion",
    "InventoryKind",
    "OpenCriterion",
    "PersonalKind",
    "PopulationUnit",
    "PortalKind",
    "ProtectedReason",
    "RecordKind",
    "TableShape",
    "UpdateFrequency",
]


class Classification(Described):
    """Who may see data; several may hold at once (domain 2 and 7, L252-260)."""

    OPEN = "OPEN", "Public, and all open criteria are met."
    PUBLIC = "PUBLIC", "May be made available."
    PROTECTED = "PROTECTED", "Must not, or need not, be disclosed; a reason says why."
    PERSONAL = "PERSONAL", "Protected, since it identifies people or tells of their health."
    PRIVATE = "PRIVATE", "Protected by a law on privacy or confidentiality."
    UNDETERMINED = "UNDETERMINED", "Nobody has decided; never the same as public."


class ProtectedReason(Described):
    """Why data is protected (domain 2, L256)."""

    VIOLATES_LAW = "VIOLATES_LAW", "A: disclosure would break a law."
    ENDANGERS_PUBLIC = "ENDANGERS_PUBLIC", "B: disclosure would put health, safety or welfare at risk."
    HINDERS_GOVERNMENT = "HINDERS_GOVERNMENT", "C: disclosure would get in the way of government's work."
    UNDUE_BURDEN = "UNDUE_BURDEN", "D: disclosure would cost more than can be asked."
    FOI_EXEMPT = "FOI_EXEMPT", "The freedom of information law exempts it from the duty to disclose."


class OpenCriterion(Described):
    """What open data must meet, all of them (domain 2, L252)."""

    FREELY_AVAILABLE = "FREELY_AVAILABLE", "A: anyone gets it in a convenient form that can be searched and changed."
    MACHINE_PROCESSABLE = "MACHINE_PROCESSABLE", "B: a program can process it."
    NO_USE_RESTRICTIONS = "NO_USE_RESTRICTIONS", "C: no licence or law limits its use."
    FINEST_PRACTICABLE_DETAIL = "FINEST_PRACTICABLE_DETAIL", "D: as fine as law and practice allow."
    SUFFICIENTLY_DESCRIBED = "SUFFICIENTLY_DESCRIBED", "E: its strengths, limits and handling are described."


class HighValueCriterion(Described):
    """What makes data high value, any of them (domain 2, L250)."""

    CRITICAL_TO_OPERATION = "CRITICAL_TO_OPERATION", "A: the agency cannot work without it."
    ACCOUNTABILITY = "ACCOUNTABILITY", "B: it makes the agency more accountable."
    PUBLIC_KNOWLEDGE = "PUBLIC_KNOWLEDGE", "C: it tells the public about the agency's work."
    CORE_MISSION = "CORE_MISSION", "D: it furthers the agency's mission."
    ECONOMIC_OPPORTUNITY = "ECONOMIC_OPPORTUNITY", "E: something can be built or earned with it."
    FREQUENTLY_REQUESTED = "FREQUENTLY_REQUESTED", "F: it is asked for again and again."
    CONSULTATION_DEMAND = "CONSULTATION_DEMAND", "G: the public named it when consulted."
    REPORTING_REQUIREMENT = "REPORTING_REQUIREMENT", "H: a report that is owed needs it."


class DataForm(Described):
    """The form that data has (domain 2, L244)."""

    LIST = "LIST", "A list."
    TABLE = "TABLE", "A table."
    GRAPH = "GRAPH", "A graph."
    CHART = "CHART", "A chart."
    OTHER_NON_NARRATIVE = "OTHER_NON_NARRATIVE", "Another form that is no running text."


class DataCarrier(Described):
    """What data is kept on (domain 2, L244)."""

    DIGITAL = "DIGITAL", "A digital carrier."
    NONDIGITAL = "NONDIGITAL", "Paper, film or the like."


class DataOrigin(Described):
    """How an agency came to hold data (domain 2, L244)."""

    CREATED_OR_MAINTAINED = "CREATED_OR_MAINTAINED", "The agency itself creates or maintains it."
    ON_BEHALF_OF_AGENCY = "ON_BEHALF_OF_AGENCY", "Another does, on the agency's behalf."
    FROM_THIRD_PARTY_BY_LAW = "FROM_THIRD_PARTY_BY_LAW", "Others must hand it in by law."


class RecordKind(Described):
    """What one record of the data is (domain 2, L244)."""

    MEASUREMENT = "MEASUREMENT", "Something measured."
    TRANSACTION = "TRANSACTION", "Something that took place between parties."
    DETERMINATION = "DETERMINATION", "Something decided."


class PopulationUnit(Described):
    """Whom or what one record is about (domain 3.3)."""

    PERSON = "PERSON", "A person."
    HOUSEHOLD = "HOUSEHOLD", "A household."
    ENTITY = "ENTITY", "An organization."
    PLACE = "PLACE", "A place."
    EVENT = "EVENT", "An event."
    NONE = "NONE", "Nothing of these."


class EquityDimension(Described):
    """A factor by which outcomes are told apart (domain 2, L156, L164)."""

    RACE = "RACE", "Race."
    ETHNICITY = "ETHNICITY", "Ethnicity."
    GENDER = "GENDER", "Gender or sex."
    GENDER_IDENTITY = "GENDER_IDENTITY", "Gender identity."
    AGE = "AGE", "Age or age group."
    ABILITY_STATUS = "ABILITY_STATUS", "Disability or ability."
    OTHER = "OTHER", "Another factor."
    LANGUAGE = "LANGUAGE", "Language."
    GEOGRAPHY = "GEOGRAPHY", "Where people live."
    INCOME = "INCOME", "Income."
    VETERAN_STATUS = "VETERAN_STATUS", "Service in the armed forces."


class UpdateFrequency(Described):
    """How often data is to be updated; the last four have no due date (domain 2, L149-150, R25)."""

    REAL_TIME = "REAL_TIME", "As it happens, or several times a day."
    DAILY = "DAILY", "Every day."
    EVERY_WEEKDAY = "EVERY_WEEKDAY", "Monday to Friday."
    WEEKLY = "WEEKLY", "Every week."
    BIWEEKLY = "BIWEEKLY", "Every two weeks."
    MONTHLY = "MONTHLY", "Every month."
    BIMONTHLY = "BIMONTHLY", "Every two months."
    QUARTERLY = "QUARTERLY", "Every three months."
    TWICE_A_YEAR = "TWICE_A_YEAR", "Every six months."
    ANNUALLY = "ANNUALLY", "Every year."
    EVERY_TWO_YEARS = "EVERY_TWO_YEARS", "Every second year."
    AS_NEEDED = "AS_NEEDED", "When there is something new."
    NOT_UPDATED = "NOT_UPDATED", "Never again."
    OTHER = "OTHER", "Another rhythm; the text as stated says which."
    UNKNOWN = "UNKNOWN", "Not stated, or not to be made sense of."


class PersonalKind(Described):
    """What a column says about a person (domain 3.3, L258)."""

    DIRECT_IDENTIFIER = "DIRECT_IDENTIFIER", "Names one person: a number, a name, an address."
    QUASI_IDENTIFIER = "QUASI_IDENTIFIER", "Names a person together with others: a birth date, a town."
    SENSITIVE = "SENSITIVE", "Would harm or embarrass if it were known."
    NONE = "NONE", "Nothing."


class TableShape(Described):
    """How a table holds categories (domain 3.3 and 13, item 8)."""

    LONG = "LONG", "A column names the category, a row a category."
    WIDE = "WIDE", "A column a category."


class AssertionStatus(Described):
    """Whether something is said, or only guessed (domain 9.2 E11, 11 G2.M2)."""

    STATED = "STATED", "A source or a person says so."
    PROPOSED = "PROPOSED", "A match suggests it; nobody has confirmed it, and no rule builds on it."
    DENIED = "DENIED", "A source or a person says that it is not so; no rule says otherwise then."


class PortalKind(Described):
    """What a portal is for (domain 3.3, L36, L148)."""

    OPEN_DATA = "OPEN_DATA", "Open data for everyone."
    GEOSPATIAL = "GEOSPATIAL", "Maps and geospatial data."
    INTERNAL = "INTERNAL", "A catalog for staff."
    OTHER = "OTHER", "Another kind."


class InventoryKind(Described):
    """Which data an inventory lists, where the two are filed apart (domain 3.3)."""

    ALL = "ALL", "All high value data."
    GIS = "GIS", "Geospatial data."
    NON_GIS = "NON_GIS", "All but geospatial data."
