-- SPDX-License-Identifier: AGPL-3.0-or-later
-- How many findings a household has open is told by the index alone.  What the planner must
-- know, a server measures itself.
DROP INDEX finding_household;

CREATE INDEX finding_household ON finding (county, household, state);
