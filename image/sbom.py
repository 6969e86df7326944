"""The contents of the image as CycloneDX JSON, for scanners and people."""

import platform
from collections.abc import Iterable
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import canonicalize_name

from .contents import Package, SystemPackage

APPLICATION = "dataworks-deploy"


def describe(packages: Iterable[Package], system: Iterable[SystemPackage], moment: datetime) -> str:
    """Return the SBOM. Equal contents give the same text. `moment` is when the image was made."""
    pypi = {each.name: _component(each) for each in packages}
    others = [_python(), *(_system_component(each) for each in system)]
    bom = Bom(components=[*(pypi[name] for name in pypi if name != APPLICATION), *others])
    bom.metadata.component = pypi[APPLICATION]
    bom.metadata.timestamp = moment
    bom.serial_number = uuid5(
        NAMESPACE_URL, " ".join(sorted(str(each.purl) for each in [*pypi.values(), *others]))
    )
    for package in packages:
        names = (canonicalize_name(each.name) for each in package.requires)
        needed = [pypi[name] for name in names if name in pypi]
        bom.register_dependency(pypi[package.name], needed + (others if package.name == APPLICATION else []))
    return f"{JsonV1Dot6(bom).output_as_string(indent=1)}\n"


def _component(package: Package) -> Component:
    url = PackageURL("pypi", name=package.name, version=package.version)
    kind = ComponentType.APPLICATION if package.name == APPLICATION else ComponentType.LIBRARY
    licence = LicenseFactory().make_from_string(package.licence)
    return Component(
        name=package.name, version=package.version, type=kind, licenses=[licence], purl=url, bom_ref=str(url)
    )


def _system_component(package: SystemPackage) -> Component:
    with_system = platform.freedesktop_os_release()
    qualifiers = {
        "arch": package.architecture,
        "distro": f"{with_system['ID']}-{with_system.get('VERSION_ID', 'unstable')}",
    }
    url = PackageURL("deb", with_system["ID"], package.name, package.version, qualifiers)
    return Component(name=package.name, version=package.version, purl=url, bom_ref=str(url))


def _python() -> Component:
    url = PackageURL("generic", name="python", version=platform.python_version())
    licence = LicenseFactory().make_from_string("PSF-2.0")
    return Component(
        name="python", version=platform.python_version(), licenses=[licence], purl=url, bom_ref=str(url)
    )
