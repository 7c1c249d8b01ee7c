package demo

import (
	"context"

	"github.com/google/uuid"

	"wardlight/internal/lab/record"
	"wardlight/internal/recordsystem"
)

// recordToken is the token for the demo's record system, which listens on the loopback interface only.
const recordToken = "demo"

// Records starts a synthetic record system and returns a client that sets flags in it. stop ends the system. Flags
// that could not be set are saved in memory.
func (d *Demo) Records(ctx context.Context) (flags *recordsystem.Flags, stop func(), err error) {
	base, stop, err := record.New(recordToken).Listen(ctx)
	if err != nil {
		return nil, nil, err
	}
	system, err := recordsystem.NewSystem(recordsystem.Config{
		BaseURL: base, NewID: uuid.NewString, Agent: "wardlight-lab",
		Token: func(context.Context) ([]byte, error) { return []byte(recordToken), nil },
	})
	if err != nil {
		stop()
		return nil, nil, err
	}
	return recordsystem.NewFlags(system, "the training records", nil, d.options.Clock, uuid.NewString), stop, nil
}
