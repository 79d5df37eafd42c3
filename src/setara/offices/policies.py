"""Who may do what with the office itself."""

from setara.ledger.service import permission
from setara.offices.models import Role

EVERYBODY = tuple(Role.values)

#: The landing page of the staff, and signing in and out.
WORK = permission("offices.work", *EVERYBODY)
#: The first password, by a one-time link; the operation binds an officer to the own account.
SET_PASSWORD = permission("offices.set_password", *EVERYBODY, system=True)
#: A new office is made on the command line.
CREATE_OFFICE = permission("offices.create_office", system=True)
#: Hours, holidays, closures, counters, quotas, staff, competences.
CONFIGURE = permission("offices.configure", Role.ADMINISTRATOR, system=True)
#: Opening the day with its roster.
OPEN_DAY = permission("offices.open_day", Role.SUPERVISOR, Role.HEAD, system=True)
