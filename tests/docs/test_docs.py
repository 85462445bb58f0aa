"""What the documentation and the packaging say is true.

Runs on the programs in DOCS_BIN (default build/release/bin).
"""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("DOCS_BIN", ROOT / "build/release/bin"))
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
SERVICES = ("hbbs", "hbbr", "api")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())

# What the compose file fixes, or what has no meaning in a container.
FIXED = {"BIND", "PORT", "API_PORT", "OPS_PORT", "DATA_DIR", "WEB_DIR", "PUBLISH_KEY",
         "DB_URL", "MAX_DATABASE_CONNECTIONS", "TEST_HBBS"}


def ids(pages):
    return [str(p.relative_to(ROOT)) for p in pages]


def settings(service):
    done = subprocess.run([BIN / service, "--help-markdown"], check=True,
                          stdout=subprocess.PIPE, text=True)
    return set(re.findall(r"^\| `([A-Z0-9_]+)`", done.stdout, re.M))


def passed_through(service):
    return {line.split("=")[0]
            for line in COMPOSE["services"][service]["environment"]}


def make(*arguments):
    return subprocess.run(["make", "-s", *arguments], cwd=ROOT, check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def test_the_settings_in_the_readme_are_those_of_the_programs():
    subprocess.run([ROOT / "tools/settings", "--check", BIN], check=True)


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_can_be_made_in_the_compose_file(service):
    known = settings(service)
    missing = known - FIXED - passed_through(service) - (
        {"KEY"} if service == "hbbr" else set())    # hbbs publishes it
    assert not missing, f"not in docker-compose.yml: {sorted(missing)}"
    unknown = {n for n in passed_through(service)
               if n not in known and n.removesuffix("_FILE") not in known}
    assert not unknown, f"{service} has no such setting: {sorted(unknown)}"


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link


def sources():
    """Every text that is not a page itself."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    for name in listed.split("\0"):
        path = ROOT / name
        if name and path.suffix != ".md" and path.is_file():
            try:
                yield path, path.read_text()
            except UnicodeDecodeError:
                pass        # a picture


DOC = "/usr/share/doc/rustdesk-server"


def installed():
    """What the Debian package has of documentation, and the folders of it."""
    for file, folder in (("docs", DOC), ("examples", f"{DOC}/examples"),
                         ("install", "")):
        lines = (ROOT / f"debian/rustdesk-server.{file}").read_text()
        for names in map(str.split, lines.splitlines()):
            where = folder or f"/{names.pop()}"
            yield where
            yield from (f"{where}/{p.name}" for n in names
                        for p in ROOT.glob(n))


def test_every_page_that_a_unit_a_program_or_a_comment_names_exists():
    packaged, missing = set(installed()), []
    for path, text in sources():
        for name in re.findall(r"[\w./-]*[\w-]\.md\b", text):
            here = (ROOT, path.parent, ROOT / "docs")
            if f"{DOC}/" in name:
                found = re.sub("^/+", "/", name) in packaged
            else:
                found = any((p / name).exists() for p in here)
            if not found:
                missing.append(f"{path.relative_to(ROOT)}: {name}")
        missing += [f"{path.relative_to(ROOT)}: {name}" for name in
                    re.findall(rf"{DOC}/\w+\b(?![.\w])", text)
                    if name not in packaged]
    assert not missing


def test_every_manual_page_that_a_unit_or_a_script_names_is_made():
    text = (ROOT / "packaging/pages").read_text()
    made = set(re.findall(r'"([\w-]+ \(\d\))"',
                          re.search(r"^SEE = .*", text, re.M)[0]))
    for path in (*ROOT.glob("debian/units/*"), *ROOT.glob("packaging/systemd/*")):
        for name, section in re.findall(r"man:([\w-]+)\((\d)\)",
                                        path.read_text()):
            assert f"{name} ({section})" in made, path
    names = {m.split(" ")[0] for m in made}
    said = re.findall(r"\bman ([a-z][\w-]+)", (ROOT / "tools/install").read_text())
    assert said and set(said) <= names


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_make_targets_exist(page):
    targets = {line.split()[0] for line in make("help").splitlines()}
    text = page.read_text()
    used = set(re.findall(r"^(?:sudo )?make ([a-z][a-z0-9-]*)", text, re.M))
    used |= set(re.findall(r"`make ([a-z][a-z0-9-]*)", text))
    assert used <= targets, used - targets


def test_the_packages_that_build_are_the_same_in_makefile_and_images():
    wanted = set(make("print-DEPS_BUILD").split()) - {"git"}
    for service in SERVICES:
        text = (ROOT / f"Dockerfile.{service}").read_text()
        first = text.split("&& rm -rf")[0].split("--no-install-recommends")[1]
        assert set(first.replace("\\", " ").split()) == wanted, service


@pytest.mark.parametrize("service", SERVICES)
def test_what_only_compiles_can_be_told_from_the_images(service):
    """By the label that `make image` and docs/upgrade.md remove it with."""
    label = "rustdesk-server.stage=build"
    text = (ROOT / f"Dockerfile.{service}").read_text()
    *stages, final = re.split(r"^FROM .*\n", text, flags=re.M)[1:]
    assert stages and all(s.startswith(f"LABEL {label}\n") for s in stages)
    assert label not in final
    for where in ("Makefile", "docs/upgrade.md"):
        assert f"--filter label={label}" in (ROOT / where).read_text()


def test_the_programs_images_share_the_layer_of_their_libraries():
    """It is shared as long as every line up to it is the same."""
    layers = {(ROOT / f"Dockerfile.{s}").read_text().rpartition("\nFROM ")[2]
              .partition("\nRUN ")[2].partition("\n\t&& install -d")[0]
              for s in SERVICES}
    assert len(layers) == 1 and "libwebsockets" in layers.pop()


@pytest.mark.parametrize("path", [
    *ROOT.glob("Dockerfile.*"), *ROOT.glob("*/Dockerfile"),
    *ROOT.glob("services/*/Dockerfile")], ids=lambda p: p.relative_to(ROOT))
def test_no_image_keeps_what_apt_has_looked_up(path):
    """Not every debian:12-slim cleans up by itself."""
    runs = [r for r in path.read_text().split("\nRUN ") if "apt-get" in r]
    assert runs
    if path.suffix:     # its first stages are thrown away
        runs = runs[-1:]
    for text in runs:
        assert "/var/lib/apt/lists/*" in text and "/var/cache/apt/*" in text


def test_the_ports_in_the_readme_are_those_published():
    published = set()
    for service in COMPOSE["services"].values():
        for port in service.get("ports", ()):
            port = re.sub(r"\$\{\w+:-(\d*)\}", r"\1", port)
            number, kind = re.match(r"([\d-]+):[\d-]+(?:/(\w+))?", port).groups()
            published.add(f"{number}/{kind or 'tcp'}")
    table = (ROOT / "README.md").read_text().split("## Ports")[1]
    named = set(re.findall(r"\b([\d-]+/(?:tcp|udp))\b", table.split("## ")[0]))
    assert named == published


def test_the_stack_on_the_hosts_network_is_that_of_the_compose_file():
    subprocess.run([ROOT / "tools/compose_host", "--check"], check=True)


def test_on_the_hosts_network_redis_keeps_its_cap_and_servers_hear_everywhere():
    """nginx and hbbs dial addresses of the host other than clients do."""
    host = yaml.safe_load((ROOT / "compose.host.yaml").read_text())["services"]
    given, command = (s["redis"]["command"]
                      for s in (COMPOSE["services"], host))
    assert given[0] == "--maxmemory" and command[:len(given)] == given
    for name in ("hbbs", "hbbr", "api"):
        assert not [e for e in host[name]["environment"]
                    if e.split("=")[0] == "BIND"], name


def test_every_redis_of_ours_has_a_cap():
    """The rule of 95 % (docs/security.md) holds wherever redis.conf does."""
    conf = (ROOT / "services/redis/redis.conf").read_text()
    size = re.search(r"^maxmemory (\S+)$", conf, re.M)[1]
    assert f"${{REDIS_MEMORY:-{size}}}" in COMPOSE["services"]["redis"]["command"]
    assert re.search(r"^maxmemory-policy noeviction$", conf, re.M)
    for path in ("debian/units/rustdesk-redis.service", "tools/run_stack.py"):
        text = (ROOT / path).read_text()
        assert "redis.conf" in text and "--maxmemory" not in text, path
