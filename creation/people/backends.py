"""Who a request comes from."""

from django.contrib.auth.backends import BaseBackend

from creation.models import User


class PersonBackend(BaseBackend):
    """Read the person of a login with unit and memberships at once. Passwords are checked by Django's ModelBackend."""

    def get_user(self, user_id: int) -> User | None:
        person = User.objects.acting(user_id)
        return person if person is not None and person.is_active else None
