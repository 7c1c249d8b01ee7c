package authority_test

import (
	"testing"

	"wardlight/internal/lab/authority"
)

const notification = `{"resourceType": "Bundle", "type": "message", "entry": [
  {"resource": {"resourceType": "MessageHeader", "id": "m-1", "source": {"endpoint": "https://hub.example"},
    "destination": [{"endpoint": "https://la.example", "receiver": {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "V991"}}}]}},
  {"resource": {"resourceType": "AuditEvent", "recorded": "2026-11-22T12:00:00Z", "type": {"code": "rest"}, "agent": [{"requestor": true}], "source": {"observer": {}},
    "entity": [{"what": {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}}}]}},
  {"resource": {"resourceType": "PractitionerRole", "identifier": [{"system": "https://fhir.nhs.uk/Id/sds-role-profile-id", "value": "999000000201"}],
    "practitioner": {"identifier": {"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "999000000101"}, "display": "Ms Ada Sample"},
    "organization": {"display": "EXAMPLE GENERAL HOSPITAL"}, "code": [{"coding": [{"code": "R8001", "display": "Nurse Access Role"}]}]}}]}`

func TestReadFindsWhoLookedAtWhomAndWhere(t *testing.T) {
	got, err := authority.Read([]byte(notification))
	if err != nil {
		t.Fatal(err)
	}
	want := authority.Notice{
		MessageID: "m-1", Receiver: "V991", NHSNumber: "9990000018", When: got.When, UUID: "999000000101",
		URID: "999000000201",
		Who:  "Ms Ada Sample", JobRole: "Nurse Access Role", Organisation: "EXAMPLE GENERAL HOSPITAL",
	}
	if got != want || got.When.Unix() != 1795348800 {
		t.Errorf("Read = %+v\nwant %+v", got, want)
	}
}

func TestReadRefusesWhatIsNoNotification(t *testing.T) {
	for _, body := range []string{
		``, `{}`, `{"resourceType": "Bundle", "type": "searchset"}`,
		`{"resourceType": "Bundle", "type": "message"}`,
	} {
		if _, err := authority.Read([]byte(body)); err == nil {
			t.Errorf("Read(%s) succeeded, want error", body)
		}
	}
}
