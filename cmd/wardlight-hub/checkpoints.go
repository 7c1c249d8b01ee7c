package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"

	"wardlight/hub/audit"
)

// checkpointFiles are the files of the checkpoint folder. Their fields are nil if none is configured.
type checkpointFiles struct {
	chain audit.Checkpoints
	tree  audit.TreeCheckpoints
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
		files.tree, err = audit.OpenTreeFile(s.checkpoint.folder, string(private))
	}
	if err != nil {
		return files, s.Reject(checkpointFolderKey, err.Error(), "the hub does not create this folder, so that "+
			"a missing mount is noticed")
	}
	return files, nil
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
