"""What tools/dist writes for a release, part by part."""

import hashlib
import importlib.util
import json
import re
import subprocess
import tarfile
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
VERSION = subprocess.run(["make", "-s", "print-VERSION"], cwd=ROOT, text=True,
                         check=True, capture_output=True).stdout.strip()
CONTROL = """\
Package: rustdesk-server
Version: {version}
Architecture: {arch}
Maintainer: x <x@example.com>
Depends: libuv1 (>= 1.11), libldap-2.5-0 (>= 2.5.4)
Description: made for a test
"""
BUILDINFO = """\
Installed-Build-Depends:
 libldap-2.5-0 (= 2.5.13+dfsg-5),
 libuv1 (= 1:1.44.2-1),
 make (= 4.3-4.1)
"""


@pytest.fixture(scope="module", name="dist")
def loaded():
    loader = SourceFileLoader("dist", str(ROOT / "tools/dist"))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("dist", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module", name="out")
def written(dist, tmp_path_factory):
    """What is written for packages of two architectures, without images."""
    folder = tmp_path_factory.mktemp("dist")
    for arch in ("amd64", "arm64"):
        tree = folder / arch / "DEBIAN"
        tree.mkdir(parents=True)
        (tree / "control").write_text(
            CONTROL.format(version=VERSION, arch=arch))
        name = f"rustdesk-server_{VERSION}_{arch}"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree.parent,
                        folder / f"{name}.deb"], check=True,
                       capture_output=True)
        (folder / f"{name}.buildinfo").write_text(BUILDINFO)
    dist.main([VERSION, str(folder), str(folder / "out"), "--without-images"])
    return folder / "out"


def test_notes_are_the_versions_own(dist):
    text = ("# Changelog\n\n## 0.3.0, unreleased\n\nnew\n\n## 0.2.0, "
            "2026-01-31\n\n### Added\n\n* this\n\n## 0.1.0, 2025-01-01\n\nold\n")
    assert dist.notes(text, "0.2.0") == "### Added\n\n* this\n"
    assert dist.notes(text, "0.1.0") == "old\n"
    for version in ("0.2", "1.0.0"):
        with pytest.raises(SystemExit, match=re.escape(version)):
            dist.notes(text, version)


@pytest.mark.parametrize("name", ["docker-compose.yml", "compose.host.yaml"])
def test_a_compose_file_of_a_release_builds_and_asks_for_nothing(dist, name):
    given = (ROOT / name).read_text()
    before = yaml.safe_load(given)
    after = yaml.safe_load(dist.compose(given, "1.2.3"))
    assert set(after) == {"services", "networks", "volumes"}
    assert set(after["services"]) == set(before["services"])
    for service, new in after["services"].items():
        old = before["services"][service]
        assert "build" not in new and new["pull_policy"] == "never"
        assert new["image"] == f"rustdesk-stack/{service}:${{TAG:-1.2.3}}"
        same = set(old) - {"build", "pull_policy", "image"}
        assert {k: new[k] for k in same} == {k: old[k] for k in same}


def test_the_archive_of_compose_files_has_what_they_read(out):
    with tarfile.open(out / f"rustdesk-server-{VERSION}-compose.tar.gz") as tar:
        names = {n.partition("/")[2] for n in tar.getnames()}
    assert names == {"docker-compose.yml", "compose.host.yaml", "LICENSE",
                     "packaging/seccomp.json"}


@pytest.mark.parametrize("arch", ["amd64", "arm64"])
def test_a_bill_of_materials_names_what_is_linked_and_what_pages_are_made_of(
        out, arch):
    document = json.loads(
        (out / f"rustdesk-server_{VERSION}_{arch}.spdx.json").read_text())
    assert document["spdxVersion"] == "SPDX-2.3"
    assert document["dataLicense"] == "CC0-1.0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
                        document["creationInfo"]["created"])
    purls = {ref["referenceLocator"] for p in document["packages"]
             for ref in p.get("externalRefs", [])}
    assert f"pkg:deb/debian/libuv1@1%3A1.44.2-1?arch={arch}" in purls
    assert (f"pkg:deb/debian/libldap-2.5-0@2.5.13%2Bdfsg-5?arch={arch}"
            in purls)
    assert not [p for p in purls if "/make@" in p]
    lock = json.loads((ROOT / "services/web/package-lock.json").read_text())
    packages = lock["packages"]
    for name in packages[""]["dependencies"]:
        version = packages[f"node_modules/{name}"]["version"]
        assert f"pkg:npm/{name.replace('@', '%40')}@{version}" in purls
    ids = [p["SPDXID"] for p in document["packages"]]
    assert len(ids) == len(set(ids))
    for p in document["packages"]:
        assert re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", p["SPDXID"])
        assert p["versionInfo"] and p["downloadLocation"]
    ends = {r[end] for r in document["relationships"]
            for end in ("spdxElementId", "relatedSpdxElement")}
    assert ends == {*ids, "SPDXRef-DOCUMENT"}


def test_sums_are_of_every_file(out):
    sums = dict(reversed(line.split("  ")) for line in
                (out / "SHA256SUMS").read_text().splitlines())
    assert set(sums) == {p.name for p in out.iterdir()} - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert digest == hashlib.sha256((out / name).read_bytes()).hexdigest()


def test_without_a_package_of_the_version_it_says_so(dist, tmp_path):
    with pytest.raises(SystemExit, match="no package of " + VERSION):
        dist.main([VERSION, str(tmp_path), str(tmp_path / "out"),
                   "--without-images"])
