"""The people, liaisons and clerks of a district as they are now, read with two queries."""

from creation.imports.kinds import ImportContext
from creation.models import Unit, User
from creation.people import liaisons as posts
from creation.rules.names import are_like_names, person_name
from creation.rules.policy import Role


class LiaisonRoster:
    """The people of the district by unit; who is liaison and who is clerk there."""

    def __init__(self, context: ImportContext) -> None:
        people = User.objects.filter(unit__district=context.campaign.district_id, is_active=True).order_by("pk")
        self.people: dict[int, list[User]] = {}
        for person in people.select_related("unit"):
            self.people.setdefault(person.unit_id or 0, []).append(person)
        self.holders: dict[tuple[int, str], list[User]] = {}  # by unit and role
        for membership in posts.unit_memberships(context.campaign, context.actor.today):
            self.holders.setdefault((membership.unit_id or 0, membership.role), []).append(membership.user)

    def find(self, unit: Unit, name: str, mobile: str) -> User | None:
        found = [person for person in self.people.get(unit.pk, []) if person_name(person.name) == name]
        return next((person for person in found if person.mobile == mobile), found[0] if found else None)

    def similar(self, unit: Unit, name: str, mobile: str) -> list[User]:
        """Return the people of the unit who may be meant: with the same mobile number, or with a like name."""
        people = self.people.get(unit.pk, [])
        return [
            person for person in people if (mobile and person.mobile == mobile) or are_like_names(person.name, name)
        ]

    def holds(self, role: Role, unit: Unit, person: User) -> bool:
        return person.pk in {each.pk for each in self.holders.get((unit.pk, role.value), [])}

    def liaison_names(self, unit: Unit) -> str:
        return "、".join(each.name for each in self.holders.get((unit.pk, Role.LIAISON.value), []))
