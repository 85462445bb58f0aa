"""The stack in containers: docker-compose on some engine, one project."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from clients import SERVER

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("redis", "hbbs", "hbbr", "api", "nginx")
HEALTHY_S = 90


class Compose:
    """MORE is the environment of compose beside the usual."""

    def __init__(self, engine, folder, services=SERVICES, **more):
        self.engine, self.folder = engine, folder
        self.services = services
        self.web = folder / "web"
        self.web.mkdir()
        folder.chmod(0o755)
        self.env = {
            **{k: v for k, v in engine.env.items() if k not in (
                "KEY", "RELAY_SERVERS", "LOG_LEVEL", "LOG_FORMAT")},
            "COMPOSE_PROJECT_NAME": f"stacktest{os.getpid()}",
            "PUBLISH": f"{SERVER}:", "WEB_CLIENT": str(self.web),
            "SERVER_NAME": SERVER,
            "TAG": "stacktest", "LOG_LEVEL": "debug", "CERT_CHECK": "1",
            **more}

    def run(self, *argv, timeout=600, check=True, cwd=ROOT, env=None):
        done = subprocess.run(
            [str(a) for a in argv], cwd=cwd, env=env or self.env,
            timeout=timeout, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert not check or done.returncode == 0, (
            f"{' '.join(map(str, argv))}: {done.returncode}\n"
            f"{done.stdout[-5000:]}")
        return done.stdout

    def compose(self, *argv, **more):
        return self.run(*self.command().split(), *argv, **more)

    @staticmethod
    def command():
        return ("docker-compose" if shutil.which("docker-compose")
                else "docker compose")

    def documented(self, page, heading, folder):
        """Runs the commands under HEADING of a page, as they stand there."""
        text = (ROOT / page).read_text().split(f"\n## {heading}\n")[1]
        text = text.split("\n## ")[0]
        commands = "".join(re.findall(r"```sh\n(.*?)```", text, re.S))
        commands = commands.replace("docker compose", self.command())
        self.run("sh", "-ec", commands, timeout=180, cwd=folder,
                 env={**self.env, "COMPOSE_FILE": ROOT / "docker-compose.yml",
                      "SECCOMP": ROOT / "packaging/seccomp.json"})

    def exec(self, service, *argv, **more):
        return self.compose("exec", "-T", service, *argv, **more)

    def container(self, service):
        return self.compose("ps", "-q", service).strip()

    def inspect(self, service):
        return json.loads(self.run("docker", "inspect",
                                   self.container(service)))[0]

    def base_images(self):
        self.run(ROOT / "tools/base-images", timeout=900)

    def build(self):
        self.compose("build", timeout=1800)

    def up(self, *options):
        self.compose("up", "-d", "--no-build", *options, timeout=300)
        self.await_healthy()

    def health(self, service):
        state = self.inspect(service)["State"]
        return state.get("Health", {}).get("Status", state["Status"])

    def await_healthy(self, *services):
        """Every container's own health check says so."""
        waiting = list(services or self.services)
        end = time.monotonic() + HEALTHY_S
        while waiting:
            waiting = [s for s in waiting if self.health(s) != "healthy"]
            assert time.monotonic() < end, (
                f"not healthy after {HEALTHY_S} s: {waiting}\n"
                + self.logs(*waiting))
            time.sleep(0.2)

    def logs(self, *services):
        return self.compose("logs", "--no-color", "--tail=200", *services,
                            check=False)

    def copy_out(self, service, path, to):
        """A file that only the service itself may read."""
        Path(to).write_text(self.exec(service, "cat", path))
        return to

    def down(self):
        with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
            self.compose("down", "--volumes", "--timeout", "20")
