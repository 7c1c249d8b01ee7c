package tui

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"

	"wardlight/internal/cups"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/internal/worklist"
	"wardlight/tui/draw"
	worklists "wardlight/tui/worklist"
)

// printing is the output of the print service, as read by package cups.
type printing struct {
	queues  []cups.Queue
	job     string
	refused error
}

// sayPrinting returns what package cups reads from stand-ins for the CUPS programs. The real programs can't be made to
// print most of these texts.
func sayPrinting(t testing.TB, s hostileTexts) printing {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"queues": fmt.Sprintf("scheduler is running\nsystem default destination: office\n%s\noffice\nprinter "+
			"%[1]s is idle.\nprinter office is idle.\n", s.Queue),
		"job":     "request id is " + s.Job + " (1 file(s))\n",
		"refusal": "lp: Error - " + s.Refusal + "\n",
		"lpstat":  "#!/bin/sh\nexec cat " + dir + "/queues\n",
		"lp":      "#!/bin/sh\ncat >/dev/null\nexec cat " + dir + "/job\n",
		"lp-not":  "#!/bin/sh\ncat >/dev/null\ncat " + dir + "/refusal >&2\nexit 1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}

	from := func(lp string) *cups.Printer {
		return cups.New(cups.Config{Environ: os.Environ(), Find: func(program string) (string, error) {
			return filepath.Join(dir, map[string]string{"lp": lp, "lpstat": "lpstat"}[program]), nil
		}})
	}

	var p printing
	var err error
	if p.queues, err = from("lp").Queues(t.Context()); err != nil {
		t.Fatal(err)
	}

	if p.job, err = from("lp").Print(t.Context(), "office", []byte("page")); err != nil {
		t.Fatal(err)
	}

	if _, p.refused = from("lp-not").Print(t.Context(), "office", []byte("page")); cups.KindOf(
		p.refused,
	) != cups.Refused {
		t.Fatalf("Print with a queue that refuses = %v, want cups.Refused", p.refused)
	}

	return p
}

// flagging is the answers of the record system, as read by package recordsystem.
type flagging struct {
	refused, ended recordsystem.Result
	waiting        recordsystem.PendingFlags
}

// sayFlagging returns the answers of a record system that refuses one flag with an OperationOutcome, and reports that
// a second one exists and has ended.
func sayFlagging(t testing.TB, s hostileTexts) flagging {
	t.Helper()
	reply := func(w http.ResponseWriter, status int, resource any) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(resource) // fails only if the caller has closed the connection
	}

	refuses := true
	records := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", fhir.MediaType)
		if refuses {
			reply(w, http.StatusUnprocessableEntity, fhir.NewOutcome("error", "processing", s.Outcome, s.Outcome,
				s.Outcome))
			return
		}
		_, identifier, _ := strings.Cut(r.Header.Get("If-None-Exist"), "|")
		w.Header().Set("Location", "/Flag/"+s.FlagID)
		reply(w, http.StatusOK, fhir.Flag{
			ResourceType: "Flag", ID: s.FlagID, Status: "not " + s.FlagID,
			Identifier: []fhir.Identifier{{System: fhir.SystemURI, Value: identifier}},
		})
	}))
	defer records.Close()
	system, err := recordsystem.NewSystem(recordsystem.Config{
		BaseURL: records.URL, NewID: uuid.NewString, Token: func(context.Context) ([]byte, error) {
			return []byte("token"), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}

	flags := recordsystem.NewFlags(system, "Example records", nil, start, uuid.NewString)
	var f flagging
	f.refused = flags.Set(t.Context(), recordsystem.Flag{
		Number: tess, AsOf: start(),
		Author: recordsystem.Author{Name: s.Outcome},
	})

	f.waiting = flags.Pending(t.Context())
	refuses = false
	f.ended = flags.Set(t.Context(), recordsystem.Flag{Number: sam, AsOf: start()})
	if recordsystem.KindOf(f.refused.Err) != recordsystem.Refused || len(f.waiting.Flags) != 1 || f.ended.Err == nil {
		t.Fatalf("record system: %+v, want a refused, a pending and an ended flag", f)
	}

	return f
}

// listing is the content of a worklist file, as read by package worklist.
type listing struct {
	path     string // as the user pastes it
	patients []worklist.Patient
	refused  error // the error of a file that has two columns for the NHS number
}

func sayList(t testing.TB, s hostileTexts) listing {
	t.Helper()
	today := nhs.DateOf(start())
	row := func(cells ...string) string {
		for i, c := range cells {
			cells[i] = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
		return strings.Join(cells, ";") + "\n"
	}

	l := listing{path: s.Path}
	var err error
	l.patients, err = worklist.Parse([]byte(row("NHS Number", "Name", "Surname", "Forename", "DOB")+
		row(sam.Digits(), "", s.RowFamily, s.RowGiven, s.RowBorn)+row(tess.Digits(), s.RowName, "", "", s.RowBorn)+
		row(unknownNumber.Digits(), s.RowName, "", "", "")+
		row("0"+s.RowNumber, s.RowName, "", "", s.RowBorn)), today)
	if err != nil {
		t.Fatal(err)
	}

	signs := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return -1
		}
		return r
	}, s.Heading)

	if _, err := worklist.Parse([]byte(row("NHS Number", signs+"NHS No")+row(tess.Digits(), sam.Digits())),
		today); err != nil {
		l.refused = err
	}

	return l
}

// Typed returns the path as the field stores it.
func (l listing) Typed() string {
	f := draw.NewField(worklists.MaxPathLength)
	f.Insert(l.path)
	return string(f.Value)
}

// edgeStates returns the screens that show texts of printers, the record system and worklist files.
func edgeStates(a answers) []state {
	return append(printStates(), []state{
		{"print-refused", func(b *modelTest) {
			b.printout.printErr = a.printing.refused
			b.toPreview().Press("enter").deliver()
		}},
		{"flag-refused", func(b *modelTest) {
			b.flags().answer = a.flagging.refused
			b.toPatient(tess).wait(time.Second).Press("f").deliver()
		}},
		{"flag-ended", func(b *modelTest) {
			b.flags().answer = a.flagging.ended
			b.toPatient(tess).wait(time.Second).Press("f").deliver()
		}},
		{"flags-list-refused", func(b *modelTest) { b.toFlags(a.flagging.waiting, a.flagging.waiting) }},
		{"worklist-path", func(b *modelTest) { b.toWorklist().deliver().send(tea.PasteMsg{Content: a.listing.path}) }},
		{"worklist-headings", func(b *modelTest) {
			b.savedLists.readErr = a.listing.refused
			b.toWorklist().deliver().Typed("x").Press("enter").deliver()
		}},
		{"worklist-kept-taken", func(b *modelTest) {
			b.savedList("555000000111")
			b.toWorklist().deliver().Press("enter").deliver()
		}},
		{"worklist-names", func(b *modelTest) { b.toList().deliver() }},
		{"worklist-not-a-number", func(b *modelTest) { b.toList().deliver().Press("s", "end") }},
	}...)
}
