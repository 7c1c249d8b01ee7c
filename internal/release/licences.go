package main

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// maintainer is the maintainer named in packages.
const maintainer = "The Wardlight founders <maintainers@wardlight.example>"

// licenceText returns the licences of all modules of a program.
func licenceText(name string, modules []module) []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s is made of the following modules beside its own source. Each is distributed under its "+
		"own licence.\n", name)
	for _, m := range modules {
		fmt.Fprintf(&text, "\n%s\n%s %s (%s)\n", strings.Repeat("=", 100), m.path, m.version, m.licence())
		for _, n := range m.notices {
			fmt.Fprintf(&text, "\n--- %s\n\n%s\n", n.file, strings.TrimRight(n.text, "\n \t"))
		}
	}
	return text.Bytes()
}

// knownLicences has the licences of modules whose licence files also name code that is used in their tests only.
var knownLicences = map[string]string{
	"modernc.org/libc":   "BSD-3-Clause AND MIT",              // MIT: musl
	"modernc.org/sqlite": "BSD-3-Clause AND MIT AND blessing", // blessing: SQLite; MIT: sqlite-vec
}

// licence returns the SPDX expression of the module's licences, joined with AND. Licences are recognised by phrases
// that no other licence contains. It returns "NOASSERTION" if none is recognised.
func (m module) licence() string {
	if id := knownLicences[m.path]; id != "" {
		return id
	}
	var ids []string
	for _, n := range m.notices {
		if !n.isLicence() {
			continue
		}
		for _, id := range identify(n.text) {
			if !strings.Contains(" "+strings.Join(ids, " ")+" ", " "+id+" ") {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return "NOASSERTION"
	}
	return strings.Join(ids, " AND ")
}

// identify returns the SPDX identifiers of the licences in a text.
func identify(text string) (ids []string) {
	text = strings.Join(strings.Fields(text), " ")
	has := func(words string) bool { return strings.Contains(text, words) }
	if has("Apache License") && has("Version 2.0") {
		ids = append(ids, "Apache-2.0")
	}

	if has("Permission is hereby granted, free of charge, to any person obtaining a copy") {
		ids = append(ids, "MIT")
	}

	if has("Redistribution and use in source and binary forms") {
		if has("Neither the name of") || has("may not be used to endorse or promote") ||
			has("may be used to endorse or promote") {
			ids = append(ids, "BSD-3-Clause")
		} else {
			ids = append(ids, "BSD-2-Clause")
		}
	}

	if has("Permission to use, copy, modify, and") && has("distribute this software for any purpose with or "+
		"without fee is hereby granted") {
		ids = append(ids, "ISC")
	}

	if has("Mozilla Public License") && has("2.0") {
		ids = append(ids, "MPL-2.0")
	}

	if has("released into the public domain") || has("dedicate any and all copyright interest in the software to "+
		"the public domain") {
		ids = append(ids, "Unlicense")
	}

	return ids
}

// copyrightFile returns the copyright file of a Debian package, in machine-readable form (debian-policy 12.5).
func copyrightFile(own []byte, name string) []byte {
	var text bytes.Buffer
	fmt.Fprint(&text, "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: "+
		"Wardlight\n",
		"Comment: The modules that are linked into the program have licences of their own:\n /usr/share/doc/", name,
		"/third-party-licences.txt\n\n",
		"Files: *\nCopyright: 2026 The Wardlight founders\nLicense: Expat\n")
	_, body, _ := strings.Cut(string(own), "Permission")
	for line := range strings.Lines("Permission" + body) {
		if line = strings.TrimSpace(line); line == "" {
			line = "."
		}
		fmt.Fprintln(&text, " "+line)
	}
	return text.Bytes()
}

// changelogFile returns the Debian changelog of a package, which refers to the changelog for users.
func changelogFile(name, version string, date time.Time) []byte {
	return fmt.Appendf(nil, "%s (%s) unstable; urgency=medium\n\n  * What changes for users is in "+
		"/usr/share/doc/%s/CHANGELOG.md.\n\n -- %s  %s\n",
		name, debianVersion(version), name, maintainer, date.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700"))
}

// debianVersion converts a semantic version: in Debian a tilde precedes a pre-release.
func debianVersion(version string) string {
	release, before, is := strings.Cut(version, "-")
	if !is {
		return release
	}
	return release + "~" + before
}
