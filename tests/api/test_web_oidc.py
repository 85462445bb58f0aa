"""Single sign-on of a page: the token ends in its cookie."""
import urllib.parse

from harness import Device
from test_directory import browse, provider  # noqa: F401: a fixture
from test_web_signin import Page


def test_a_page_signs_in_through_a_provider(world, provider):  # noqa: F811
    p, d = Page(world), Device(world, register=False)
    reply = p.call("POST", "/api/web/oidc/auth", d.who(op="corp", apiDomain=world.api.base),
                   status=200).json()
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(reply["url"]).query))
    poll = "/api/web/oidc/query?" + urllib.parse.urlencode(dict(code=reply["code"], **d.who()))
    assert "error" in p.get(poll)
    assert browse(provider, query).status_code == 200
    said = p.get(poll)
    assert said["user"]["name"] == provider.claims["preferred_username"]
    assert "access_token" not in said and p.cookies
    assert p.get("/api/currentUser")["name"] == said["user"]["name"]
