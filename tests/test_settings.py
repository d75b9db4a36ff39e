"""The settings: read once, every fault at once, and no secret in anything that is printed."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.settings import Settings, SettingsError

OTHER_SECRET = "another secret of an installation of 44"
SECRET = "s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3"
KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.urlsafe_b64encode(bytes(range(1, 33))).decode()
WHOLE = {"PORTAL_SECRET_KEY": SECRET, "PORTAL_VAULT_KEYS": f"1:{KEY}"}


def read(folder: Path, **changes: str) -> Settings:
    environ = WHOLE | {f"PORTAL_{name}": value for name, value in changes.items()}
    return Settings.from_env(environ, folder)


def faults(environ: dict[str, str], folder: Path) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env(environ, folder)
    return refused.value.faults


def test_the_secrets_are_all_that_is_needed(tmp_path: Path) -> None:
    made = read(tmp_path)
    assert made.database_url == f"sqlite:///{tmp_path / 'portal.db'}"
    assert made.base_url == "http://127.0.0.1:8000"
    assert (made.mail_url, made.jobs_url, made.site_name, made.proxies) == ("file:", "embedded:", "Portal", 0)
    assert made.is_loopback
    assert not made.is_https
    assert made.vault_keys == {1: bytes(range(32))}


def test_secrets_have_no_default(tmp_path: Path) -> None:
    found = faults({}, tmp_path)
    assert [fault.split()[0] for fault in found] == ["PORTAL_SECRET_KEY", "PORTAL_VAULT_KEYS"]
    assert "PORTAL_SECRET_KEY_FILE" in found[0]


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    wrong = {
        "PORTAL_SECRET_KEY": "short",
        "PORTAL_VAULT_KEYS": "1:short",
        "PORTAL_DATABASE_URL": "mysql://here",
        "PORTAL_JOBS_URL": "amqp://here",
        "PORTAL_MAIL_URL": "pop3://here",
        "PORTAL_BASE_URL": "portal.example",
        "PORTAL_EXIT_URL": "elsewhere",
        "PORTAL_PROXIES": "many",
        "PORTAL_DEMO_PASSWORD": "short",
    }
    found = faults(wrong, tmp_path)
    assert {fault.split()[0] for fault in found} == set(wrong)
    with pytest.raises(SettingsError) as refused:
        Settings.from_env(wrong, tmp_path)
    assert all(name in str(refused.value) for name in wrong)


@pytest.mark.parametrize("secret", ["change-me", "change-me" * 8, "x" * 31, "   "])
def test_an_examples_secret_is_refused(tmp_path: Path, secret: str) -> None:
    [fault] = faults(WHOLE | {"PORTAL_SECRET_KEY": secret}, tmp_path)
    assert fault.startswith("PORTAL_SECRET_KEY ")


@pytest.mark.parametrize(
    "keys",
    [
        "change-me",
        KEY,
        "1:",
        f"one:{KEY}",
        f"1:{KEY},1:{OTHER_KEY}",
        f"1:{KEY},",
        "1:" + base64.urlsafe_b64encode(bytes(32)).decode(),
        "1:" + base64.urlsafe_b64encode(bytes(range(31))).decode(),
        "1:ää",
    ],
)
def test_a_vault_key_that_is_none_is_refused_without_being_quoted(tmp_path: Path, keys: str) -> None:
    [fault] = faults(WHOLE | {"PORTAL_VAULT_KEYS": keys}, tmp_path)
    assert fault.startswith("PORTAL_VAULT_KEYS ")
    assert keys not in fault


def test_several_vault_keys_stand_side_by_side(tmp_path: Path) -> None:
    assert read(tmp_path, VAULT_KEYS=f"1:{KEY}, 2:{OTHER_KEY}").vault_keys.keys() == {1, 2}


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n", encoding="utf-8")
    environ = {"PORTAL_SECRET_KEY_FILE": str(tmp_path / "key"), "PORTAL_VAULT_KEYS": f"1:{KEY}"}
    assert Settings.from_env(environ, tmp_path).secret_key == SECRET


def test_older_secrets_stand_behind_the_one_that_is_used(tmp_path: Path) -> None:
    both = read(tmp_path, SECRET_KEY=f"{OTHER_SECRET}, {SECRET}")
    assert both.keys_for("audit") == (
        *read(tmp_path, SECRET_KEY=OTHER_SECRET).keys_for("audit"),
        *read(tmp_path).keys_for("audit"),
    )


@pytest.mark.parametrize("secrets", [f"{SECRET},{SECRET}", f"{SECRET},", f"{SECRET},short", f"change-me,{SECRET}"])
def test_several_secrets_are_each_whole_and_another(tmp_path: Path, secrets: str) -> None:
    [fault] = faults(WHOLE | {"PORTAL_SECRET_KEY": secrets}, tmp_path)
    assert fault.startswith("PORTAL_SECRET_KEY ")
    assert SECRET not in fault


@pytest.mark.parametrize("what", ["missing", "folder", "empty", "binary"])
def test_a_file_that_holds_no_secret_is_a_fault_in_words(tmp_path: Path, what: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00secret")
    found = faults(WHOLE | {"PORTAL_SECRET_KEY_FILE": str(tmp_path / what)}, tmp_path)
    assert found
    assert all(fault.startswith("PORTAL_SECRET_KEY") for fault in found)


def test_http_is_for_this_machine_alone(tmp_path: Path) -> None:
    for near in ("http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000", "https://portal.example"):
        assert read(tmp_path, BASE_URL=near).base_url == near
    for far in (
        "http://portal.example",
        "http://10.0.0.1",
        "http://127.0.0.1.example",
        "ftp://127.0.0.1",
        "//x",
        "https:",
    ):
        [fault] = faults(WHOLE | {"PORTAL_BASE_URL": far}, tmp_path)
        assert fault.startswith("PORTAL_BASE_URL needs")


def test_only_this_machines_own_address_is_loopback(tmp_path: Path) -> None:
    assert read(tmp_path, BASE_URL="https://localhost").is_loopback
    assert not read(tmp_path, BASE_URL="https://portal.example").is_loopback
    assert not read(tmp_path, BASE_URL="https://localhost.example").is_loopback


def test_what_is_printed_shows_no_secret(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        DEMO_PASSWORD="a pass phrase of the demo",
        DATABASE_URL="postgresql+psycopg://portal:p4ssw0rd@db/portal",
        MIGRATION_URL="postgresql+psycopg://owner:p4ssw0rd@db/portal",
        KEYS_URL="postgresql+psycopg://keys:p4ssw0rd@db/keys",
        JOBS_URL="redis://:p4ssw0rd@jobs/0",
        MAIL_URL="smtps://portal:p4ssw0rd@mail.example",
    )
    for shown in (repr(made), str(made), f"{made}"):
        for secret in (SECRET, KEY, "a pass phrase of the demo", repr(bytes(range(32))), "p4ssw0rd"):
            assert secret not in shown


def test_keys_of_purposes_differ_and_stay(tmp_path: Path) -> None:
    made = read(tmp_path)
    keys = {made.keys_for(purpose)[0] for purpose in ("sessions", "form tokens", "look-up by address")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert made.keys_for("sessions") == read(tmp_path).keys_for("sessions")
    assert SECRET.encode() not in b"".join(keys)


@given(name=st.sampled_from(["SECRET_KEY", "VAULT_KEYS", "BASE_URL", "EXIT_URL", "PROXIES"]), raw=st.text(min_size=1))
def test_whatever_stands_there_is_a_setting_or_a_fault(name: str, raw: str) -> None:
    found = []
    try:
        Settings.from_env(WHOLE | {f"PORTAL_{name}": raw}, Path("instance"))
    except SettingsError as refused:
        found = [fault.split()[0] for fault in refused.faults]
    assert set(found) <= {f"PORTAL_{name}"}


def test_keys_lie_in_the_instance_folder_unless_told(tmp_path: Path) -> None:
    assert read(tmp_path).key_store_url == f"sqlite:///{tmp_path.resolve() / 'keys.db'}"
    assert read(tmp_path, KEYS_URL="sqlite:///other.db").key_store_url == f"sqlite:///{tmp_path.resolve() / 'other.db'}"
    assert read(tmp_path, KEYS_URL="sqlite:////srv/keys.db").key_store_url == "sqlite:////srv/keys.db"
    server = "postgresql+psycopg://keys:secret@127.0.0.1/keys"
    assert read(tmp_path, KEYS_URL=server).key_store_url == server


def test_keys_in_the_database_of_the_answers_are_refused(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path.resolve() / 'portal.db'}", "sqlite:///portal.db"):
        with pytest.raises(SettingsError, match="PORTAL_KEYS_URL needs a database of its own"):
            read(tmp_path, KEYS_URL=url)


@pytest.mark.parametrize("spelt", ["instance/../instance/portal.db", "link/portal.db", "./instance//portal.db"])
def test_a_file_is_the_same_however_its_path_is_spelt(tmp_path: Path, spelt: str) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "link").symlink_to("instance")
    with pytest.raises(SettingsError, match="PORTAL_KEYS_URL needs a database of its own"):
        read(tmp_path / "instance", KEYS_URL=f"sqlite:///{tmp_path}/{spelt}")


SERVER = "postgresql+psycopg://portal:secret@"
SPELT = ("127.0.0.1/portal", "localhost:5432/portal", "[::1]/portal", "/portal", "/portal?host=/run/postgresql")


@pytest.mark.parametrize("spelt", SPELT)
def test_a_server_is_the_same_however_its_host_is_spelt(tmp_path: Path, spelt: str) -> None:
    keys = f"postgresql+psycopg://keys:secret@{spelt}"
    with pytest.raises(SettingsError, match="PORTAL_KEYS_URL needs a database of its own"):
        read(tmp_path, DATABASE_URL=f"{SERVER}localhost/portal", KEYS_URL=keys)
    owners = f"postgresql+psycopg://portal_owner:secret@{spelt}"
    assert read(tmp_path, DATABASE_URL=f"{SERVER}localhost/portal", MIGRATION_URL=owners).migration_url == owners


@pytest.mark.parametrize(
    "owners",
    ["127.0.0.1/other", "127.0.0.1:5433/portal", "db.example/portal", "sqlite:////srv/portal.db"],
)
def test_the_owner_of_the_tables_opens_the_database_that_is_worked_with(tmp_path: Path, owners: str) -> None:
    url = owners if owners.startswith("sqlite") else f"postgresql+psycopg://portal_owner@{owners}"
    with pytest.raises(SettingsError, match="PORTAL_MIGRATION_URL needs the database of PORTAL_DATABASE_URL"):
        read(tmp_path, DATABASE_URL=f"{SERVER}localhost/portal", MIGRATION_URL=url)


def test_an_address_that_is_none_is_refused_without_being_quoted(tmp_path: Path) -> None:
    [fault] = faults(WHOLE | {"PORTAL_DATABASE_URL": "postgresql+psycopg://portal:s3cr3t@db:many/portal"}, tmp_path)
    assert fault == "PORTAL_DATABASE_URL is no address of a database"


def test_the_answers_do_not_lie_where_the_keys_are_unless_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PORTAL_KEYS_URL needs a database of its own"):
        read(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/keys.db")
