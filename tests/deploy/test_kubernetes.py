"""The manifests are what Kubernetes takes, and what the image and the settings expect."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
VERSION = "1.33"
SETTINGS = set(re.findall(r'"([A-Z][A-Z_]+)"', (ROOT / "service" / "settings.py").read_text(encoding="utf-8")))


def documents() -> list[dict[str, Any]]:
    """Every object, as `kubectl apply -k` would send it."""
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    return [each for name in listed for each in yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8"))]


def deployments() -> dict[str, dict[str, Any]]:
    """The pods by the name of their deployment."""
    return {each["metadata"]["name"]: each["spec"] for each in documents() if each["kind"] == "Deployment"}


def containers() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each pod with each of its containers."""
    for spec in deployments().values():
        pod = spec["template"]["spec"]
        for container in pod["containers"]:
            yield pod, container


@pytest.mark.parametrize("document", documents(), ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_every_object_is_valid(document: dict[str, Any]) -> None:
    """By the schemas of a Kubernetes that is supported; a field that is misspelt is an error."""
    kubernetes_validate.validate(document, VERSION, strict=True)


def test_every_file_is_listed() -> None:
    """Else it would never be applied."""
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]

    assert sorted(listed) == sorted(file.name for file in FOLDER.glob("*.yaml") if file.name != "kustomization.yaml")


def test_no_pod_may_more_than_it_needs() -> None:
    """Not root, nothing written, no privilege, no token of the cluster, seccomp on."""
    for pod, container in containers():
        security = container["securityContext"]
        assert (True, 10001) == (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"])
        assert "RuntimeDefault" == pod["securityContext"]["seccompProfile"]["type"]
        assert (True, False) == (security["readOnlyRootFilesystem"], security["allowPrivilegeEscalation"])
        assert ["ALL"] == security["capabilities"]["drop"]
        assert pod["automountServiceAccountToken"] is False
        assert "memory" in container["resources"]["limits"]


def test_pods_run_as_the_user_of_the_image() -> None:
    """A number that only one of them knows could read nothing."""
    users = set(re.findall(r"^USER (\d+):", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))

    assert users == {str(pod["securityContext"]["runAsUser"]) for pod, _ in containers()}


def test_every_variable_is_one_that_the_service_reads() -> None:
    """And none leaves the port open to everybody."""
    names = {entry["name"] for _, container in containers() for entry in container["env"]}

    assert names <= SETTINGS
    assert "ALLOW_ANONYMOUS" not in names


def test_whoever_is_selected_exists() -> None:
    """Services, budgets, autoscalers and policies find their pods by labels that these have."""
    pods = [spec["template"]["metadata"]["labels"] for spec in deployments().values()]
    selectors = []
    for each in documents():
        spec = each.get("spec", {})
        wanted = spec.get("podSelector") or spec.get("selector") or {}
        if wanted:
            selectors.append(wanted.get("matchLabels", wanted))

    assert len(selectors) >= 6
    assert [] == [wanted for wanted in selectors if not any(wanted.items() <= labels.items() for labels in pods)]


def test_a_pod_that_is_stopped_has_time_to_finish() -> None:
    """The pause before, and gunicorn's own patience, fit into what the cluster grants."""
    graceful = int(re.search(r"graceful_timeout = (\d+)", (ROOT / "service" / "gunicorn.py").read_text("utf-8"))[1])  # type: ignore[index]

    for pod, container in containers():
        pause = int(container["lifecycle"]["preStop"]["exec"]["command"][-1])
        assert pod["terminationGracePeriodSeconds"] > pause + graceful


def test_the_box_is_built_from_targets_that_the_dockerfile_has() -> None:
    """And its network for the service leads nowhere."""
    compose = yaml.safe_load((ROOT / "deploy" / "compose" / "compose.yaml").read_text(encoding="utf-8"))
    web = compose["services"]["web"]
    targets = re.findall(r"^FROM \S+ AS (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)

    assert web["build"]["target"] in targets
    assert set(web["environment"]) <= SETTINGS
    assert (["inside"], True) == (web["networks"], compose["networks"]["inside"]["internal"])
    for volume in compose["services"]["nginx"]["volumes"]:
        assert (ROOT / "deploy" / "compose" / volume.partition(":")[0]).resolve().is_file()
