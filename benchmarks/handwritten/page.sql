-- The first datasets by (title_sort, urn) that stand, hold on the day and are seen, each with its
-- agency, the agency's data officer, its first columns and the goals it serves. Written by hand; plans.md tells why so.
--
-- Parameters:
--   :day TEXT (an ISO date), :full TEXT (the audiences seen whole, as a JSON array), :first INTEGER (rows),
--   :columns INTEGER (columns of each)
--
-- Answers one row with one value, JSON text, a list of rows:
--   [urn, title, modified, [agency], [column], [goal]]
--   agency = [urn, name, [officer]], officer = [urn, role, [person]], person = [urn, name]
--   column = [urn, name, data_type], goal = [urn, title, how]
--
-- INDEXED BY: beside a plain IN the index on audience is taken, and all datasets are sorted (seven times the time). The
-- comparison with the first audience spares most look-ups in the list. Columns are sorted as row numbers, then read.
SELECT json_group_array(json_array(d.urn, d.title, d.modified,
  (SELECT json_group_array(json_array(a.urn, a.name,
      (SELECT json_group_array(json_array(b.urn, b.role,
          (SELECT json_group_array(json_array(p.urn, p.name))
           FROM "e_HELD_BY" r3 CROSS JOIN "Person" p ON p.id = r3.head
           WHERE r3.tail = b.id AND r3.retracted_at = '~' AND r3.valid_from <= :day AND r3.valid_to > :day
             AND p.valid_from <= :day AND p.valid_to > :day
             AND (p.audience = :full ->> 0 OR p.audience IN (SELECT value FROM json_each(:full))))))
       FROM "e_HAS_DATA_OFFICER" r2 CROSS JOIN "Appointment" b ON b.id = r2.head
       WHERE r2.tail = a.id AND r2.retracted_at = '~' AND r2.valid_from <= :day AND r2.valid_to > :day
         AND b.valid_from <= :day AND b.valid_to > :day
         AND (b.audience = :full ->> 0 OR b.audience IN (SELECT value FROM json_each(:full))))))
   FROM "e_HELD_BY" r CROSS JOIN "Agency" a ON a.id = r.head
   WHERE r.tail = d.id AND r.retracted_at = '~' AND r.valid_from <= :day AND r.valid_to > :day
     AND a.valid_from <= :day AND a.valid_to > :day
     AND (a.audience = :full ->> 0 OR a.audience IN (SELECT value FROM json_each(:full)))),
  (SELECT json_group_array(json_array(k.urn, k.name, k.data_type)) FROM (
     SELECT c.id FROM "e_HAS_COLUMN" r CROSS JOIN "Column" c ON c.id = r.head
     WHERE r.tail = d.id AND r.retracted_at = '~' AND r.valid_from <= :day AND r.valid_to > :day
       AND c.valid_from <= :day AND c.valid_to > :day
       AND (c.audience = :full ->> 0 OR c.audience IN (SELECT value FROM json_each(:full)))
     ORDER BY c.position_sort, c.urn LIMIT :columns) o CROSS JOIN "Column" k ON k.id = o.id),
  (SELECT json_group_array(json_array(urn, title, how)) FROM (
     SELECT g.urn, g.title, r.how FROM "e_SERVES" r CROSS JOIN "Goal" g ON g.id = r.head
     WHERE r.tail = d.id AND r.retracted_at = '~' AND r.valid_from <= :day AND r.valid_to > :day
       AND g.valid_from <= :day AND g.valid_to > :day
       AND (g.audience = :full ->> 0 OR g.audience IN (SELECT value FROM json_each(:full)))
     ORDER BY g.number_sort, g.urn))
))
FROM (
  SELECT d.id, d.urn, d.title, d.modified FROM "Dataset" d INDEXED BY "ix_Dataset_title_sort"
  WHERE d.retracted_at = '~'
    AND d.valid_from <= :day AND d.valid_to > :day
    AND (d.audience = :full ->> 0 OR d.audience IN (SELECT value FROM json_each(:full)))
  ORDER BY d.title_sort, d.urn LIMIT :first
) d
