"""What the registry was asked, for each scenario; nothing of the agent is known here."""

from apps.application import Bed, Oracle


def asked(*patterns: str) -> Oracle:
    def oracle(bed: Bed) -> bool:
        return all(bed.asked(pattern) for pattern in patterns)

    return oracle


def logged_in(status: int) -> Oracle:
    def oracle(bed: Bed) -> bool:
        answers = (line for line in bed.log.read_text().splitlines() if "/-/verdaccio/sec/login" in line)
        return any(f'"status":{status}' in line for line in answers)

    return oracle


ORACLES: dict[str, Oracle] = {
    "log_in": logged_in(200),
    "wrong_password": logged_in(401),
    "suggestion": asked(r"GET /-/verdaccio/data/search/\w*tide", r"GET /-/verdaccio/data/sidebar/tide-table"),
    "old_version": asked(r"GET /-/verdaccio/data/sidebar/tide-table\?v=1\.1\.0"),
    "dependency": asked(r"data/sidebar/buoy-client", r"data/sidebar/tide-table"),
    "download_from_list": asked(r"GET /moon-phase/-/moon-phase-0\.3\.1\.tgz"),
    "download_from_page": asked(r"GET /@harbour(/|%2f)berths/-/berths-1\.4\.2\.tgz"),
    "no_result": asked(r"data/search/submarine"),
}
