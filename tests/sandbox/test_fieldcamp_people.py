"""Team, clients and company of the sandbox's FieldCamp."""

from __future__ import annotations

from tests.sandbox.conftest import Server


async def test_the_team_has_exactly_the_documented_fields(server: Server) -> None:
    for path in ("/api/v1/team", "/api/team"):
        team = (await server.get(path))["team"]
        assert [f"{one['firstName']} {one['lastName']}" for one in team] == [
            person.name for person in server.world.technicians.values()
        ]
        for one in team:
            assert set(one) == {"id", "firstName", "lastName", "email", "role", "isActive"}
            assert (one["role"], one["isActive"]) == ("Technician", True)
            assert one["email"].isascii()


async def test_the_company_is_there_to_check_the_line(server: Server) -> None:
    assert (await server.get("/api/company-info"))["company"]["name"] == "Northgate Heating"


async def test_clients_have_their_fields_and_filters(server: Server) -> None:
    clients = (await server.get("/api/v1/clients"))["clients"]
    assert len(clients) == len(server.world.clients)
    for client in clients:
        assert set(client) == {
            "id", "name", "email", "phoneNumber", "billingAddress", "propertyAddress", "latitude",
            "longitude", "createdAt", "updatedAt",
        }  # fmt: skip
    found = (await server.get("/api/v1/clients", search="ÅRUD"))["clients"]
    assert "Ingrid Årud" in {client["name"] for client in found}
    assert len(found) < len(clients)
    assert (await server.get("/api/v1/clients", since="2026-06-04T09:00:00Z"))["clients"] == []
    assert len((await server.get("/api/clients", search="ÅRUD"))["clients"]) == len(clients)


async def test_a_client_can_be_made_changed_and_softly_deleted(server: Server) -> None:
    data = await server.post(
        "/api/v1/clients",
        name="Zoë Quartey",
        email="zoe@example.com",
        phoneNumber={"countryCode": "+44", "number": "7700900999", "countryIdentifier": "gb"},
    )
    path = f"/api/v1/clients/{data['clientId']}"
    assert data["client"]["phoneNumber"]["number"] == "7700900999"
    now = server.pass_time(1)
    changed = (await server.put(path, email="z@example.com"))["client"]
    assert (changed["name"], changed["email"]) == ("Zoë Quartey", "z@example.com")
    assert changed["updatedAt"] == now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert (await server.get("/api/v1/clients", since="2026-06-04T09:42:00.500Z"))["clients"] == [changed]
    answer = await server.http.delete(path)
    assert (answer.status_code, answer.content) == (200, b"")
    listed = (await server.get("/api/v1/clients"))["clients"]
    assert data["clientId"] not in {client["id"] for client in listed}
    assert (await server.get(path))["client"]["name"] == "Zoë Quartey"
    for method in ("PUT", "DELETE"):
        answer = await server.http.request(method, path, json={})
        assert (answer.status_code, answer.content) == (404, b"")


async def test_a_client_needs_a_name_and_a_known_id(server: Server) -> None:
    answer = await server.http.post("/api/v1/clients", json={"email": "x@example.com"})
    assert (answer.status_code, answer.json()["error"]) == (400, "name is required")
    assert (await server.http.get("/api/v1/clients/cli_none")).status_code == 404
    known = next(iter(server.world.clients))
    answer = await server.http.put(f"/api/v1/clients/{known}", json={"phoneNumber": "0117"})
    assert answer.json()["error"] == "phoneNumber must be an object"
