package main

import (
	"encoding/pem"
	"errors"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"wardlight/client"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/nhs"
)

// spineProcess returns a hub process whose alerts come from an MHS adaptor with TLS.
func spineProcess(t *testing.T, answer func(nationaltest.MHSQuery) nationaltest.MHSReply,
	more string,
) (*hubProcess, *nationaltest.MHS) {
	t.Helper()
	mhs := nationaltest.NewMHS(answer)
	server := httptest.NewTLSServer(mhs)
	t.Cleanup(server.Close)
	w, f := newHubProcess(t), newFiles(t)
	ca, settings := filepath.Join(f.folder, "mhs.pem"), filepath.Join(f.folder, "config.toml")
	f.write(t, ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	f.write(t, settings, fmt.Sprintf("[alerts]\nsource = \"spine\"\n[spine]\nmhs_url = %q\nca_file = %q\n"+
		"from_asid = \"200000000205\"\nto_asid = \"928942012545\"\n%s", server.URL, ca, more))
	w.args = append(w.args, "--config", settings)
	return w, mhs
}

func TestServe_Spine(t *testing.T) {
	var silent atomic.Bool
	w, mhs := spineProcess(t, func(q nationaltest.MHSQuery) nationaltest.MHSReply {
		if silent.Load() {
			return nationaltest.MHSReply{Wait: make(chan struct{})}
		}
		return nationaltest.MHSReply{Body: q.Records([]nationaltest.CPISRecord{{
			Kind: "CPP", Start: "202602030000", Code: "V999", Name: "EXAMPLESHIRE COUNCIL", Duty: "01632960102",
		}}, nationaltest.CPISView{
			ID: "5F0C0E64-6F1D-4A3A-9B0E-0A2F6F0B7F11", At: "20261120221400", Given: "Bea", Family: "Specimen",
			JobCode: "R8000", JobName: "Midwife", OrgCode: "X98", Organisation: "OTHER HOSPITAL",
		})}
	}, "timeout = \"1s\"\n")
	p := w.start(t)
	nurse := w.signIn(t)

	lamp := nurse.Lamp(t.Context(), openedChild)
	if lamp.State != client.NotChecked || !lamp.OpeningAsks() || len(mhs.Queries()) != 0 {
		t.Fatalf("lamp: got %+v and %d queries, want not checked without a query", lamp, len(mhs.Queries()))
	}

	opened, err := nurse.Open(t.Context(), openedChild, "")
	if err != nil || len(opened.Plans) != 1 || opened.Plans[0].EmergencyPhone != "01632960102" || !opened.Notifies ||
		len(opened.Accesses) != 2 || opened.Accesses[0].Who != "Ada Sample" ||
		opened.Accesses[1].JobRole != "Midwife" || opened.ListErr != nil {
		t.Errorf("opening: got %+v, %v; want the plan and two accesses", opened, err)
	}

	again, err := nurse.Open(t.Context(), openedChild, opened.RequestID)
	if err != nil || len(again.Plans) != 1 || len(again.Accesses) != 2 || len(mhs.Queries()) != 1 {
		t.Errorf("the same opening again: got %+v, %v and %d queries, want one query", again, err, len(mhs.Queries()))
	}

	silent.Store(true)
	_, err = nurse.Open(t.Context(), openedChild, "")
	var failed *client.Error
	if !errors.As(err, &failed) || failed.Kind != client.NationalTimedOut || !failed.MayBeTold ||
		!failed.OutcomeUnknown || !strings.HasPrefix(failed.Advice(), "The local authority may have been told.") {
		t.Fatalf("time-out: got %v, want one that says that the authority may have been told", err)
	}

	silent.Store(false)
	if _, err := nurse.Open(t.Context(), openedChild, failed.RequestID); err != nil {
		t.Errorf("after the time-out: got %v", err)
	}
	asked := mhs.Queries()
	if len(asked) != 3 || asked[1].MessageID != asked[2].MessageID || asked[0].MessageID == asked[1].MessageID {
		t.Errorf("got queries %+v, want the same message after the time-out", asked)
	}

	p.Stop()
	s := w.ledger(t)
	defer s.Close()
	accesses, err := s.Accesses(t.Context(), []nhs.Number{openedChild}, 100)
	if err != nil || len(accesses) != 0 {
		t.Errorf("got %d accesses of the hub, %v; want none", len(accesses), err)
	}
	if log := w.log.String(); strings.Contains(log, openedChild.Digits()) {
		t.Errorf("the log has the patient: %s", log)
	}
}

func TestServe_SpineSettings(t *testing.T) {
	for name, c := range map[string]struct{ settings, want string }{
		"no adaptor":     {"[alerts]\nsource = \"spine\"\n", "spine.mhs_url"},
		"no ASID":        {"[alerts]\nsource = \"spine\"\n[spine]\nmhs_url = \"https://mhs\"\n", "spine.from_asid"},
		"not used":       {"[spine]\nmhs_url = \"https://mhs\"\n", "alerts.source"},
		"no address":     {spineSettingsText("mhs:80", "200000000205"), "spine.mhs_url"},
		"without TLS":    {spineSettingsText("http://mhs", "200000000205"), "spine.mhs_url"},
		"a short ASID":   {spineSettingsText("https://mhs", "20000000020"), "spine.from_asid"},
		"a long timeout": {spineSettingsText("https://mhs", "200000000205") + "timeout = \"20s\"\n", "spine.timeout"},
	} {
		f := newFiles(t)
		settings := filepath.Join(f.folder, "config.toml")
		f.write(t, settings, c.settings)
		_, _, err := runCommand(t, "serve", "--config", settings, "--data", f.folder, "--ca", f.ca+"=uuid")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one about %s", name, err, c.want)
		}
	}
}

func spineSettingsText(url, asid string) string {
	return fmt.Sprintf("[alerts]\nsource = \"spine\"\n[spine]\nmhs_url = %q\nfrom_asid = %q\nto_asid = "+
		"\"928942012545\"\n", url, asid)
}
