package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"

	"golang.org/x/mod/sumdb/note"

	"wardlight/hub/audit"
	"wardlight/hub/witness"
)

// checkpointFiles are the files of the checkpoint folder. Their fields are nil if none is configured.
type checkpointFiles struct {
	chain audit.Checkpoints
	tree  audit.TreeCheckpoints
	key   string // public key of the tree, for witnesses
}

// openCheckpoints opens the checkpoint folder.
func openCheckpoints(s *settings) (files checkpointFiles, err error) {
	if s.checkpoint.folder == "" {
		return files, nil
	}
	private, err := s.file("audit.checkpoint_key_file", s.checkpoint.key)
	if err != nil {
		return files, err
	}
	if err := audit.CheckSigner(string(private)); err != nil {
		return files, s.Reject("audit.checkpoint_key_file", s.checkpoint.key+": "+err.Error(),
			"create one with wardlight-hub audit key")
	}
	chain, err := audit.OpenCheckpointFile(s.checkpoint.folder, string(private))
	if err == nil {
		files.chain = chain
		var tree *audit.TreeFile
		if tree, err = audit.OpenTreeFile(s.checkpoint.folder, string(private)); err == nil {
			files.tree, files.key = tree, tree.LogVerifier().String()
		}
	}
	if err != nil {
		return files, s.Reject(checkpointFolderKey, err.Error(), "the hub does not create this folder, so that "+
			"a missing mount is noticed")
	}
	return files, nil
}

// witnessesKey is the setting of the file of witnesses.
const witnessesKey = "audit.witnesses_file"

// readWitnesses reads the file of witnesses, if there is one. Errors are *config.Error.
func (s *settings) readWitnesses() (all []audit.Witness, err error) {
	if s.checkpoint.witnesses == "" {
		return nil, nil
	}
	text, err := s.file(witnessesKey, s.checkpoint.witnesses)
	if err != nil {
		return nil, err
	}
	read, err := witness.Read(bytes.NewReader(text), http.Client{})
	if err != nil {
		return nil, s.Reject(witnessesKey, s.checkpoint.witnesses+": "+err.Error(),
			"each line is such as: witness NAME KEY https://witness.example/")
	}
	for _, w := range read {
		all = append(all, w)
	}
	return all, nil
}

// readCheckpoints reads the checkpoints in a file and verifies them with the public key.
func readCheckpoints(name, key string) (audit.CheckpointList, error) {
	if name == "" && key == "" {
		return audit.CheckpointList{}, nil
	}
	if name == "" || key == "" {
		return audit.CheckpointList{}, errors.New("--checkpoint and --checkpoint-key go together")
	}

	v, err := checkpointVerifier(key)
	if err != nil {
		return audit.CheckpointList{}, err
	}

	f, err := os.Open(name)
	if err != nil {
		return audit.CheckpointList{}, fmt.Errorf("--checkpoint: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	all, err := audit.ReadCheckpoints(f, v)
	if err != nil {
		return audit.CheckpointList{}, fmt.Errorf("--checkpoint %s: %w", name, err)
	}

	return all, nil
}

func checkpointVerifier(name string) (note.Verifier, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("--checkpoint-key: %w", err)
	}
	v, err := audit.Verifier(string(text))
	if err != nil {
		return nil, fmt.Errorf("--checkpoint-key %s: %w", name, err)
	}
	return v, nil
}
