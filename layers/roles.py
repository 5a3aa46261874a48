"""Who uses the platform. A role is a database role: what it may read and write is granted there.

Three kinds of administrators keep each other in check (三员分立): one runs the system, one grants
rights, one reads the log of who did what.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The database role of each kind of user."""

    ANONYMOUS = "gridwhistle_anonymous"
    GRID_MEMBER = "gridwhistle_grid_member"
    OFFICER = "gridwhistle_officer"
    DISPATCHER = "gridwhistle_dispatcher"
    GIS_EDITOR = "gridwhistle_gis_editor"
    PLANNER = "gridwhistle_planner"
    ADMINISTRATOR = "gridwhistle_administrator"
    SECURITY_OFFICER = "gridwhistle_security_officer"
    AUDITOR = "gridwhistle_auditor"
    SYSTEM = "gridwhistle_system"

    @property
    def short_name(self) -> str:
        """The name without the installation's prefix: that of the role's schema, and in texts."""
        return self.value.removeprefix("gridwhistle_")


ROLE_NAMES: dict[Role, tuple[str, str]] = {
    Role.ANONYMOUS: ("访客", "anonymous"),
    Role.GRID_MEMBER: ("网格员", "grid member"),
    Role.OFFICER: ("部门人员", "officer"),
    Role.DISPATCHER: ("调度员", "dispatcher"),
    Role.GIS_EDITOR: ("地理信息编辑", "GIS editor"),
    Role.PLANNER: ("规划研判", "planner"),
    Role.ADMINISTRATOR: ("系统管理员", "administrator"),
    Role.SECURITY_OFFICER: ("安全管理员", "security officer"),
    Role.AUDITOR: ("审计员", "auditor"),
    Role.SYSTEM: ("其他系统", "other system"),
}
