"""Guest links: what hbbs counts and refuses, at both requests of a session."""

import uuid as uuids

import pytest

import peer
from policy import ALICE, BOB, Policy

KEYBOARD_OFF, AUDIO_ON = 0x1, 0x200


class Visit:
    """Alice's device, a link to it, and whoever has tickets."""

    def __init__(self, case, **link):
        case.not_for("it has no policy", reference=True)
        self.site = case.site("api")
        self.policy = Policy(self.site.stack.redis)
        self.policy.user()
        self.link = str(uuids.uuid4())
        self.policy.guest(self.link, **link)
        self.device = self.owned()
        self.address = case.ip()
        self.tickets = 0

    def owned(self, owner=ALICE):
        device = self.site.device().register()
        self.policy.device(device.id, owner=owner)
        return device

    def ticket(self, **more):
        self.tickets += 1
        token = f"{self.link} {self.tickets}"
        self.policy.guest_ticket(token, self.link, self.device.id, **more)
        return token

    def punch(self, token, device=None, **more):
        a = self.site.tcp(self.address).secure(self.site.server_pk)
        return self.site.punch((device or self.device).id, over=a, token=token, **more)

    def relay(self, token, address=None):
        a = self.site.tcp(address or self.address).secure(self.site.server_pk)
        a.send_msg(request_relay={"id": self.device.id, "uuid": peer.random_uuid(),
                                  "token": token})
        return a

    def refused(self, token, **more):
        """What both requests are told."""
        answer = self.punch(token, **more).expect("punch_hole_response")
        assert not answer.socket_addr
        if not more:
            assert self.relay(token).expect(
                "relay_response").refuse_reason == answer.other_failure
        assert "not allowed" in answer.other_failure
        return answer.other_failure


def test_a_session_with_a_guest_link_is_let_in_and_counted_once(case):
    visit = Visit(case, uses=1, role=str(uuids.uuid4()))
    role = visit.site.stack.redis.command("HGET", "policy:guest", visit.link).decode().split()[4]
    visit.policy.role(role, KEYBOARD_OFF | AUDIO_ON)
    token = visit.ticket()
    visit.punch(token)
    push = visit.device.push("punch_hole")
    # Alice has no role that allows sound, so it is not forced for her guest.
    assert push.control_permissions.permissions == KEYBOARD_OFF
    ref = visit.policy.conn_ref(push.controlled_context.conn_audit_ref)
    assert (ref["user"], ref["name"], ref["guest"]) == (ALICE, "Alice", visit.link)
    visit.relay(token)
    assert visit.device.push("request_relay").control_permissions.permissions == KEYBOARD_OFF
    assert visit.policy.guest_used(visit.link) == 1
    # A ticket that is handed on is another use.
    told = visit.relay(token, case.ip()).expect("relay_response")
    assert "used as often" in told.refuse_reason
    assert "used as often" in visit.refused(visit.ticket())
    assert visit.policy.guest_used(visit.link) == 1


@pytest.mark.parametrize("link, says", [
    (dict(expires=1), "has expired"), (dict(flags=1), "was revoked"),
    (dict(role=str(uuids.uuid4())), "does not lead")])
def test_a_guest_link_that_has_ended_lets_nobody_in(case, link, says):
    visit = Visit(case, **link)
    assert says in visit.refused(visit.ticket())
    assert visit.policy.guest_used(visit.link) == 0


def test_a_guest_reaches_no_other_device_and_no_kind_that_the_link_forbids(case):
    visit = Visit(case, role=str(uuids.uuid4()))
    role = visit.site.stack.redis.command("HGET", "policy:guest", visit.link).decode().split()[4]
    visit.policy.role(role, 0x40)   # no files
    other = visit.owned()
    assert "does not lead" in visit.refused(visit.ticket(), device=other)
    assert "control role" in visit.refused(visit.ticket(), conn_type=1)
    assert visit.policy.guest_used(visit.link) == 0
    visit.punch(visit.ticket())
    assert visit.device.push("punch_hole")


def test_a_guest_is_kept_out_like_whoever_made_his_link(case):
    visit = Visit(case)
    token = visit.ticket()
    visit.policy.device(visit.device.id, owner=BOB)
    visit.policy.user(BOB, "Bob")
    assert "does not lead" in visit.refused(token)
    gone = visit.ticket(maker=str(uuids.uuid4()))
    visit.policy.device(visit.device.id)
    assert "does not lead" in visit.refused(gone)
