"""The practice's no-secrets policy: changed by its owner, as a new version that holds for whoever signs it."""

from portal import clock
from portal.domain.consent import Policy
from portal.domain.errors import Conflict
from portal.domain.people import Viewer
from portal.domain.roles import check_owner
from portal.extensions import begin_write, db
from portal.services import audit, scope


def change(viewer: Viewer, policy: Policy, read: int) -> bool:
    """Let another policy be signed from now on; whether it is another than before.

    Answers keep the policy under which they were given, and partners the one that they signed last. `read` is the
    version that the owner began from: Conflict "policy_changed_meanwhile" where it is another. For the owner alone,
    raises NotFound.
    """
    begin_write()
    check_owner(viewer)
    practice = scope.own_practice(viewer, is_held=True)
    if practice.policy_version != read:
        raise Conflict("policy_changed_meanwhile")
    is_another = practice.policy != policy
    if is_another:
        practice.policy, practice.policy_since = policy, clock.now()
        practice.policy_version += 1
        audit.record(viewer, f"practice:policy_set_{policy}", practice.id)
    db.session.commit()
    return is_another
