package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// documents are the documents in a package. Folders are included with all their files.
var documents = []string{"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "docs"}

// link matches a link or an image in Markdown: its text, and the file that it refers to.
var link = regexp.MustCompile(`!?\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)`)

// copyDocuments copies the documents to a folder. A link to a file that is not copied is replaced by its text, because
// the package does not contain the source.
func copyDocuments(from, to string) error {
	files := make(map[string][]byte)
	for _, name := range documents {
		err := filepath.WalkDir(filepath.Join(from, name), func(file string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			below, err := filepath.Rel(from, file)
			files[filepath.ToSlash(below)] = text
			return err
		})
		if err != nil {
			return err
		}
	}

	for name, text := range files {
		if strings.HasSuffix(name, ".md") {
			text = link.ReplaceAllFunc(text, func(found []byte) []byte {
				parts := link.FindSubmatch(found)
				if resolves(name, string(parts[2]), files) {
					return found
				}
				return parts[1]
			})
		}
		if err := write(filepath.Join(to, filepath.FromSlash(name)), text); err != nil {
			return err
		}
	}

	return nil
}

// resolves reports whether a link in a document has a target: a URL, another document, or a folder of documents.
func resolves(document, target string, files map[string][]byte) bool {
	if strings.Contains(target, ":") {
		return true
	}
	name := path.Join(path.Dir(document), target)
	if files[name] != nil {
		return true
	}
	for file := range files {
		if strings.HasPrefix(file, name+"/") {
			return true
		}
	}
	return false
}
