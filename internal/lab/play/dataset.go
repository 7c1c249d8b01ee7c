package play

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/pelletier/go-toml/v2"

	"wardlight/hub/cpis"
	"wardlight/hub/limit"
	"wardlight/hub/store"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/people"
)

// The files of a world, in the formats of wardlight-hub. Each may be missing.
const (
	peopleFile      = "people.ndjson"    // Patient, RelatedPerson, Practitioner and PractitionerRole lines
	plansFile       = "plans.ndjson"     // CareTeam lines
	authoritiesFile = "authorities.toml" // local authorities, replacing the demo's
	hubFile         = "hub.toml"         // the hub's settings
)

var datasetFiles = []string{peopleFile, plansFile, authoritiesFile, hubFile}

// ReadDataset reads the world in a folder. It runs hubProgram, the path of wardlight-hub, to validate the hub's
// settings. People and plans are validated only when the world is opened. Errors name the file and, if known, the
// line.
func ReadDataset(ctx context.Context, folder, hubProgram string) (*demo.InitialData, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}

	there := make(map[string]string)
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		switch filepath.Ext(e.Name()) {
		case ".ndjson", ".toml":
			if !slices.Contains(datasetFiles, e.Name()) {
				return nil, fmt.Errorf("%s: unknown file; a world has %s", path, strings.Join(datasetFiles, ", "))
			}
			there[e.Name()] = path
		}
	}

	if len(there) == 0 {
		return nil, fmt.Errorf("%s: this folder is not a world; expected at least one of %s", folder,
			strings.Join(datasetFiles, ", "))
	}

	w := &demo.InitialData{Authorities: people.Authorities()}
	for _, name := range []string{peopleFile, plansFile} {
		if path := there[name]; path != "" {
			w.Files = append(w.Files, path)
		}
	}

	if path := there[authoritiesFile]; path != "" {
		if w.Authorities, err = readAuthorities(path); err != nil {
			return nil, err
		}
	}

	if path := there[hubFile]; path != "" {
		w.Settings, err = readSettings(ctx, hubProgram, path)
	}

	return w, err
}

// authority is a table in authorities.toml.
type authority struct {
	Name        string `toml:"name"`
	OfficePhone string `toml:"office_phone"`
	DutyPhone   string `toml:"duty_phone"`
}

// readAuthorities reads a file with a table for each authority. The table's name is the authority's code.
func readAuthorities(path string) ([]people.Authority, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}

	tables := make(map[string]authority)
	d := toml.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&tables); err != nil {
		return nil, tomlError(path, err)
	}

	var all []people.Authority
	for code, a := range tables {
		wrong := func(format string, args ...any) error {
			return fmt.Errorf("%s: [%s]: %s", path, code, fmt.Sprintf(format, args...))
		}
		switch {
		case !store.IsAuthorityCode(code):
			return nil, wrong("this is not an authority's code: up to 20 letters, digits and hyphens, such as V991")
		case a.Name == "" || strings.ContainsFunc(a.Name, func(r rune) bool { return !unicode.IsPrint(r) }):
			return nil, wrong(`name is missing or does not print; expected such as name = "EXAMPLESHIRE COUNCIL"`)
		case a.OfficePhone != "" && !store.IsPhone(a.OfficePhone):
			return nil, wrong(`found office_phone = %q, expected a phone number, such as "01632 960101"`, a.OfficePhone)
		case a.DutyPhone != "" && !store.IsPhone(a.DutyPhone):
			return nil, wrong(`found duty_phone = %q, expected a phone number, such as "01632 960102"`, a.DutyPhone)
		}
		all = append(all, people.Authority{ID: code, Name: a.Name, Office: a.OfficePhone, Emergency: a.DutyPhone})
	}

	if len(all) == 0 {
		return nil, fmt.Errorf("%s: there is no authority in it; expected a table for each, such as [V991]", path)
	}

	slices.SortFunc(all, func(a, b people.Authority) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// tomlError returns an error with the file and line of err.
func tomlError(path string, err error) error {
	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		e := unknown.Errors[0]
		line, _ := e.Position()
		return fmt.Errorf("%s:%d: there is no %s; an authority has name, office_phone and duty_phone", path, line,
			strings.Join(e.Key(), "."))
	case errors.As(err, &wrong):
		line, _ := wrong.Position()
		return fmt.Errorf("%s:%d: %w; expected a table for each authority, such as [V991]", path, line, wrong)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// settingsTimeout is the timeout for wardlight-hub to validate its settings.
const settingsTimeout = time.Minute

// readSettings runs the hub's program to read and validate the whole file, and returns the settings that a world may
// have. It ignores addresses, folders, keys, the store, the accepted cards and the authorities' addresses, which the
// world determines itself.
func readSettings(ctx context.Context, hubProgram, path string) (demo.Settings, error) {
	ctx, cancel := context.WithTimeout(ctx, settingsTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, hubProgram, "config", "--json", "--config", path)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")} // without settings from this computer's environment
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return demo.Settings{}, errors.New(strings.ReplaceAll(strings.TrimSpace(said.String()), "wardlight-hub: ", ""))
	case err != nil:
		return demo.Settings{}, fmt.Errorf("%s: wardlight-hub could not check it: %w", path, err)
	}

	var all []struct{ Key, Value string }
	if err := json.Unmarshal(out, &all); err != nil {
		return demo.Settings{}, fmt.Errorf("%s: the answer of wardlight-hub cannot be parsed: %w", path, err)
	}

	s := settings{path: path, values: make(map[string]string)}
	for _, set := range all {
		s.values[set.Key] = set.Value
	}

	limits := limit.Standard()
	limits.TokenSource = limit.PerMinute(s.number("limits.token_source"))
	limits.TokenPerson = limit.PerMinute(s.number("limits.token_person"))
	limits.SearchSource = limit.PerMinute(s.number("limits.search_source"))
	limits.SearchPerson = limit.PerMinute(s.number("limits.search_person"))
	limits.RequestPerson = limit.PerMinute(s.number("limits.request_person"))
	limits.RequestCredential = limit.PerMinute(s.number("limits.request_credential"))
	return demo.Settings{
		SessionIdle: s.span("session.idle"), SessionMax: s.span("session.max"), Limits: &limits,
		Window: cpis.Window{
			AfterEnd: s.number("visibility.after_end"), AfterDue: s.number("visibility.after_due"),
			NotifyAfterEnd: s.number("notify.after_end"),
		},
	}, s.err
}

// settings are values that wardlight-hub has validated.
type settings struct {
	path   string
	values map[string]string
	err    error // error of the first value that can't be parsed
}

func (s *settings) number(key string) int {
	n, err := strconv.Atoi(s.values[key])
	s.note(key, err)
	return n
}

func (s *settings) span(key string) time.Duration {
	d, err := time.ParseDuration(s.values[key])
	s.note(key, err)
	return d
}

func (s *settings) note(key string, err error) {
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("%s: %s of this wardlight-hub cannot be parsed: use programs of one version", s.path, key)
	}
}
