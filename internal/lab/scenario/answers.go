package scenario

import (
	"context"
	"fmt"
	"strings"
)

// run executes a command of the program and checks its exit code.
func (p *player) run(ctx context.Context, s Step) error {
	code, output, err := p.stage.Run(ctx, s.Command)
	if err != nil {
		return err
	}
	p.output = output
	if code != s.N {
		return &detailError{fmt.Sprintf("exit code %d", code), output}
	}
	return nil
}

// out checks whether the output of the last run contains a text.
func (p *player) out(s Step) error {
	switch has := strings.Contains(p.output, s.Text); {
	case has && s.Verb == NotOut:
		return &detailError{"it is in the output", p.output}
	case !has && s.Verb == Out:
		return &detailError{"it is not in the output", p.output}
	}
	return nil
}

// upload sends a file on behalf of an authority and checks the code of the answer.
func (p *player) upload(ctx context.Context, s Step) error {
	var err error
	if p.answer, err = p.stage.Upload(ctx, s.Authority, s.file()); err != nil {
		return err
	}
	if p.answer.Code != s.Code {
		return &detailError{"the answer is " + p.answer.Code + ": " + p.answer.Sentence, p.answer.lines()}
	}
	return nil
}

// row checks the answer to a row of the last upload.
func (p *player) row(s Step) error {
	for _, r := range p.answer.Rows {
		if r.Row != s.N {
			continue
		}
		if r.Code != s.Code || !strings.Contains(r.Sentence, s.Text) {
			return fmt.Errorf("the answer to row %d is %s: %s", r.Row, r.Code, r.Sentence)
		}
		return nil
	}
	return &detailError{fmt.Sprintf("there is no answer to row %d", s.N), p.answer.lines()}
}

// lines returns the answers to the rows, one a line.
func (a UploadAnswer) lines() string {
	var b strings.Builder
	for _, r := range a.Rows {
		fmt.Fprintf(&b, "row %d %s %s\n", r.Row, r.Code, r.Sentence)
	}
	return b.String()
}
