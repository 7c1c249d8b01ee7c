package sealed_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"wardlight/internal/sealed"
	"wardlight/internal/secretstore/secretstoretest"
)

// Several programs change one file in turn, and what is in it can be read with the key in the keyring alone.
func ExampleFile_Change() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "sealed-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	keyring, _ := secretstoretest.Keyring() // in memory; keep.OS has the keyring of the operating system

	file := sealed.Open(keyring, folder, "list")
	for _, name := range []string{"first", "second"} {
		err := file.Change(ctx, func(before []byte) ([]byte, error) { return append(before, name+"\n"...), nil })
		if err != nil {
			log.Fatal(err)
		}
	}

	content, err := file.Load(ctx)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Print(string(content))

	onDisk, err := os.ReadFile(filepath.Join(folder, "list.age"))
	if err != nil {
		log.Fatal(err)
	}

	format, _, _ := strings.Cut(string(onDisk), "\n")
	fmt.Println(format, strings.Contains(string(onDisk), "first"))
	// Output:
	// first
	// second
	// age-encryption.org/v1 false
}
