package main

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// The types of a bill of materials in CycloneDX 1.5 (the predecessor of ECMA-424).
type (
	bill struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Ref      string    `json:"bom-ref"`
		Type     string    `json:"type"`
		Name     string    `json:"name"`
		Version  string    `json:"version"`
		Scope    string    `json:"scope,omitempty"`
		Hashes   []hash    `json:"hashes,omitempty"`
		Licences []licence `json:"licenses"`
		URL      string    `json:"purl"`
	}
	hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	licence struct {
		Expression string `json:"expression"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn,omitempty"`
	}
)

// billOfMaterials returns the bill of materials of a program in CycloneDX. It has no serial number and uses the date
// of the commit, so that the output is reproducible. It returns an error if a licence or a hash is missing.
func billOfMaterials(name, version string, date time.Time, modules []module) ([]byte, error) {
	program := component{
		Ref: "pkg:generic/" + name + "@" + version, Type: "application", Name: name, Version: version,
		Licences: []licence{{"MIT"}}, URL: "pkg:generic/" + name + "@" + version,
	}

	b := bill{
		Schema: "http://cyclonedx.org/schema/bom-1.5.schema.json", Format: "CycloneDX", Spec: "1.5", Version: 1,
		Metadata: metadata{date.UTC().Format(time.RFC3339), program},
	}

	linked := dependency{Ref: program.Ref}
	for _, m := range modules {
		id := m.licence()
		if id == "NOASSERTION" {
			return nil, fmt.Errorf("the licence of %s %s is not known", m.path, m.version)
		}

		url := "pkg:golang/" + m.path + "@" + m.version
		c := component{
			Ref: url, Type: "library", Name: m.path, Version: m.version, Scope: "required",
			Licences: []licence{{id}}, URL: url,
		}

		if m.sum != "" {
			c.Hashes = []hash{{"SHA-256", m.sum}}
		}

		b.Components = append(b.Components, c)
		b.Dependencies = append(b.Dependencies, dependency{Ref: url})
		linked.DependsOn = append(linked.DependsOn, url)
	}

	b.Dependencies = append([]dependency{linked}, b.Dependencies...)
	text, err := json.MarshalIndent(b, "", "  ")
	return append(text, '\n'), err
}

// readSums returns the hashes in go.sum, in hex, by module path and version separated by a space.
func readSums(name string) (map[string]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	sums := make(map[string]string)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 || strings.HasSuffix(fields[1], "/go.mod") {
			continue
		}
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(fields[2], "h1:"))
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", name, fields[0], err)
		}
		sums[fields[0]+" "+fields[1]] = hex.EncodeToString(sum)
	}
	return sums, nil
}
