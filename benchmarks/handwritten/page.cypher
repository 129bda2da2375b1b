// The first datasets by (title_sort, urn) that stand, hold on the day and are seen, each with its
// agency, the agency's data officer, its first columns and the goals it serves. Written by hand; plans.md tells why so.
//
// Parameters:
//   $day STRING (an ISO date), $full LIST<STRING> (audiences seen whole), $first INTEGER (rows),
//   $columns INTEGER (columns of each)
//
// Answers one record with one value, a list of rows:
//   [urn, title, modified, [agency], [column], [goal]]
//   agency = [urn, name, [officer]], officer = [urn, role, [person]], person = [urn, name]
//   column = [urn, name, data_type], goal = [urn, title, how]
//
// A map projection reads its properties in one pass over the store; one that names a cached property (here d.urn, which
// the index gives) reads each by itself, so urn stays out of the first. Ends that a relationship's declaration fixes
// (the writer refuses others) have no label here; SERVES has several kinds of end.
MATCH (d:Dataset)
WHERE d.title_sort IS NOT NULL AND d.urn IS NOT NULL
WITH d, d {.title, .modified, .retracted_at, .audience, .valid_from, .valid_to} AS m
WHERE m.retracted_at = '~' AND m.valid_from <= $day AND m.valid_to > $day AND m.audience IN $full
WITH d, m ORDER BY d.title_sort, d.urn LIMIT $first
RETURN collect([d.urn, m.title, m.modified,
  // its agency, whose officer's appointment, whose holder
  COLLECT {
    MATCH (d)-[r:HELD_BY]->(a)
    WITH a, r {.valid_from, .valid_to} AS e, a {.urn, .name, .audience, .valid_from, .valid_to} AS n
    WHERE e.valid_from <= $day AND e.valid_to > $day
      AND n.valid_from <= $day AND n.valid_to > $day AND n.audience IN $full
    RETURN [n.urn, n.name, COLLECT {
      MATCH (a)-[r2:HAS_DATA_OFFICER]->(b)
      WITH b, r2 {.valid_from, .valid_to} AS e2, b {.urn, .role, .audience, .valid_from, .valid_to} AS n2
      WHERE e2.valid_from <= $day AND e2.valid_to > $day
        AND n2.valid_from <= $day AND n2.valid_to > $day AND n2.audience IN $full
      RETURN [n2.urn, n2.role, COLLECT {
        MATCH (b)-[r3:HELD_BY]->(p)
        WITH r3 {.valid_from, .valid_to} AS e3, p {.urn, .name, .audience, .valid_from, .valid_to} AS n3
        WHERE e3.valid_from <= $day AND e3.valid_to > $day
          AND n3.valid_from <= $day AND n3.valid_to > $day AND n3.audience IN $full
        RETURN [n3.urn, n3.name]
      }]
    }]
  },
  // its first columns
  COLLECT {
    MATCH (d)-[r:HAS_COLUMN]->(c)
    WITH r {.valid_from, .valid_to} AS e,
      c {.urn, .name, .data_type, .position_sort, .audience, .valid_from, .valid_to} AS n
    WHERE e.valid_from <= $day AND e.valid_to > $day
      AND n.valid_from <= $day AND n.valid_to > $day AND n.audience IN $full
    RETURN [n.urn, n.name, n.data_type] ORDER BY n.position_sort, n.urn LIMIT $columns
  },
  // its goals
  COLLECT {
    MATCH (d)-[r:SERVES]->(g:Goal)
    WITH r {.how, .valid_from, .valid_to} AS e,
      g {.urn, .title, .number_sort, .audience, .valid_from, .valid_to} AS n
    WHERE e.valid_from <= $day AND e.valid_to > $day
      AND n.valid_from <= $day AND n.valid_to > $day AND n.audience IN $full
    RETURN [n.urn, n.title, e.how] ORDER BY n.number_sort, n.urn
  }
]) AS page
